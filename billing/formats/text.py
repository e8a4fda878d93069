"""Bytes to UTF-8 text in blocks of whole rows: strict, bounded, each damage with its line.

A byte that no declared encoding admits, U+FFFD, NUL, a lone carriage return, a quote left open and
an over-long line are refused (X-15, X-16); an encoding is settled by the first byte beyond ASCII.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.formats.definition import TextSpec
from billing.formats.faults import FormatRefused, refuse

BLOCK = 4_000_000
_BINARY = (
    (b"\x89PNG", gettext_lazy("une image PNG")),
    (b"\xff\xd8\xff", gettext_lazy("une image JPEG")),
    (b"GIF8", gettext_lazy("une image GIF")),
    (b"II*\0", gettext_lazy("une image TIFF")),
    (b"MM\0*", gettext_lazy("une image TIFF")),
    (b"%PDF", gettext_lazy("un PDF")),
    (b"\xd0\xcf\x11\xe0", gettext_lazy("un document d'avant 2007 (XLS, DOC)")),
)
"""How files that people take for a provider's begin."""
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f"))
_LOOKED_AT, _MOST_CONTROLS = 4_096, 0.05
"""Of the first bytes, the share of control characters beyond which they are no text."""
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
"""Control characters that only a wrong encoding gives: « œ » of cp1252, read as Latin-1."""
_TWO_ENCODINGS = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows in UTF-8, the last one ended; the line of the first; bytes read so far."""

    data: bytes
    line: int
    read: int


class Decoder:
    """Turns chunks into UTF-8 under the first declared encoding that admits them, strictly."""

    def __init__(self, encodings: Sequence[str], place: str) -> None:
        self.admitted = tuple(encodings)
        self.candidates = list(encodings)
        self.encoding = self.candidates[0]
        self.place = place
        self.read = 0
        self.lines = 1
        self._settled: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: bytes, *, final: bool) -> bytes:
        """The chunk's text in UTF-8; raises FormatRefused with line and byte (from 1)."""
        if self.read == 0:
            self._heed_mark(chunk)
        text = self._decoded(chunk, final=final)
        self.read += len(chunk)
        for damage, told in (
            (b"\0", _("un caractère nul")),
            (b"\xef\xbf\xbd", _("un caractère perdu")),
        ):
            if (at := text.find(damage)) >= 0:
                raise self._damaged(text, at, told)
        if self.encoding == "iso-8859-1" and (found := _C1.search(text)):
            raise self._damaged(text, found.start(), _("un octet que cet encodage n'a pas"))
        self.lines += text.count(b"\n")
        return text

    def _damaged(self, text: bytes, at: int, told: str) -> FormatRefused:
        line = self.lines + text.count(b"\n", 0, at)
        return refuse(
            "damaged_text",
            self._at(line),
            _("La ligne %(line)s contient %(told)s : reprenez le fichier à sa source.")
            % {"line": line, "told": told},
        )

    def _heed_mark(self, chunk: bytes) -> None:
        """A byte order mark decides; without one, UTF-16 is not admitted, nor what is no text."""
        marked = next((name for mark, name in _MARKS if chunk.startswith(mark)), None)
        if marked is None:
            _refuse_binary(chunk, self.place)
        self.candidates = [
            name for name in self.candidates if (name == marked if marked else name != "utf-16")
        ]
        if not self.candidates:
            raise refuse(
                "encoding",
                self._at(1),
                _(
                    "Le fichier est en %(encoding)s, que le profil n'admet pas : redemandez-le en "
                    "%(admitted)s, ou admettez cet encodage dans une nouvelle version du profil."
                )
                % {
                    "encoding": marked or _("un encodage sans marque d'ordre"),
                    "admitted": ", ".join(self.admitted),
                },
            )
        if marked:
            self._settled = codecs.getincrementaldecoder(marked)("strict")
            self.encoding = marked

    def _decoded(self, chunk: bytes, *, final: bool) -> bytes:
        if self._settled:
            try:
                return self._settled.decode(chunk, final).encode()
            except UnicodeDecodeError as error:
                raise self._undecodable(error, chunk) from error
        return chunk if chunk.isascii() else self._settle(chunk, final=final)

    def _settle(self, chunk: bytes, *, final: bool) -> bytes:
        """The first byte beyond ASCII chooses the encoding of the whole file."""
        refused: UnicodeDecodeError | None = None
        for name in self.candidates:
            decoder = codecs.getincrementaldecoder(name)("strict")
            try:
                text = decoder.decode(chunk, final).encode()
            except UnicodeDecodeError as error:
                refused = error
                if name.startswith("utf-8") and _TWO_ENCODINGS.search(chunk):
                    break
                continue
            self._settled, self.encoding = decoder, name
            return text
        assert refused is not None
        raise self._undecodable(refused, chunk) from refused

    def _undecodable(self, error: UnicodeDecodeError, chunk: bytes) -> FormatRefused:
        """``error.object`` is the chunk, with what was left of the one before it in front."""
        before = error.object[: error.start].decode(error.encoding, "ignore")
        line = self.lines + before.count("\n")
        held = len(error.object) - len(chunk)
        return refuse(
            "undecodable",
            self._at(line),
            _(
                "La ligne %(line)s contient un octet illisible (position %(byte)s du fichier) "
                "dans les encodages du profil : demandez le fichier dans un seul encodage."
            )
            % {"line": line, "byte": self.read - held + error.start + 1},
        )

    def _at(self, line: int) -> str:
        return f"{self.place}, ligne {line}"


