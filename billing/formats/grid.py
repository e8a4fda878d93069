"""Rows of text cells in columns, with their source lines, whatever the reader of the part."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.definition import Keyed, TextSpec
from billing.formats.faults import refuse
from billing.formats.text import Block, whole_rows
from billing.formats.values import kept
from billing.formats.vocabulary import MAX_CELLS

LINE = "line"
CELLS = "cells"


@dataclass(frozen=True, slots=True)
class Grid:
    """``frame``: text columns c1…cN (null where blank), ``line`` and ``cells``, the number of cells
    of a row that has not N, null elsewhere. ``read``: bytes of the part read so far.
    """

    frame: pl.DataFrame
    read: int


def cell_name(position: int) -> str:
    """The column of a position, counted from 1."""
    return f"c{position}"


def refuse_wide(count: int, place: str) -> None:
    """Raises FormatRefused where a part would have more columns than any profile may tell."""
    if count > MAX_CELLS:
        message = _("Cette partie a %(count)s colonnes ; la limite est de %(limit)s.") % {
            "count": count,
            "limit": MAX_CELLS,
        }
        raise refuse("too_many_columns", place, message)


def delimited_grid(block: Block, spec: TextSpec, width: int) -> Grid:
    """The rows of a block, blank ones left out."""
    quoted = spec.quote is not None and spec.quote.encode() in block.data
    names = [cell_name(position) for position in range(1, width + 2)]
    frame = pl.read_csv(
        block.data,
        has_header=False,
        separator=spec.delimiter,
        quote_char=spec.quote if quoted else None,
        schema=dict.fromkeys(names, pl.String),
        truncate_ragged_lines=True,
    )
    lines = _lines(frame, block, spec, quoted=quoted)
    cells = _ragged(frame, block, spec, width, quoted=quoted)
    frame = frame.drop(names[-1]).with_columns(lines, cells)
    if quoted and (spec.quote or "").encode() * 2 in block.data:
        frame = trimmed(frame)
    return Grid(_without_blank(frame, names[:-1]), block.read)


def fixed_grid(block: Block, length: int) -> Grid:
    """The lines of a block, whole in c1; ``cells`` tells a line that has another length."""
    texts = block.data.decode().removesuffix("\n").split("\n")
    frame = pl.DataFrame({"c1": [text.rstrip("\r") for text in texts]}).with_columns(
        pl.int_range(block.line, block.line + len(texts), dtype=pl.Int64).alias(LINE),
        pl.when(pl.col("c1").str.len_chars() != length)
        .then(pl.col("c1").str.len_chars())
        .alias(CELLS),
    )
    return Grid(frame.filter(pl.col("c1").str.strip_chars() != ""), block.read)


def cells_grid(rows: Sequence[tuple[int, list[str]]], width: int, read: int) -> Grid:
    """Rows already cut into cells (a workbook's), as a grid; filled cells past the width count."""
    columns: dict[str, list[str | None]] = {
        cell_name(p + 1): [(cells[p] or None) if p < len(cells) else None for _line, cells in rows]
        for p in range(width)
    }
    excess = [len(cells) if any(cells[width:]) else None for _line, cells in rows]
    frame = pl.DataFrame(
        {**columns, LINE: [line for line, _cells in rows], CELLS: excess},
        schema={**dict.fromkeys(columns, pl.String), LINE: pl.Int64, CELLS: pl.UInt32},
    )
    return Grid(_without_blank(frame, list(columns)), read)


def keyed_rows(
    lines: Iterable[tuple[int, str]], spec: Keyed, keys: dict[str, None], place: str
) -> Iterator[tuple[int, list[str]]]:
    """Records of « key separator value » lines, as cells in the order of ``keys``.

    ``keys`` grows with each new key, up to the limit of columns; a record's line is its first.
    """
    begun, record = 0, dict[str, str]()
    for line, text in lines:
        key, found, value = (piece.strip() for piece in text.partition(spec.separator))
        starts = not text.strip() or (spec.first is not None and key == spec.first)
        if starts and record:
            yield begun, [record.get(name, "") for name in keys]
            record = {}
        if not found or not key:
            continue
        if key not in keys:
            keys[key] = None
            refuse_wide(len(keys), place)
        begun = begun if record else line
        record[key] = value
    if record:
        yield begun, [record.get(name, "") for name in keys]


def _lines(frame: pl.DataFrame, block: Block, spec: TextSpec, *, quoted: bool) -> pl.Series:
    """Source lines; a quoted cell may hold several."""
    count = frame.height
    if not quoted or block.data.count(b"\n") == count:
        return pl.int_range(block.line, block.line + count, dtype=pl.Int64, eager=True).alias(LINE)
    tall = frame.select(
        pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)).cast(pl.Int64) + 1
    ).to_series()
    if tall.sum() != block.data.count(b"\n"):
        tall = pl.Series([row.count(b"\n") for row in whole_rows(block.data, spec)], dtype=pl.Int64)
    return (tall.cum_sum() - tall + block.line).alias(LINE)


def _ragged(
    frame: pl.DataFrame, block: Block, spec: TextSpec, width: int, *, quoted: bool
) -> pl.Series:
    """The number of cells of each row that has not ``width``; null for all others.

    Where the delimiters are as many as they should be, no row overflows and none can lack a cell
    that another has too many (its last cell would be blank), every row is right.
    """
    mark = spec.delimiter.encode()
    inside = _delimiters_inside(frame, spec) if quoted else None
    held = int(inside.sum()) if inside is not None else 0
    right = (
        block.data.count(mark) - held == (width - 1) * frame.height
        and frame[cell_name(width + 1)].null_count() == frame.height
        and (frame[cell_name(width)].null_count() == 0 or not _ends_with(block.data, mark))
    )
    if right:
        return pl.repeat(None, frame.height, dtype=pl.UInt32, eager=True).alias(CELLS)
    counts = _counted(block, spec, frame.height, inside)
    return kept(counts, counts != width).alias(CELLS)


def _ends_with(data: bytes, mark: bytes) -> bool:
    """Whether any row ends with a delimiter."""
    return mark + b"\n" in data or mark + b"\r\n" in data


def _delimiters_inside(frame: pl.DataFrame, spec: TextSpec) -> pl.Series:
    """How many delimiters the cells of each row hold, between quotes."""
    inside = pl.all().str.count_matches(spec.delimiter, literal=True)
    return frame.select(pl.sum_horizontal(inside)).to_series()


def _counted(block: Block, spec: TextSpec, rows: int, inside: pl.Series | None) -> pl.Series:
    """Cells of each row: its delimiters but those inside; where a row has several lines, cut."""
    if block.data.count(b"\n") != rows:
        text = io.StringIO(block.data.decode(), newline="")
        cut = csv.reader(text, delimiter=spec.delimiter, quotechar=spec.quote, strict=True)
        return pl.Series([max(len(cells), 1) for cells in cut], dtype=pl.UInt32)
    lines = pl.read_csv(
        block.data, has_header=False, separator="\x1f", quote_char=None, schema={"c": pl.String}
    )["c"]
    counts = lines.str.count_matches(spec.delimiter, literal=True).fill_null(0) + 1
    return counts if inside is None else counts - inside


def trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """The grid with every cell trimmed, null where nothing is left."""
    bare = pl.col(r"^c\d+$").str.strip_chars()
    return frame.with_columns(pl.when(bare != "").then(bare).name.keep())


def _without_blank(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Rows with at least one filled cell; looked for only where the first cell can be blank."""
    if not names or frame[names[0]].null_count() == 0:
        return frame
    return frame.filter(pl.any_horizontal(pl.col(names).is_not_null()))
