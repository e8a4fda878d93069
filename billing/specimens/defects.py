"""One seeded corruption of a clean text file, of kinds that an import must never let through."""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import xlsxwriter

from portal.tabular.workbook import read_workbook

Change = Callable[[str], str | None]


class Defect(StrEnum):
    """What goes wrong with a file between a provider and a member."""

    CUT = "cut"
    DROPPED_ROW = "dropped_row"
    DOUBLED_ROW = "doubled_row"
    CHANGED_AMOUNT = "changed_amount"
    BAD_BYTE = "bad_byte"
    WRONG_DELIMITER = "wrong_delimiter"
    MISSING_COLUMN = "missing_column"
    FOREIGN_ACCOUNT = "foreign_account"


FOREIGN = "999999999"
"""An account that no clean file holds."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where things are in a text: delimiter, header line (-1: none), the cells (from 0) of a
    required column, of an amount if any and of the account; how its member's name begins in a ZIP.
    """

    delimiter: bytes
    header: int
    required: int
    amount: int | None
    account: int = 0
    member: str = ""
    is_book: bool = False


SHAPES = {
    "rogers_usage_breakdown": Shape(b";", 3, 3, 10),
    "rogers_charges_breakdown": Shape(b";", 3, 9, 9),
    "rogers_current_charges": Shape(b";", 3, 3, 3),
    "telus_iq_invoice": Shape(b",", 3, 4, 4),
    "telus_text_bill": Shape(b",", 0, 10, 10, member="individual_detail"),
    "rogers_wireless_zip": Shape(b",", -1, 7, 7, member="Wireless"),
    "telus_inventory": Shape(b";", 0, 1, None, is_book=True),
    "rogers_eligibility": Shape(b",", 0, 1, 10),
}
"""Every shipped layout; of a package, the part whose totals are told."""

MEMBERS = {
    ("telus_text_bill", "group_summary"): Shape(b",", 0, 9, 9, member="group_summary"),
    ("telus_text_bill", "airtime_detail"): Shape(b",", 0, 10, 10, member="airtime_detail"),
}
"""The other parts of packages."""


def spoil(path: Path, profile: str, defect: Defect, seed: int, part: str = "") -> None:
    """Spoil a clean file of a shipped layout in place; the place depends on the seed.

    ``part``: of a package, which one of ``MEMBERS`` is spoiled.
    """
    shape = MEMBERS[profile, part] if part else SHAPES[profile]
    if shape.is_book:
        _spoil_book(path, shape, defect, seed)
        return
    if not zipfile.is_zipfile(path):
        path.write_bytes(spoiled(path.read_bytes(), shape, defect, seed))
        return
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = next(name for name in members if name.startswith(shape.member))
    members[name] = spoiled(members[name], shape, defect, seed)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def spoiled(data: bytes, shape: Shape, defect: Defect, seed: int) -> bytes:
    """The data with one defect, somewhere in its rows."""
    draw = random.Random(seed)
    lines = data.splitlines(keepends=True)
    rows = [n for n, line in enumerate(lines) if n > shape.header and not line.startswith(b"Total")]
    at = draw.choice(rows)
    match defect:
        case Defect.CUT:
            start = sum(map(len, lines[: shape.header + 1]))
            return data[: draw.randrange(start, len(data) - 1)]
        case Defect.WRONG_DELIMITER:
            return data.replace(shape.delimiter, b"|")
        case Defect.MISSING_COLUMN:
            return b"".join(
                _recut(line, shape, shape.required, lambda _cell: None) for line in lines
            )
    lines[at] = _spoiled_line(lines[at], shape, defect, draw)
    return b"".join(lines)


def _spoil_book(path: Path, shape: Shape, defect: Defect, seed: int) -> None:
    """A workbook: its bytes where they are damaged, else its cells written again."""
    data, draw = path.read_bytes(), random.Random(seed)
    at = draw.randrange(1, len(data) - 1)
    if defect in (Defect.CUT, Defect.BAD_BYTE):
        path.write_bytes(data[:at] if defect == Defect.CUT else data[:at] + b"\x81" + data[at:])
        return
    mark = shape.delimiter.decode()
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=mark, lineterminator="\n").writerows(
        cells for _line, cells in read_workbook(data)
    )
    told = spoiled(written.getvalue().encode(), shape, defect, seed).decode()
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Inventory")
        for row, cells in enumerate(csv.reader(io.StringIO(told), delimiter=mark)):
            sheet.write_row(row, 0, cells)


def _spoiled_line(line: bytes, shape: Shape, defect: Defect, draw: random.Random) -> bytes:
    match defect:
        case Defect.DROPPED_ROW:
            return b""
        case Defect.DOUBLED_ROW:
            return line * 2
        case Defect.CHANGED_AMOUNT if shape.amount is not None:
            return _recut(line, shape, shape.amount, _one_more)
        case Defect.FOREIGN_ACCOUNT:
            return _recut(line, shape, shape.account, lambda _cell: FOREIGN)
    place = draw.randrange(1, len(line) - 1)
    return line[:place] + b"\x81" + line[place:]


def _recut(line: bytes, shape: Shape, place: int, change: Change) -> bytes:
    """The line with one cell changed (None: taken out); Latin-1 carries any byte through."""
    mark = shape.delimiter.decode()
    cells = next(csv.reader([line.decode("latin-1").rstrip("\r\n")], delimiter=mark))
    if place >= len(cells):
        return line
    cells[place : place + 1] = [told for told in [change(cells[place])] if told is not None]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=mark, lineterminator="\n").writerow(cells)
    return written.getvalue().encode("latin-1")


def _one_more(amount: str) -> str:
    """The amount with its last digit changed."""
    return amount[:-1] + str((int(amount[-1]) + 1) % 10)
