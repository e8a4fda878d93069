"""A sheet's columns declared once: headers matched, cells parsed, every fault told (F-45)."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from portal.tabular.table import Row, Table
from portal.tabular.values import Parser, Unreadable, fold

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Judged = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a file: its line, its column's label (empty for the whole line), the reason."""

    line: int
    column: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """For a JSON field."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: ``label`` is the header written, ``aliases`` others accepted, FR and EN.

    ``required``: its header and each of its cells must be there; otherwise an empty cell, or an
    absent column, gives ``default``. ``example`` fills the template to download.
    """

    name: str
    label: "StrOrPromise"
    parse: Parser
    aliases: tuple[str, ...] = ()
    required: bool = False
    default: Any = None
    example: str = ""

    def headers(self) -> set[str]:
        """Every header accepted, folded."""
        return {fold(word) for word in (str(self.label), self.name, *self.aliases)}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row's typed values by column name, with its line in the file."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SheetRead:
    """What a table says: rows without fault, every fault by line, headers unknown (X-17).

    ``every`` holds the rows at fault too, with the values that could be read: what a later
    judgement needs to tell its own faults in the same breath.
    """

    rows: list[SheetRow]
    faults: list[Fault]
    unknown: list[str]
    every: list[SheetRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SheetSchema:
    """The columns of an import; ``check`` judges a whole row and yields (column name, reason).

    ``unique`` names the columns whose values may not repeat in the file, each by itself.
    """

    columns: tuple[SheetColumn, ...]
    check: Callable[[dict[str, Any]], Judged] | None = None
    unique: tuple[str, ...] = ()

    def label(self, name: str) -> str:
        """The header of a column; empty for the whole line."""
        return next((str(c.label) for c in self.columns if c.name == name), "")

    def read(self, table: Table) -> SheetRead:
        """Every row typed, or its faults; all of them, never only the first.

        A header at fault leaves no row sound.
        """
        places, faults, unknown = self._places(table)
        headed = not faults
        rows: list[SheetRow] = []
        every: list[SheetRow] = []
        seen: dict[str, dict[Any, int]] = {name: {} for name in self.unique}
        for row in table.rows:
            values, found = self._typed(row, places)
            found += self._repeated(row.number, values, seen)
            if self.check is not None and not found:
                found += [
                    Fault(row.number, self.label(name), reason)
                    for name, reason in self.check(values)
                ]
            every.append(SheetRow(row.number, values))
            if headed and not found:
                rows.append(every[-1])
            faults += found
        if not table.rows:
            faults.append(Fault(table.header_line, "", _("Le fichier n'a aucun rang à lire.")))
        return SheetRead(rows, faults, unknown, every)

    def template(self) -> tuple[list[str], list[str]]:
        """Headers and one example row of the file to download."""
        return [str(c.label) for c in self.columns], [c.example for c in self.columns]

    def _places(self, table: Table) -> tuple[dict[str, str], list[Fault], list[str]]:
        """Column name → header of this file; faults for what is absent or given twice."""
        known = {word: column for column in self.columns for word in column.headers()}
        places: dict[str, str] = {}
        faults, unknown = [], []
        for header in table.headers:
            column = known.get(fold(header))
            if column is None:
                unknown.append(header)
            elif column.name in places:
                reason = _("Cette colonne est donnée deux fois : « %(one)s » et « %(other)s ».") % {
                    "one": places[column.name],
                    "other": header,
                }
                faults.append(Fault(table.header_line, str(column.label), reason))
            else:
                places[column.name] = header
        faults += [
            Fault(table.header_line, str(column.label), _("Cette colonne est absente du fichier."))
            for column in self.columns
            if column.required and column.name not in places
        ]
        return places, faults, unknown

    def _typed(self, row: Row, places: dict[str, str]) -> tuple[dict[str, Any], list[Fault]]:
        """One row's values, and the faults of its cells."""
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for column in self.columns:
            header = places.get(column.name)
            cell = row.cells[header] if header is not None else ""
            if not cell:
                values[column.name] = column.default
                if column.required and header is not None:
                    faults.append(
                        Fault(row.number, str(column.label), _("Cette cellule est vide."))
                    )
                continue
            try:
                values[column.name] = column.parse(cell)
            except Unreadable as error:
                faults.append(Fault(row.number, str(column.label), str(error)))
        return values, faults

    def _repeated(
        self, line: int, values: dict[str, Any], seen: dict[str, dict[Any, int]]
    ) -> list[Fault]:
        """Faults of values that an earlier line already holds."""
        faults = []
        for name, lines in seen.items():
            value = values.get(name)
            if value in (None, ""):
                continue
            first = lines.setdefault(value, line)
            if first != line:
                reason = _("« %(value)s » est déjà à la ligne %(line)s.") % {
                    "value": value,
                    "line": first,
                }
                faults.append(Fault(line, self.label(name), reason))
        return faults
