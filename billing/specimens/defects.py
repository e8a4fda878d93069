"""One seeded corruption of a clean text file, of kinds that an import must never let through."""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

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
    """Where things are in a text: delimiter, header line, the cells (from 0) of a required column,
    of an amount that is summed and of the account.
    """

    delimiter: bytes
    header: int
    required: int
    amount: int
    account: int = 0


SHAPES = {
    "rogers_usage_breakdown": Shape(b";", 3, 3, 10),
    "rogers_charges_breakdown": Shape(b";", 3, 9, 9),
    "rogers_current_charges": Shape(b";", 3, 3, 3),
    "telus_iq_invoice": Shape(b",", 3, 4, 4),
    "telus_text_bill": Shape(b",", 0, 10, 10),
}
"""Layouts that the defects know; in a ZIP, of its first member."""


def spoil(path: Path, profile: str, defect: Defect, seed: int) -> None:
    """Spoil a clean file of a shipped layout in place; the place depends on the seed."""
    shape = SHAPES[profile]
    if not zipfile.is_zipfile(path):
        path.write_bytes(spoiled(path.read_bytes(), shape, defect, seed))
        return
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    first = next(iter(members))
    members[first] = spoiled(members[first], shape, defect, seed)
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


def _spoiled_line(line: bytes, shape: Shape, defect: Defect, draw: random.Random) -> bytes:
    match defect:
        case Defect.DROPPED_ROW:
            return b""
        case Defect.DOUBLED_ROW:
            return line * 2
        case Defect.CHANGED_AMOUNT:
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
