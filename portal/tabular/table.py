"""A table as it was read: headers, numbered rows of text, the limits of both formats."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

MAX_BYTES = 20_000_000
MAX_COLUMNS = 200
MAX_ROWS = 100_000
MAX_CELLS = 2_000_000
SHOWN = 10


class TableRefused(Exception):
    """The file cannot be read as a table; the message is a French sentence that says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (the first line is 1) and its trimmed texts by header."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: headers in the file's order, rows that are not blank."""

    headers: list[str]
    rows: list[Row]
    header_line: int = 1


def build_table(lines: Iterable[tuple[int, list[str]]]) -> Table:
    """The first row that is not blank is the header; every later one follows it.

    ``lines`` gives numbers and trimmed cells. Raises TableRefused on an empty file, a repeated
    header, or rows longer than the header (a wrong separator, an unquoted comma: X-16).
    """
    headers: list[str] = []
    header_line = 0
    rows: list[Row] = []
    too_long: list[int] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if not headers:
            headers, header_line = _headers(cells), number
            continue
        if len(rows) >= MAX_ROWS:
            raise TableRefused(too_many_rows())
        if any(cells[len(headers) :]) or _under_nothing(headers, cells):
            too_long.append(number)
        rows.append(Row(number, _named(headers, cells)))
    if not headers:
        raise TableRefused(_("Le fichier est vide : il faut une ligne d'en-têtes, puis les rangs."))
    if too_long:
        raise TableRefused(_longer_than_header(too_long))
    return Table([header for header in headers if header], rows, header_line)


def too_many_rows() -> str:
    """The sentence for a file above MAX_ROWS."""
    return _("Le fichier a plus de %(limit)s lignes : séparez-le en plusieurs fichiers.") % {
        "limit": f"{MAX_ROWS:,}".replace(",", "\u00a0")
    }


def too_many_columns() -> str:
    """The sentence for a file above MAX_COLUMNS."""
    return _(
        "Le fichier a plus de %(limit)s colonnes : gardez seulement celles du modèle, et effacez "
        "les cellules remplies loin à droite."
    ) % {"limit": MAX_COLUMNS}


def _headers(cells: list[str]) -> list[str]:
    """The header's cells, without blank ones at the end."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        raise TableRefused(too_many_columns())
    seen: set[str] = set()
    for header in filter(None, cells):
        if header in seen:
            raise TableRefused(
                _("La colonne « %(header)s » apparaît deux fois dans l'en-tête : gardez-en une.")
                % {"header": header[:60]}
            )
        seen.add(header)
    return cells


def _named(headers: list[str], cells: list[str]) -> dict[str, str]:
    """The row's texts by header; cells that the row lacks are empty."""
    named = dict(zip(headers, cells, strict=False))
    if len(cells) < len(headers):
        named.update(dict.fromkeys(headers[len(cells) :], ""))
    named.pop("", None)
    return named


def _under_nothing(headers: list[str], cells: list[str]) -> bool:
    """Whether a cell is filled under a blank header."""
    if all(headers):
        return False
    return any(cell and not header for header, cell in zip(headers, cells, strict=False))


def _longer_than_header(lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        shown += ", …"
    return _(
        "Des cellules remplies n'ont pas d'en-tête, ligne %(lines)s. Vérifiez le séparateur, "
        "mettez entre guillemets un texte ou un montant qui le contient, et nommez chaque colonne."
    ) % {"lines": shown}
