"""Which lines of a part are rows: header, preamble, footer, sections, headings, record types."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.canonical import TEXT
from billing.formats.columns import carried_name
from billing.formats.definition import PartSpec, TextSpec
from billing.formats.drifts import drift, missing_column
from billing.formats.faults import SHOWN, FormatRefused, Reject, refuse
from billing.formats.grid import LINE, cell_name, refuse_wide
from billing.formats.vocabulary import Fact, HeaderAt, HeaderFirst, Layout, RowRule, TotalRow
from portal.tabular.values import fold

HEAD = 200
"""Lines among which a header is looked for."""
LIKE_A_HEADER = 2
"""Known columns that make a row a header of which one was renamed."""

HeadRow = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class SeenTotal:
    """A total row: its line, its rule and what its cell says."""

    line: int
    rule: TotalRow
    text: str


@dataclass(frozen=True, slots=True)
class SortedRows:
    """The data rows of a grid, with the values carried down; its total rows; its rejects."""

    frame: pl.DataFrame
    totals: list[SeenTotal] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def split_cells(row: str, spec: TextSpec) -> list[str]:
    """The trimmed cells of one row of the head; a row that is no such text is one cell."""
    text = row.removesuffix("\n").removesuffix("\r")
    if spec.quote is None:
        return [cell.strip() for cell in text.split(spec.delimiter)]
    reader = csv.reader([text], delimiter=spec.delimiter, quotechar=spec.quote)
    try:
        return [cell.strip() for cell in next(reader, [])]
    except csv.Error:
        return [text]


def header_index(spec: PartSpec, rows: Sequence[HeadRow], place: str) -> int | None:
    """Which of the head's rows is the header; None where the layout has none in the part.

    Raises FormatRefused where it is not found, or has too many columns.
    """
    match spec.layout.header:
        case HeaderAt() as header:
            found = (n for n, (line, _cells) in enumerate(rows) if line == header.number)
            told = _("la ligne %(number)s") % {"number": header.number}
        case HeaderFirst() as header:
            found = (
                n
                for n, (line, cells) in enumerate(rows)
                if line <= header.within and spec.has_words(header.words, cells)
            )
            told = ", ".join(f"« {word} »" for word in header.words)
        case _:
            return None
    index = next(found, None)
    if index is None:
        absent = _renamed_header(spec, rows, place) or _no_header(
            place, told + delimiter_told(spec)
        )
        absent.facts = preamble_facts(spec, rows)
        raise absent
    refuse_wide(len(rows[index][1]), place)
    return index


def delimiter_told(spec: PartSpec) -> str:
    """What follows the words that are looked for: the delimiter expected between them, if any."""
    if spec.reader.kind != "delimited":
        return ""
    mark = _("tabulation") if spec.text.delimiter == "\t" else spec.text.delimiter
    return _(", délimiteur « %(mark)s »") % {"mark": mark}


def headers_by_name(names: Sequence[str]) -> dict[str, str]:
    """The grid's column of each folded header, the first where a header is repeated."""
    found: dict[str, str] = {}
    for position, name in enumerate(names, start=1):
        found.setdefault(fold(name), cell_name(position))
    found.pop("", None)
    return found


def facts_in(facts: Iterable[Fact], lines: Sequence[str]) -> dict[str, str]:
    """The facts told by some lines: for each, the first group of its first match."""
    texts = pl.Series(lines, dtype=TEXT)
    found = {}
    for fact in facts:
        told = texts.str.extract(fact.pattern, 1).drop_nulls()
        if len(told):
            found[fact.name] = told[0].strip()
    return found


def preamble_facts(spec: PartSpec, rows: Sequence[HeadRow]) -> dict[str, str]:
    """The facts told by some rows of the head."""
    facts = [fact for fact in spec.layout.facts if fact.place == "preamble"]
    return facts_in(facts, [" ".join(filter(None, cells)) for _line, cells in rows])


