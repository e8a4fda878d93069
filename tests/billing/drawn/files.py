"""A drawn file: its profile, its rows, and its bytes however they are laid, spoiled or packed."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import xlsxwriter

from tests.billing.drawn.columns import WIDE, Cell, Piece
from tests.billing.drawn.values import CATEGORIES, MARK, Row, written

Line = list[str]
BOM = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}
PAGE = "Page 1 de 1"
GATHERED = 3
"""Rows of the clean file that one subtotal gathers."""
STATEMENT = {
    "account": "Compte",
    "charge_count": "Rangs",
    "new_charges_amount": "Frais",
    "tps_amount": "TPS",
    "total_due_amount": "Dû",
}
"""The columns of an account's totals, with their headers."""


@dataclass
class Sheet:
    """How the rows of one part are laid out; every mark begins with ``#``."""

    reader: str
    encoding: str
    delimiter: str = ","
    quote: str | None = '"'
    end: str = "\n"
    header: str = "row"
    cells: list[Cell] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    pads: int = 0
    preamble: list[Line] = field(default_factory=list)
    told_above: bool = False
    told_below: bool = False
    total_row: bool = False
    subtotals: bool = False
    carried: bool = False
    sections: bool = False
    typed: bool = False
    has_last_end: bool = True
    last_line_ends: bool = False
    widths: list[int] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        return self.reader != "xlsx"


