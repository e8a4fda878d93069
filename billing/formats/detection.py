"""A profile proposed from a sample: encoding, delimiter, header and columns; and two compared."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from billing.formats.canonical import Entity, is_amount
from billing.formats.controls import judge
from billing.formats.definition import Profile, headers_of
from billing.formats.drifts import NEAR, likeness
from billing.formats.faults import Fault, FormatRefused, Reject
from billing.formats.grid import refuse_wide
from billing.formats.layout import header_index
from billing.formats.package import Part, head_rows, open_package
from billing.formats.reading import Context, names_beside, read_part
from billing.formats.shipped import shipped_definitions, shipped_profile
from billing.formats.text import Decoder
from billing.formats.totals import Tally
from billing.formats.vocabulary import HeaderBeside
from portal.tabular.values import fold

ENCODINGS = ("utf-8-sig", "utf-16", "cp1252", "iso-8859-1")
DELIMITERS = (";", ",", "\t", "|")
PREVIEW = 50
HEAD = 60
_DAY = r"(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})"
_PERIOD = re.compile(rf"{_DAY}\s*(?:-|–|au|to|à)\s*{_DAY}")
_LETTERS = re.compile(r"[A-Za-zÀ-ÿ]")


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A header of the sample, the canonical field that it most looks like, and how much."""

    header: str
    field: str | None
    likeness: float
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a sample seems to be; a person confirms each line of it."""

    encoding: str
    delimiter: str
    quote: str
    header_line: int
    columns: tuple[ProposedColumn, ...]
    period: tuple[str, str] | None
    nearest_profile: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file gives under one profile: counts, sums, the first rows and rejects by part."""

    counts: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    sums: dict[str, Decimal] = field(default_factory=dict)
    preview: dict[str, pl.DataFrame] = field(default_factory=dict)
    rejects: dict[str, list[Reject]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def detect(sample: bytes, name: str, entity: Entity | None = None) -> Proposal:
    """What the beginning of a file seems to be; raises FormatRefused as ``header_names`` does.

    ``entity``: what its rows are, where it is known; only columns of that kind are proposed.
    """
    encoding, text = _decoded(sample, name)
    lines = text.splitlines()[:HEAD]
    delimiter = max(DELIMITERS, key=lambda mark: _regularity(lines, mark))
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    known = list(_known_headers())
    index = max(range(len(rows)), key=lambda n: _header_score(rows[n], known), default=0)
    names = [cell.strip() for cell in rows[index]] if rows else []
    refuse_wide(len(names), name)
    after = rows[index + 1] if index + 1 < len(rows) else []
    fields = list(_known_headers(entity))
    columns = tuple(
        _proposed(header, after[n].strip() if n < len(after) else "", fields)
        for n, header in enumerate(names)
    )
    period = _PERIOD.search(text[:4_000])
    return Proposal(
        encoding,
        delimiter,
        '"',
        index + 1,
        columns,
        (period[1], period[2]) if period else None,
        _nearest_profile(names),
    )


def try_profile(profile: Profile, path: Path, name: str, context: Context) -> Outcome:
    """A dry run: what a file gives under a profile, and what its controls say of it.

    A refusal is the last of its faults: nothing is judged on what was not read whole.
    """
    outcome, tally = Outcome(), Tally(profile)
    try:
        for part in open_package(path, name, profile).parts:
            code = part.spec.code
            for batch in read_part(part, context):
                tally.add(code, batch)
                outcome.counts[code] = outcome.counts.get(code, 0) + batch.accepted
                outcome.rejected[code] = outcome.rejected.get(code, 0) + batch.rejected
                kept = outcome.rejects.setdefault(code, [])
                kept.extend(batch.rejects[: PREVIEW - len(kept)])
                _add_rows(outcome, code, batch.rows)
    except FormatRefused as error:
        read = [fault for totals in tally.parts.values() for fault in totals.faults]
        outcome.faults.extend([*read, error.fault])
    else:
        outcome.faults.extend(judge(profile, tally))
    return outcome


def header_names(part: Part) -> list[str]:
    """The header that a part of a file has; where its profile does not find it, the likeliest.

    Empty where nothing names the columns. Raises FormatRefused where no encoding reads it, or where
    it has too many.
    """
    header = part.spec.layout.header
    if isinstance(header, HeaderBeside):
        return names_beside(part, header)
    with part.open() as stream:
        rows = head_rows(part.spec, stream, HEAD)
    try:
        index = header_index(part.spec, rows, part.place)
    except FormatRefused:
        known = list(_known_headers())
        index = max(range(len(rows)), key=lambda n: _header_score(rows[n][1], known), default=None)
    if index is None:
        return []
    refuse_wide(len(rows[index][1]), part.place)
    return [cell.strip() for cell in rows[index][1]]


def compare(
    one: Profile, other: Profile, path: Path, name: str, context: Context
) -> tuple[Outcome, Outcome]:
    """What the same file gives under two profiles, or two versions of one."""
    return try_profile(one, path, name, context), try_profile(other, path, name, context)


def _add_rows(outcome: Outcome, code: str, rows: pl.DataFrame) -> None:
    """The first rows, and the sum of each amount as ``part.column``."""
    kept = outcome.preview.get(code, rows.clear())
    if kept.height < PREVIEW:
        outcome.preview[code] = pl.concat([kept, rows.head(PREVIEW - kept.height)])
    for name, kind in rows.schema.items():
        if is_amount(kind):
            key = f"{code}.{name}"
            total = Decimal(rows[name].sum() or 0)
            outcome.sums[key] = outcome.sums.get(key, Decimal(0)) + total


def _decoded(sample: bytes, name: str) -> tuple[str, str]:
    """The first encoding that reads the whole rows of the sample."""
    cut = sample.rfind(b"\n") + 1
    whole = sample[:cut] if cut and not sample.startswith((b"\xff\xfe", b"\xfe\xff")) else sample
    decoder = Decoder(ENCODINGS, name)
    text = decoder.feed(whole, final=whole is not sample).decode()
    return decoder.encoding, text


def _regularity(lines: Sequence[str], mark: str) -> tuple[int, int]:
    """How many lines have the most common number of cells above one, then that number."""
    counts = Counter(len(re.sub(r'"[^"]*"', "", line).split(mark)) for line in lines)
    counts.pop(1, None)
    cells, times = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return times, cells


def _header_score(cells: Sequence[str], known: Sequence[tuple[str, str]]) -> float:
    """How many cells are known headers; filled cells without digits break a tie."""
    headers = {fold(header) for _field, header in known}
    filled = [cell for cell in cells if _LETTERS.search(cell) and not any(map(str.isdigit, cell))]
    return sum(fold(cell) in headers for cell in cells) + len(filled) / 1_000


def _proposed(header: str, sample: str, known: Iterable[tuple[str, str]]) -> ProposedColumn:
    scored = ((likeness(header, told), name) for name, told in known)
    best, name = max(scored, default=(0.0, ""))
    return ProposedColumn(header, name if best >= NEAR else None, round(best, 2), sample[:60])


def _known_headers(entity: Entity | None = None) -> Iterator[tuple[str, str]]:
    """Every field with each header that a shipped profile accepts for it."""
    for code in shipped_definitions():
        for part in shipped_profile(code).parts:
            if entity is not None and part.entity != entity:
                continue
            for column in part.columns:
                for header in column.source.headers if column.source else ():
                    yield column.field, header
            for wide in part.wide:
                yield from ((wide.category.value, header) for header in wide.headers)


def _nearest_profile(names: Sequence[str]) -> str | None:
    """The shipped profile whose headers are most of these."""
    there = set(map(fold, names))
    scored = [
        (len(there & {fold(h) for headers in headers_of(part) for h in headers}), code)
        for code in shipped_definitions()
        for part in shipped_profile(code).parts
    ]
    best = max(scored, default=(0, ""))
    return best[1] if best[0] >= 2 else None