class RowSorter:
    """Sorts the grids of one part, in their order; what is carried down outlives a grid."""

    def __init__(self, layout: Layout, place: str) -> None:
        self.layout = layout
        self.place = place
        self.footer: list[str] = []
        self._is_over = False
        self._is_kept = True
        self._carried: dict[str, str | None] = dict.fromkeys(h.name for h in layout.headings)
        ruled = (layout.footer, layout.records, layout.sections, layout.headings, layout.totals)
        self._is_plain = not any(ruled)

    def sort(self, frame: pl.DataFrame) -> SortedRows:
        """The data rows of one grid."""
        if self._is_plain:
            return SortedRows(frame)
        frame = self._before_footer(frame)
        totals, frame = self._without_totals(frame)
        frame = self._carry(frame)
        frame = self._in_kept_sections(frame)
        rejects, frame = self._known_types(frame)
        return SortedRows(frame, totals, rejects)

    def _before_footer(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.layout.footer is None:
            return frame
        begins = 0 if self._is_over else _matches(frame, self.layout.footer).arg_max()
        if not self._is_over and not _matches(frame, self.layout.footer).any():
            return frame
        self._is_over = True
        rest = frame.slice(begins or 0).select(pl.col(r"^c\d+$"))
        self.footer += [" ".join(filter(None, cells)) for cells in rest.head(HEAD).iter_rows()]
        return frame.head(begins or 0)

    def _without_totals(self, frame: pl.DataFrame) -> tuple[list[SeenTotal], pl.DataFrame]:
        totals: list[SeenTotal] = []
        taken = _nowhere(frame)
        for rule in self.layout.totals:
            here = _matches(frame, rule.rule)
            taken |= here
            if here.any():
                seen = zip(
                    frame[LINE].filter(here), _texts(frame, rule.cell).filter(here), strict=True
                )
                totals += [SeenTotal(line, rule, text or "") for line, text in seen]
        return totals, frame.filter(~taken) if taken.any() else frame

    def _carry(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Heading rows leave the frame, their texts go down to the next ones."""
        taken = _nowhere(frame)
        for heading in self.layout.headings:
            here = _matches(frame, heading.rule)
            text = _texts(frame, heading.cell)
            if heading.pattern:
                text = text.str.extract(heading.pattern, 1)
            told = pl.Series([None], dtype=TEXT).new_from_index(0, frame.height)
            down = text.zip_with(here, told).fill_null(strategy="forward")
            down = down.fill_null(self._carried[heading.name] or "")
            down = down.set(down == "", None)
            frame = frame.with_columns(down.alias(carried_name(heading.name)))
            if frame.height:
                self._carried[heading.name] = down[-1]
            taken |= here
        return frame.filter(~taken) if taken.any() else frame

    def _in_kept_sections(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not self.layout.sections:
            return frame
        opened = pl.Series([None], dtype=pl.Boolean).new_from_index(0, frame.height)
        taken = _nowhere(frame)
        for section in self.layout.sections:
            here = _matches(frame, section.rule)
            taken |= here
            flag = pl.Series([section.is_kept]).new_from_index(0, frame.height)
            opened = flag.zip_with(here, opened)
        kept = opened.fill_null(strategy="forward").fill_null(self._is_kept)
        if frame.height:
            self._is_kept = kept[-1]
        return frame.filter(kept & ~taken)

    def _known_types(self, frame: pl.DataFrame) -> tuple[list[Reject], pl.DataFrame]:
        records = self.layout.records
        if records is None:
            return [], frame
        kind = _texts(frame, records.cell).str.strip_chars().fill_null("")
        kept = kind.is_in(list(records.kept))
        unknown = ~kept & ~kind.is_in(list(records.ignored))
        rejects = [
            Reject(line, "", _("ce type d'enregistrement est inconnu du profil"), text[:SHOWN])
            for line, text in zip(frame[LINE].filter(unknown), kind.filter(unknown), strict=True)
        ]
        return rejects, frame.filter(kept)


def _texts(frame: pl.DataFrame, cell: int) -> pl.Series:
    """The cell of each row; blank where the file is narrower than its profile says."""
    name = cell_name(cell)
    if name in frame.columns:
        return frame[name]
    return pl.Series([""]).new_from_index(0, frame.height)


def _matches(frame: pl.DataFrame, rule: RowRule) -> pl.Series:
    return _texts(frame, rule.cell).str.strip_chars().str.contains(rule.pattern).fill_null(False)


def _nowhere(frame: pl.DataFrame) -> pl.Series:
    return pl.Series([False]).new_from_index(0, frame.height)


def likest_header(spec: PartSpec, rows: Sequence[HeadRow]) -> tuple[HeadRow | None, int]:
    """The first of the rows that hold the most headers of a part, and how many it holds."""
    known = spec.folded_headers
    scored = [(row, sum(bool(h & set(map(fold, row[1]))) for h in known)) for row in rows]
    return max(scored, key=lambda held: held[1], default=(None, 0))


def _renamed_header(spec: PartSpec, rows: Sequence[HeadRow], place: str) -> FormatRefused | None:
    """The row likest to the header, with the required one that it lacks; None for none."""
    likest, held = likest_header(spec, rows)
    if likest is None or held < LIKE_A_HEADER:
        return None
    line, names = likest
    refuse_wide(len(names), place)
    absent = (d for d in drift(spec, names) if d.kind == "absent" and d.is_required)
    found = next(absent, None)
    if found is None:
        return None
    return refuse("missing_column", f"{place}, ligne {line}", missing_column(found))


def _no_header(place: str, told: str) -> FormatRefused:
    return refuse(
        "header",
        place,
        _(
            "L'en-tête est introuvable (%(told)s) : le délimiteur ou l'encodage est peut-être un "
            "autre, ou une colonne a changé de nom. Redemandez le fichier, ou faites une "
            "nouvelle version du profil."
        )
        % {"told": told},
    )