def _refuse_binary(start: bytes, place: str) -> None:
    """A picture, a PDF, an old workbook: what it is, and what to send instead."""
    told = next((name for mark, name in _BINARY if start.startswith(mark)), None)
    looked = start[:_LOOKED_AT]
    controls = len(looked) - len(looked.translate(None, _CONTROLS))
    if told is None and controls <= len(looked) * _MOST_CONTROLS:
        return
    raise refuse(
        "not_text",
        place,
        _(
            "Ce fichier n'est pas un fichier texte (%(told)s) : déposez le fichier de données que "
            "le prestataire donne (CSV, texte, XLSX ou ZIP)."
        )
        % {"told": told or _("son contenu est binaire")},
    )


def read_blocks(
    stream: BinaryIO, spec: TextSpec, place: str, *, size: int = BLOCK
) -> Iterator[Block]:
    """Blocks of about ``size`` bytes that end on a line end outside quotes; blank files give none.

    Raises FormatRefused, whose place is ``place`` and the line.
    """
    decoder = Decoder(spec.encodings, place)
    rest, line, final = b"", 1, False
    while not final:
        chunk = stream.read(size)
        final = not chunk
        data = rest + decoder.feed(chunk, final=final)
        is_cut = final and bool(data) and not data.endswith(b"\n")
        if is_cut:
            data += b"\r\n" if spec.line_end == "crlf" and not data.endswith(b"\r") else b"\n"
        end = _rows_end(data, spec)
        block, rest = data[:end], data[end:]
        _refuse_lines(block, spec, place, line)
        if block:
            yield Block(block, line, decoder.read)
        line += block.count(b"\n")
        if len(rest) > spec.max_row or (final and rest):
            raise _broken_row(rest, spec, place, line)
        if is_cut and spec.last_line_ends:
            raise _cut(place, line - 1)


def whole_rows(data: bytes, spec: TextSpec) -> Iterator[bytes]:
    """Each whole row of the data, with its line end."""
    pattern, at = row_pattern(spec), 0
    while match := pattern.match(data, at):
        yield match[0]
        at = match.end()


@cache
def row_pattern(spec: TextSpec) -> re.Pattern[bytes]:
    """One whole row with its line end; never backtracks."""
    return re.compile(_row(spec))


@cache
def _rows_pattern(spec: TextSpec) -> re.Pattern[bytes]:
    return re.compile(b"(?:" + _row(spec) + b")*+")


def _row(spec: TextSpec) -> bytes:
    if spec.quote is None:
        return rb"[^\n]*+\n"
    mark, quote = re.escape(spec.delimiter.encode()), spec.quote.encode()
    cell = rb"(?:Q[^Q]*+(?:QQ[^Q]*+)*+Q|[^QD\n]*+)".replace(b"Q", quote).replace(b"D", mark)
    return cell + b"(?:" + mark + cell + b")*+\\r?\\n"


def _rows_end(data: bytes, spec: TextSpec) -> int:
    """Where the last whole row ends."""
    if spec.quote is None or spec.quote.encode() not in data:
        return data.rfind(b"\n") + 1
    match = _rows_pattern(spec).match(data)
    return match.end() if match else 0


def _refuse_lines(block: bytes, spec: TextSpec, place: str, line: int) -> None:
    """Line ends are those declared and no line is too long."""
    returns = block.count(b"\r")
    pairs = block.count(b"\r\n") if returns else 0
    lone = returns != pairs
    if lone or (spec.line_end == "lf" and returns):
        at = re.search(rb"\r(?!\n)" if lone else rb"\r", block)
        raise _wrong_end(place, line + block.count(b"\n", 0, at.start() if at else 0))
    if spec.line_end == "crlf" and pairs != block.count(b"\n"):
        at = re.search(rb"(?<!\r)\n", block)
        raise _wrong_end(place, line + block.count(b"\n", 0, at.start() if at else 0))
    start = 0
    while start < len(block):
        end = block.rfind(b"\n", start, start + spec.max_row + 2)
        if end < 0:
            raise _too_long(spec, place, line + block.count(b"\n", 0, start))
        start = end + 1


def _broken_row(rest: bytes, spec: TextSpec, place: str, line: int) -> FormatRefused:
    """Why what is left is not a row: no line end, or a quote."""
    if b"\n" not in rest and b"\r" in rest:
        return _wrong_end(place, line)
    if spec.quote is None or spec.quote.encode() not in rest[: spec.max_row]:
        return _too_long(spec, place, line)
    return refuse(
        "quote",
        f"{place}, ligne {line}",
        _(
            "Le rang qui commence à la ligne %(line)s a un guillemet jamais fermé, ou au milieu "
            "d'une cellule : vérifiez le délimiteur et le guillemet du profil."
        )
        % {"line": line},
    )


def _cut(place: str, line: int) -> FormatRefused:
    return refuse(
        "cut",
        f"{place}, ligne {line}",
        _(
            "La ligne %(line)s, la dernière, n'est pas terminée : le fichier semble coupé. Déposez "
            "le fichier entier. Si le prestataire ne termine jamais cette ligne, ITQ l'indique "
            "dans une nouvelle version du profil (last_line_ends)."
        )
        % {"line": line},
    )


def _wrong_end(place: str, line: int) -> FormatRefused:
    return refuse(
        "line_end",
        f"{place}, ligne {line}",
        _("La ligne %(line)s ne finit pas comme le profil le déclare (retour de chariot).")
        % {"line": line},
    )


def _too_long(spec: TextSpec, place: str, line: int) -> FormatRefused:
    return refuse(
        "long_line",
        f"{place}, ligne {line}",
        _("La ligne %(line)s dépasse %(limit)s octets : vérifiez le fichier et son profil.")
        % {"line": line, "limit": spec.max_row},
    )