@dataclass
class Case:
    """A profile's definition, the rows that its file holds, and how it is packed."""

    definition: dict[str, Any]
    rows: list[Row]
    pieces: list[Piece]
    sheet: Sheet
    values: dict[str, Any]
    package: str
    has_wide: bool
    has_statement: bool
    entity: str = "charge"
    implied: dict[str, Callable[[Row], object]] = field(default_factory=dict)
    """What the portal adds to a row of itself."""

    def __repr__(self) -> str:
        """The file's lines and the definition: what a counter-example needs."""
        lines = "\n".join(map(repr, self.lines(self.rows)))
        return f"{self.name} ({self.sheet.encoding})\n{lines}\n{json.dumps(self.definition)}"

    @property
    def name(self) -> str:
        """The name of the file that is sent."""
        return {"zip": "frais.zip", "gzip": f"{self.member}.gz"}.get(self.package, self.member)

    @property
    def member(self) -> str:
        """The name of the part in it: the period is told there."""
        ending = "xlsx" if self.sheet.reader == "xlsx" else "csv"
        return f"frais_2026-01-01_2026-01-31.{ending}"

    @property
    def summed(self) -> list[str]:
        """The amounts that the controls sum."""
        amount = "cancellation_fee_amount" if self.entity == "inventory" else "amount"
        return [amount, *(p.field for p in self.pieces if p.field == "tps_amount")]

    @property
    def stated(self) -> dict[str, str]:
        """The columns of the accounts' own totals, with their headers."""
        taxed = len(self.summed) > 1
        return {name: told for name, told in STATEMENT.items() if taxed or name != "tps_amount"}

    def truth(self) -> list[dict[str, object]]:
        """The canonical rows that the file says, in its order."""
        return [charge for row in self.rows for charge in self.charges(row)]

    def charges(self, row: Row) -> list[dict[str, object]]:
        """What one row means: itself, or a charge for each wide amount that is not zero."""
        told = {piece.field: piece.means(row) for piece in self.pieces}
        told |= {name: means(row) for name, means in self.implied.items()}
        if not self.has_wide:
            if self.entity == "charge" and "category" not in told:
                told["category"] = CATEGORIES[str(told["code"])]
            return [told]
        return [
            {"code": None, **told, **wide, "amount": amount}
            for wide, amount in zip(map(_worded, WIDE), row.wide, strict=True)
            if amount
        ]

    def sums(self, rows: Sequence[Row]) -> tuple[int, list[Decimal]]:
        """Charges, and the sum of each of their amounts."""
        charges = [charge for row in rows for charge in self.charges(row)]
        told = [[Decimal(str(c[name] or 0)) for c in charges] for name in self.summed]
        return len(charges), [sum(amounts, Decimal("0.00")) for amounts in told]

    def lines(self, held: Sequence[Row]) -> list[Line]:
        """The file's lines with the rows ``held``; what it tells of them is of the clean rows."""
        sheet = self.sheet
        made = [*sheet.preamble]
        if sheet.told_above:
            made += self._told("Haut")
        if sheet.header in ("row", "containing"):
            made.append(sheet.names)
        made += self._body(held)
        if sheet.total_row:
            made.append(self._total(f"{MARK}TOTAL", self.rows))
        if sheet.told_below:
            made += [[f"{MARK}FIN"], *self._told("Bas"), [PAGE]]
        return made

    def _told(self, place: str) -> list[Line]:
        count, totals = self.sums(self.rows)
        told = zip(("frais", "taxes"), self._written(totals, count), strict=False)
        return [[f"{place} rangs : {count}"], *([f"{place} {what} : {t}"] for what, t in told)]

    def _written(self, totals: Sequence[Decimal], seed: int) -> list[str]:
        return [written(total, self.values, Random(seed)) for total in totals]

    def _body(self, held: Sequence[Row]) -> list[Line]:
        sheet, made = self.sheet, list[Line]()
        account = ""
        if sheet.sections:
            made += [[f"{MARK}Autres"], ["n'importe", "quoi"], [f"{MARK}Frais"]]
        for group in sorted({row.origin // GATHERED for row in self.rows}):
            for row in (row for row in held if row.origin // GATHERED == group):
                if sheet.carried and row.account != account:
                    made.append([f"{MARK}Compte {row.account}"])
                account = row.account
                made.append(self.cells_of(row))
                if sheet.typed and row.seed % 3 == 0:
                    made.append(["X", "de côté"])
            if sheet.subtotals:
                clean = [row for row in self.rows if row.origin // GATHERED == group]
                made.append(self._total(f"{MARK}SOUS-TOTAL", clean))
        return made

    def _total(self, word: str, rows: Sequence[Row]) -> Line:
        count, pad = len(rows), " " * self.sheet.pads
        shown = [f"{told}{pad}" for told in self._written(self.sums(rows)[1], count)]
        made = [word, f"{pad}{count}", *shown]
        return [*made, *[""] * (len(self.sheet.cells) - len(made))]

    def cells_of(self, row: Row) -> Line:
        """A row's texts, padded now and then."""
        rng, pads = Random(row.seed), self.sheet.pads
        texts = [cell.write(row, rng) for cell in self.sheet.cells]
        return [" " * rng.randint(0, pads) + text + " " * rng.randint(0, pads) for text in texts]

    def text(self, held: Sequence[Row]) -> str:
        """The part as text."""
        lines = self.lines(held)
        made = {"delimited": self._delimited, "fixed_width": self._fixed, "keyed": self._keyed}
        shown = self.sheet.end.join(made[self.sheet.reader](lines))
        return shown + self.sheet.end if self.sheet.has_last_end else shown

    def _delimited(self, lines: Sequence[Line]) -> list[str]:
        return [self.sheet.delimiter.join(map(self._quoted, cells)) for cells in lines]

    def _quoted(self, text: str) -> str:
        quote = self.sheet.quote
        if quote and ({self.sheet.delimiter, quote, "\n"} & set(text)):
            return quote + text.replace(quote, quote * 2) + quote
        return text

    def _fixed(self, lines: Sequence[Line]) -> list[str]:
        widths = self.sheet.widths
        return [
            cells[0]
            if cells[0].startswith((MARK, "Bas ", "Page", "n'importe"))
            else "".join(text.ljust(width) for text, width in zip(cells, widths, strict=True))
            for cells in lines
        ]

    def _keyed(self, lines: Sequence[Line]) -> list[str]:
        return [
            text
            for cells in lines
            for text in [*(f"{k} : {v}" for k, v in zip(self.sheet.names, cells, strict=True)), ""]
        ]

    def content(self, held: Sequence[Row]) -> bytes:
        """The part's bytes."""
        if self.sheet.reader == "xlsx":
            return _workbook(self.lines(held))
        encoding = self.sheet.encoding
        plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
        return BOM.get(encoding, b"") + self.text(held).encode(plain)

    def packed(self, content: bytes, beside: str | None = None) -> bytes:
        """The file that is sent, with that content for its part, and its sidecar."""
        if self.package == "none":
            return content
        if self.package == "gzip":
            return gzip.compress(content, mtime=0)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(self.member, content)
            if self.sheet.header == "sidecar":
                archive.writestr("entetes.txt", self.beside() if beside is None else beside)
            if self.has_statement:
                archive.writestr("sommaire.txt", self.statement())
            archive.writestr("lisez-moi.md", "Rien à lire.")
        return buffer.getvalue()

    def beside(self) -> str:
        """The sidecar: a title, then one column a line."""
        return "\r\n".join(["Rapport", *(f"{name}|30" for name in self.sheet.names)])

    def statement(self) -> bytes:
        """The accounts' own totals, in another member."""
        told = [list(self.stated.values())]
        for account in sorted({row.account for row in self.rows}):
            count, totals = self.sums([row for row in self.rows if row.account == account])
            told.append([account, *map(str, (count, *totals, sum(totals)))])
        return "\n".join([*map(";".join, told), ""]).encode()


def _worded(wide: dict[str, Any]) -> dict[str, object]:
    """What a wide column says of each of its charges."""
    return {name: told for name, told in wide.items() if name != "required"}


def _workbook(lines: Sequence[Line]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Frais")
        for row, cells in enumerate(lines):
            for column, text in enumerate(cells):
                if text:
                    sheet.write_string(row, column, text)
    return buffer.getvalue()
