"""CSV text to rows: strict encodings, the separator found, damage refused with its line (X-15)."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.exports import FORMULA_STARTS
from portal.tabular.table import TableRefused

MAX_LINE = 100_000
DELIMITERS = ";\t,"
_TWO_ENCODINGS = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]")
_QUOTED = re.compile(r'"[^"]*"')


def read_delimited(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number and trimmed cells of each row; raises TableRefused with the line at fault."""
    text = decode(content)
    _refuse_damage(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    begun = 1
    try:
        for cells in reader:
            yield begun, [clean(cell) for cell in cells]
            begun = reader.line_num + 1
    except csv.Error as error:
        raise TableRefused(_csv_fault(begun, error)) from error


def decode(content: bytes) -> str:
    """The text in its encoding: a mark decides, then UTF-8, then CP1252, all strict (X-15)."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if _TWO_ENCODINGS.search(content):
            line = content.count(b"\n", 0, error.start) + 1
            raise TableRefused(
                _(
                    "Le fichier mêle deux encodages (ligne %(line)s) : ouvrez-le dans un tableur "
                    "et enregistrez-le de nouveau au format « CSV UTF-8 »."
                )
                % {"line": line}
            ) from error
        return _decoded(content, "cp1252")


def delimiter_of(text: str) -> str:
    """The separator most frequent in the header, outside quotes; a semicolon when there is none."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


def clean(text: str) -> str:
    """A cell's text trimmed, without the quote that our own exports put before a formula (X-20)."""
    text = text.strip().strip("\ufeff\u200b")
    if text.startswith("'") and text[1:].startswith(FORMULA_STARTS):
        return text[1:]
    return text


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableRefused(
            _(
                "La ligne %(line)s contient un octet illisible (position %(byte)s du fichier) : "
                "enregistrez le fichier au format « CSV UTF-8 »."
            )
            % {"line": line, "byte": error.start + 1}
        ) from error


def _refuse_damage(text: str) -> None:
    """NUL, a lost character, carriage returns alone, a line too long: each with its line."""
    for character, reason in (
        ("\0", _("un caractère nul : ce n'est pas un fichier CSV, ou il est abîmé")),
        ("\ufffd", _("un caractère perdu (�) : reprenez le fichier à sa source")),
    ):
        position = text.find(character)
        if position >= 0:
            line = text.count("\n", 0, position) + 1
            raise TableRefused(
                _("La ligne %(line)s contient %(reason)s.") % {"line": line, "reason": reason}
            )
    if "\r" in text and "\n" not in text:
        raise TableRefused(
            _(
                "À la ligne 1, les fins de ligne sont celles d'un ancien Macintosh : enregistrez "
                "le fichier au format « CSV UTF-8 »."
            )
        )
    for number, told in enumerate(text.split("\n"), start=1):
        if len(told) > MAX_LINE:
            raise TableRefused(
                _("La ligne %(line)s est trop longue (plus de %(limit)s caractères).")
                % {"line": number, "limit": MAX_LINE}
            )


def _csv_fault(line: int, error: csv.Error) -> str:
    """What the csv module found, said with the line where the row began."""
    told = str(error)
    if "unexpected end of data" in told or "field larger" in told:
        reason = _("un guillemet est ouvert et jamais fermé")
    elif "expected after" in told:
        reason = _('un guillemet se trouve au milieu d\'une cellule ; doublez-le ("")')
    else:
        reason = _("la ligne n'est pas un rang CSV")
    return _("La ligne %(line)s est illisible : %(reason)s.") % {"line": line, "reason": reason}
