"""A part read from its first byte to its last: batches of canonical rows, rejects, facts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import BinaryIO

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.canonical import COLUMNS, INTEGER
from billing.formats.columns import Places
from billing.formats.definition import FixedWidth, Keyed, PartSpec, headers_of
from billing.formats.drifts import drift, missing_column
from billing.formats.faults import Fault, FormatRefused, Reject, refuse
from billing.formats.grid import (
    LINE,
    Grid,
    cells_grid,
    delimited_grid,
    fixed_grid,
    keyed_rows,
    refuse_wide,
)
from billing.formats.layout import (
    HEAD,
    HeadRow,
    RowSorter,
    facts_in,
    header_index,
    headers_by_name,
    preamble_facts,
    split_cells,
)
from billing.formats.package import Part, workbook_rows
from billing.formats.rows import Plan
from billing.formats.text import BLOCK, Block, read_blocks, whole_rows
from billing.formats.total_rows import TotalChecks
from billing.formats.vocabulary import MAX_CELLS, HeaderBeside, NoHeader
from portal.tabular.values import fold

ROWS = 50_000
"""Rows of one batch of the readers that cut rows in Python."""


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs beside the profile: the key of the called numbers' hash (32 bytes at
    most), and the size of a block in bytes.
    """

    hash_key: bytes
    block: int = BLOCK


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a part, in order.

    ``rows``: the canonical columns of the entity, ``line``, and ``raw`` where unknown columns are
    kept. ``accepted`` and ``rejected`` count source rows; ``rejects`` tells the first ones.
    ``facts``, ``faults``: told or found since the last batch. ``read``: bytes read so far.
    ``place``: how faults name the part.
    """

    rows: pl.DataFrame
    accepted: int
    rejected: int
    rejects: list[Reject]
    read: int
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Opening:
    """What the beginning of a part tells: header names, width in cells, facts, its grids."""

    names: Sequence[str]
    width: int
    facts: dict[str, str]
    grids: Iterator[Grid]
    faults: list[Fault] = field(default_factory=list)


def read_part(part: Part, context: Context) -> Iterator[Batch]:
    """Batches of a part, the last one with what its end tells; memory holds one block at a time.

    Raises FormatRefused: text damaged, header or required column absent, another file of the part.
    """
    if part.unread:
        raise FormatRefused(part.unread)
    facts = _known_facts(part)
    try:
        with part.open() as stream:
            opening = _READERS[part.spec.reader.kind](part, stream, context)
            facts |= opening.facts
            yield from _batches(part, opening, facts, context)
    except FormatRefused as error:
        error.facts = {**facts, **error.facts}
        raise


def _batches(
    part: Part, opening: _Opening, facts: dict[str, str], context: Context
) -> Iterator[Batch]:
    spec = part.spec
    faults = [*opening.faults, *_header_faults(spec, opening.names, part.place)]
    plan = _plan(spec, opening, facts, context)
    sorter, checks = RowSorter(spec.layout, part.place), TotalChecks(spec, part.place)
    read, rows = 0, pl.DataFrame(schema={**COLUMNS[spec.entity], LINE: INTEGER})
    for grid in opening.grids:
        batch = _batch(grid, plan, sorter, checks)
        read, rows = batch.read, batch.rows.clear()
        yield replace(batch, facts=facts, faults=[*faults, *batch.faults])
        facts, faults = {}, []
    told = facts_in([f for f in spec.layout.facts if f.place == "footer"], sorter.footer)
    ends = [*faults, *checks.absent(), *_absent_facts(spec, told, part.place)]
    yield Batch(rows, 0, 0, [], read, {**facts, **told}, ends, part.place)


def _batch(grid: Grid, plan: Plan, sorter: RowSorter, checks: TotalChecks) -> Batch:
    data = sorter.sort(grid.frame)
    canonical = plan.apply(data.frame)
    faults = checks.check(data, canonical.frame)
    return Batch(
        canonical.frame,
        canonical.accepted,
        canonical.rejected + len(data.rejects),
        [*data.rejects, *canonical.rejects],
        grid.read,
        faults=faults,
        place=checks.place,
    )


def _plan(spec: PartSpec, opening: _Opening, facts: dict[str, str], context: Context) -> Plan:
    headers = headers_by_name(opening.names)
    plan = Plan(spec, Places(headers, facts), opening.width, context.hash_key)
    if spec.unknown_columns == "keep":
        known = {fold(h) for group in headers_of(spec) for h in group}
        known |= set(map(fold, spec.unread_columns))
        plan.keep_raw({h: cell for h, cell in headers.items() if h not in known})
    return plan


def _header_faults(spec: PartSpec, names: Sequence[str], place: str) -> list[Fault]:
    """Unknown columns told, or refused with a required column that is absent."""
    if not names:
        return []
    told = []
    for found in drift(spec, names):
        if found.kind == "absent" and found.is_required:
            raise refuse("missing_column", place, missing_column(found))
        if found.kind == "added":
            blocks = spec.unknown_columns == "reject"
            message = _("La colonne « %(name)s » est inconnue du profil.") % {"name": found.header}
            if blocks:
                raise refuse("unknown_column", place, message)
            told.append(Fault("unknown_column", place, message, is_blocking=False))
    return told


def _known_facts(part: Part) -> dict[str, str]:
    """What the name and the sidecar tell."""
    facts = part.spec.layout.facts
    named = facts_in([f for f in facts if f.place == "name"], [part.member.name])
    beside = (part.sidecar or "").splitlines()
    return {**named, **facts_in([f for f in facts if f.place == "sidecar"], beside)}


def _absent_facts(spec: PartSpec, told: dict[str, str], place: str) -> list[Fault]:
    """Facts of the footer that it should have told."""
    return [
        Fault("missing_fact", place, _("La fin du fichier ne dit pas « %s ».") % fact.name)
        for fact in spec.layout.facts
        if fact.place == "footer" and fact.required and fact.name not in told
    ]


def _open_delimited(part: Part, stream: BinaryIO, context: Context) -> _Opening:
    spec = part.spec
    blocks = read_blocks(stream, spec.text, part.place, size=context.block)
    first = next(blocks, None)
    if first is None:
        raise refuse("empty", part.place, _("Le fichier est vide."))
    rows, ends = _head(first, spec)
    index = header_index(spec, rows, part.place)
    if index is None:
        return _headless(part, rows, chain([first], blocks))
    names = rows[index][1]
    rest = Block(first.data[ends[index] :], _line_after(first, ends[index]), first.read)
    data = chain([rest] if rest.data else [], blocks)
    grids = (delimited_grid(block, spec.text, len(names)) for block in data)
    return _Opening(names, len(names), _preamble(spec, rows[:index], part.place), grids)


def _head(block: Block, spec: PartSpec) -> tuple[list[HeadRow], list[int]]:
    """The first rows of a block, and where each ends in bytes."""
    rows: list[HeadRow] = []
    ends, line, end = [], block.line, 0
    for row in islice(whole_rows(block.data, spec.text), HEAD):
        rows.append((line, split_cells(row.decode(), spec.text)))
        line, end = line + row.count(b"\n"), end + len(row)
        ends.append(end)
    return rows, ends


def _line_after(block: Block, end: int) -> int:
    return block.line + block.data.count(b"\n", 0, end)


def _headless(part: Part, rows: Sequence[HeadRow], blocks: Iterator[Block]) -> _Opening:
    """A part whose columns are named beside it, or known by position."""
    spec, header = part.spec, part.spec.layout.header
    if isinstance(header, NoHeader):
        grids = (delimited_grid(block, spec.text, header.cells) for block in blocks)
        return _Opening([], header.cells, {}, grids)
    assert isinstance(header, HeaderBeside)
    names = names_beside(part, header)
    refuse_wide(len(names), part.place)
    width = _width(_data_rows(part, rows, len(names)) or rows, len(names))
    refuse_wide(width, part.place)
    faults = []
    if width != len(names):
        message = _("L'en-tête annonce %(told)s colonnes, les rangs en ont %(read)s.") % {
            "told": len(names),
            "read": width,
        }
        if header.on_mismatch == "refuse":
            raise refuse("column_count", part.place, message)
        faults = [Fault("column_count", part.place, message, is_blocking=False)]
    grids = (delimited_grid(block, spec.text, width) for block in blocks)
    return _Opening(names[:width], width, {}, grids, faults)


def _data_rows(part: Part, rows: Sequence[HeadRow], told: int) -> list[HeadRow]:
    """The rows of the head that its layout neither sets aside nor takes for a total."""
    widest = min(max([told, *(len(cells) for _line, cells in rows)]), MAX_CELLS)
    grid = cells_grid(rows, widest, 0)
    kept = set(RowSorter(part.spec.layout, part.place).sort(grid.frame).frame[LINE])
    return [row for row in rows if row[0] in kept]


def _width(rows: Sequence[HeadRow], told: int) -> int:
    """The cells that most rows have; a line of one is a title. Of as many, what the header says."""
    counts = Counter(len(cells) for _line, cells in rows if any(cells))
    several = [count for count in counts if count > 1] or list(counts)
    return max(several, key=lambda count: (counts[count], count == told), default=told)


def names_beside(part: Part, header: HeaderBeside) -> list[str]:
    """The column names that a part's sidecar tells, one a line."""
    lines = pl.Series((part.sidecar or "").splitlines(), dtype=pl.String)
    return [name.strip() for name in lines.str.extract(header.name, 1).drop_nulls()]


