"""The words of a format profile below the part: sources, transforms, columns, values, layout."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

import polars as pl
from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from billing.formats.canonical import Category

MAX_CELLS = 400
ENCODINGS = Literal["utf-8-sig", "utf-8", "cp1252", "iso-8859-1", "utf-16"]


def _compiles(pattern: str) -> str:
    """A pattern of the linear-time engine that reads rows: no look-around."""
    try:
        pl.Series([""]).str.contains(pattern, strict=True)
    except pl.exceptions.ComputeError as error:
        raise ValueError(_("ce motif n'est pas une expression régulière admise")) from error
    return pattern


def _strptime(pattern: str) -> str:
    if "%" not in pattern:
        raise ValueError(_("ce motif de date n'a aucun repère (%Y, %m, %d…)"))
    return pattern


Pattern = Annotated[str, StringConstraints(max_length=500), AfterValidator(_compiles)]
DatePattern = Annotated[str, StringConstraints(max_length=60), AfterValidator(_strptime)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Words = Annotated[tuple[str, ...], Field(min_length=1)]
Position = Annotated[int, Field(ge=1, le=MAX_CELLS)]


class Item(BaseModel):
    """What every word of a profile shares: nothing unknown is accepted, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Item):
    """Where a text is taken from: exactly one of headers, a position (from 1), a slice, a fact,
    or the value carried down by a heading row.
    """

    headers: tuple[str, ...] = ()
    position: Position | None = None
    start: Annotated[int, Field(ge=1)] | None = None
    width: Annotated[int, Field(ge=1)] | None = None
    fact: Code | None = None
    carried: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [bool(self.headers), *(v is not None for v in (self.position, self.start))]
        given += [self.fact is not None, self.carried is not None]
        if sum(given) != 1 or (self.start is None) != (self.width is None):
            raise ValueError(
                _("donnez une seule source : headers, position, start et width, fact ou carried")
            )
        return self


class Trim(Item):
    """Takes these characters off both ends; white space always goes."""

    kind: Literal["trim"]
    characters: Annotated[str, Field(min_length=1)]


class DigitsOnly(Item):
    """Keeps the digits."""

    kind: Literal["digits_only"]


class MapTo(Item):
    """Replaces known words (accents and case ignored); another word is a reject, or ``other``."""

    kind: Literal["map"]
    words: dict[str, str]
    other: str | None = None


class RegexExtract(Item):
    """Keeps the first group of a pattern; a text without it is a reject."""

    kind: Literal["regex_extract"]
    pattern: Pattern


class Split(Item):
    """Keeps one piece (from 1) of a text cut at a separator; nothing where there is none."""

    kind: Literal["split"]
    separator: Annotated[str, Field(min_length=1)]
    piece: Position


class Concat(Item):
    """Joins the text with others, blank ones left out."""

    kind: Literal["concat"]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    separator: str = " "


class Constant(Item):
    """The same text on every row."""

    kind: Literal["constant"]
    text: str


class Default(Item):
    """Fills a blank cell."""

    kind: Literal["default"]
    text: str


class SignIf(Item):
    """Turns the sign of the amount where a source (the cell itself by default) has a pattern."""

    kind: Literal["sign_if"]
    pattern: Pattern
    source: Source | None = None


class Multiply(Item):
    """Multiplies a number exactly; a product with too many decimals is a reject."""

    kind: Literal["multiply"]
    factor: Annotated[Decimal, Field(max_digits=12, decimal_places=6)]


class DateAdd(Item):
    """Moves a date by days and months."""

    kind: Literal["date_add"]
    days: int = 0
    months: int = 0


Transform = Annotated[
    Trim
    | DigitsOnly
    | MapTo
    | RegexExtract
    | Split
    | Concat
    | Constant
    | Default
    | SignIf
    | Multiply
    | DateAdd,
    Field(discriminator="kind"),
]
OnValues = (SignIf, Multiply, DateAdd)
"""Transforms that apply once the text is typed; the others come first."""


class Unit(StrEnum):
    """How a usage quantity is written."""

    MESSAGE = "message"
    SECOND = "second"
    MINUTE = "minute"
    HOURS = "h:mm:ss"
    MINUTES = "mm:ss"
    BYTE = "byte"
    KILOBYTE = "kilobyte"
    MEGABYTE = "megabyte"
    GIGABYTE = "gigabyte"


class Quantities(Item):
    """Usage quantities: one unit, or the unit of each word of the column ``unit`` or ``kind``."""

    by: Literal["unit", "kind"] | None = None
    words: dict[str, Unit] = {}
    unit: Unit | None = None
    base: Literal[1000, 1024] | None = None

    @model_validator(mode="after")
    def _says(self) -> Self:
        named = {*self.words.values(), *([self.unit] if self.unit else [])}
        if not named or bool(self.by) != bool(self.words):
            raise ValueError(_("dites l'unité : unit, ou by et words"))
        if named & {Unit.KILOBYTE, Unit.MEGABYTE, Unit.GIGABYTE} and self.base is None:
            raise ValueError(_("dites la base des unités de données : 1000 ou 1024"))
        return self