def _open_fixed(part: Part, stream: BinaryIO, context: Context) -> _Opening:
    reader = part.spec.reader
    assert isinstance(reader, FixedWidth)
    text = part.spec.text.model_copy(update={"quote": None})
    blocks = read_blocks(stream, text, part.place, size=context.block)
    return _Opening([], reader.length, {}, (fixed_grid(b, reader.length) for b in blocks))


def _open_workbook(part: Part, stream: BinaryIO, context: Context) -> _Opening:
    rows = workbook_rows(stream, part.place)
    head = list(islice(rows, HEAD))
    index = header_index(part.spec, head, part.place)
    header = part.spec.layout.header
    if index is None:
        width = header.cells if isinstance(header, NoHeader) else len(head[0][1])
        refuse_wide(width, part.place)
        return _Opening([], width, {}, _cell_grids(chain(head, rows), width))
    names = head[index][1]
    facts = _preamble(part.spec, head[:index], part.place)
    return _Opening(
        names, len(names), facts, _cell_grids(chain(head[index + 1 :], rows), len(names))
    )


def _open_keyed(part: Part, stream: BinaryIO, context: Context) -> _Opening:
    """Keys are only all known at the end: the records are read whole."""
    reader = part.spec.reader
    assert isinstance(reader, Keyed)
    text = part.spec.text.model_copy(update={"quote": None})
    keys: dict[str, None] = {}
    lines = _lines(read_blocks(stream, text, part.place))
    records = list(keyed_rows(lines, reader, keys, part.place))
    return _Opening(list(keys), len(keys), {}, _cell_grids(iter(records), len(keys)))


def _lines(blocks: Iterator[Block]) -> Iterator[tuple[int, str]]:
    for block in blocks:
        lines = block.data.decode().removesuffix("\n").split("\n")  # no other mark ends a line
        yield from enumerate(lines, start=block.line)


def _cell_grids(rows: Iterator[HeadRow], width: int) -> Iterator[Grid]:
    read = 0
    while chunk := list(islice(rows, ROWS)):
        read += sum(len(cell) for _line, cells in chunk for cell in cells)
        yield cells_grid(chunk, width, read)


def _preamble(spec: PartSpec, rows: Sequence[HeadRow], place: str) -> dict[str, str]:
    told = preamble_facts(spec, rows)
    for fact in spec.layout.facts:
        if fact.place == "preamble" and fact.required and fact.name not in told:
            message = _("Le haut du fichier ne dit pas « %(name)s ».") % {"name": fact.name}
            raise refuse("missing_fact", place, message)
    return told


_READERS = {
    "delimited": _open_delimited,
    "fixed_width": _open_fixed,
    "xlsx": _open_workbook,
    "keyed": _open_keyed,
}