Negative = Literal["leading_minus", "trailing_minus", "parentheses", "cr_dr"]


class Values(Item):
    """How numbers, dates and quantities are written."""

    decimal: Literal[",", "."] = "."
    groups: Annotated[str, StringConstraints(max_length=6)] = ""
    currency: Annotated[str, StringConstraints(max_length=6)] = ""
    negatives: tuple[Negative, ...] = ("leading_minus",)
    implied_decimals: Annotated[int, Field(ge=0, le=4)] = 0
    dates: tuple[DatePattern, ...] = ("%Y-%m-%d",)
    datetimes: tuple[DatePattern, ...] = ("%Y-%m-%d %H:%M:%S",)
    quantities: Quantities | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if self.decimal in self.groups:
            raise ValueError(_("le signe décimal ne peut pas aussi grouper les milliers"))
        return self


class Privacy(StrEnum):
    """What becomes of a column that names a person; a called number only ever leaves its hash."""

    KEEP = "keep"
    MASK = "mask"
    DROP = "drop"


class Column(Item):
    """One canonical field: where its text comes from, what is done to it, who may see it."""

    field: Code
    source: Source | None = None
    required: bool = True
    transforms: tuple[Transform, ...] = ()
    values: Values | None = None
    privacy: Privacy = Privacy.KEEP

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        made = any(isinstance(step, Constant | Concat) for step in self.transforms)
        if self.source is None and not made:
            raise ValueError(_("donnez une source, ou une transformation constant ou concat"))
        return self


class WideColumn(Item):
    """An amount column that becomes one charge for each row where it is neither blank nor zero."""

    headers: Words
    category: Category
    label: str
    code: str = ""
    required: bool = False


class RowRule(Item):
    """Rows whose cell (from 1) has a pattern; in fixed width the whole line is cell 1."""

    cell: Position = 1
    pattern: Pattern


class HeaderAt(Item):
    """The header is at this line."""

    kind: Literal["row"]
    number: Annotated[int, Field(ge=1, le=200)] = 1


class HeaderFirst(Item):
    """The header is the first line that holds all these words."""

    kind: Literal["containing"]
    words: Words
    within: Annotated[int, Field(ge=1, le=200)] = 50


class HeaderBeside(Item):
    """The header is in the sidecar, one column for each line; ``name`` is its first group.

    Where its count differs from that of the rows: refused, or told and read by position.
    """

    kind: Literal["sidecar"]
    name: Pattern
    on_mismatch: Literal["refuse", "warn"] = "refuse"


class NoHeader(Item):
    """No header: columns by position; each row has this many cells."""

    kind: Literal["none"]
    cells: Position = 1


Header = Annotated[HeaderAt | HeaderFirst | HeaderBeside | NoHeader, Field(discriminator="kind")]


class RecordTypes(Item):
    """The cell that tells a row's type: those read, those passed over; another is a reject."""

    cell: Position = 1
    kept: Words
    ignored: tuple[str, ...] = ()


class Section(Item):
    """A heading row that opens a section, read or passed over until the next one."""

    rule: RowRule
    is_kept: bool


class Heading(Item):
    """A heading row whose text (or a pattern's first group) is carried down to the next one."""

    rule: RowRule
    name: Code
    cell: Position = 1
    pattern: Pattern | None = None


class TotalRow(Item):
    """A row skipped and checked: its cell equals the sum of a field, or the count of rows."""

    rule: RowRule
    cell: Position
    field: Code | None = None
    scope: Literal["file", "since_last"] = "file"
    required: bool = True


class Fact(Item):
    """A value told once: the first group of a pattern in a line of the preamble, the footer, the
    sidecar, or in the file's name. Dates follow the part's values.
    """

    name: Code
    place: Literal["preamble", "footer", "sidecar", "name"]
    pattern: Pattern
    required: bool = True


class Layout(Item):
    """Which lines of a part are its rows."""

    header: Header
    footer: RowRule | None = None
    records: RecordTypes | None = None
    sections: tuple[Section, ...] = ()
    headings: tuple[Heading, ...] = ()
    totals: tuple[TotalRow, ...] = ()
    facts: tuple[Fact, ...] = ()


def sources_of(column: Column) -> Iterator[Source]:
    """Every source that a column reads, those of its transforms too."""
    if column.source:
        yield column.source
    for step in column.transforms:
        if isinstance(step, Concat):
            yield from step.sources
        elif isinstance(step, SignIf) and step.source:
            yield step.source
