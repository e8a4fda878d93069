"""A format profile: what a provider's files look like, as data that staff write (billing.md §2)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, model_validator

from billing.formats.canonical import CODES, COLUMNS, FILLED, Category, Entity, Status
from billing.formats.vocabulary import (
    ENCODINGS,
    Code,
    Column,
    Constant,
    HeaderBeside,
    Item,
    Layout,
    MapTo,
    NoHeader,
    Pattern,
    Values,
    WideColumn,
    sources_of,
)
from portal.tabular.values import fold


class PackageSpec(Item):
    """How the files arrive, and the limits past which nothing is opened. Sizes in bytes."""

    kind: Literal["none", "zip", "gzip"] = "none"
    max_members: Annotated[int, Field(ge=1, le=200)] = 20
    max_bytes: Annotated[int, Field(ge=1)] = 8_000_000_000
    max_ratio: Annotated[int, Field(ge=2, le=1000)] = 250
    unknown_members: Literal["ignore", "reject"] = "ignore"


class Signature(Item):
    """How a part is recognised: by its first lines (words all on one line, or a pattern), and,
    between parts that look alike, by its name.
    """

    words: tuple[str, ...] = ()
    pattern: Pattern | None = None
    within: Annotated[int, Field(ge=1, le=200)] = 50
    name: Pattern | None = None

    @model_validator(mode="after")
    def _signs(self) -> Self:
        if not (self.words or self.pattern or self.name):
            raise ValueError(_("donnez au moins un signe : words, pattern ou name"))
        return self


class TextSpec(Item):
    """How bytes are text: encodings tried strictly in order, delimiter, quote, line end, longest
    row in bytes. A last line that does not end tells a file that was cut, unless it never does.
    """

    encodings: Annotated[tuple[ENCODINGS, ...], Field(min_length=1)] = ("utf-8-sig", "cp1252")
    delimiter: Annotated[str, StringConstraints(pattern=r"^[\x01-\x09\x20-\x7e]$")] = ","
    quote: Literal['"', "'"] | None = '"'
    line_end: Literal["any", "lf", "crlf"] = "any"
    last_line_ends: bool = True
    max_row: Annotated[int, Field(ge=100, le=131_072)] = 65_536


class Delimited(Item):
    """Cells between delimiters."""

    kind: Literal["delimited"]


class FixedWidth(Item):
    """Lines of one length in characters; a column is a slice."""

    kind: Literal["fixed_width"]
    length: Annotated[int, Field(ge=1, le=65_536)]


class Xlsx(Item):
    """The first visible sheet of a workbook."""

    kind: Literal["xlsx"]


class Keyed(Item):
    """Records of « key separator value » lines; a record ends at a blank line or at ``first``."""

    kind: Literal["keyed"]
    separator: Annotated[str, Field(min_length=1, max_length=5)] = ":"
    first: str | None = None


Reader = Annotated[Delimited | FixedWidth | Xlsx | Keyed, Field(discriminator="kind")]


class Sidecar(Item):
    """Another member, text, that describes this part."""

    name: Pattern
    encodings: Annotated[tuple[ENCODINGS, ...], Field(min_length=1)] = ("utf-8-sig", "cp1252")


class CategoryRule(Item):
    """A charge whose code or label matches a text, accents and case ignored."""

    field: Literal["code", "label"]
    match: Literal["is", "starts", "contains"]
    text: Annotated[str, Field(min_length=1)]
    category: Category


class Meaning(Item):
    """What the rows mean: categories, first rule first; texts of ``number`` that say « account »;
    where taxes are told (of an account as a whole, by its statement); the words of an inventory for
    the state of a line, any other is unknown.
    """

    rules: tuple[CategoryRule, ...] = ()
    account_marks: tuple[str, ...] = ()
    statuses: dict[str, Status] = {}
    tax_level: Literal["none", "charge", "line", "account"] = "none"


class PartSpec(Item):
    """One kind of file of the package: how it is recognised, read, and what its rows become.

    ``row_total``: headers of the column that each row's ``wide`` amounts add up to.
    """

    code: Code
    entity: Entity
    required: bool = True
    signature: Signature
    sidecar: Sidecar | None = None
    text: TextSpec = TextSpec()
    reader: Reader
    layout: Layout
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    wide: tuple[WideColumn, ...] = ()
    row_total: tuple[str, ...] = ()
    unread_columns: tuple[str, ...] = ()
    unknown_columns: Literal["reject", "warn", "keep"] = "warn"
    values: Values = Values()
    meaning: Meaning = Meaning()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        for complaint in _complaints(self):
            raise ValueError(complaint)
        return self

    def has_words(self, words: Sequence[str], cells: Sequence[str]) -> bool:
        """Whether each of these headers, or another that the same column accepts, is in a row."""
        there = set(map(fold, cells))
        accepted = self.folded_headers
        return all(
            there & set[str]().union({word}, *(a for a in accepted if word in a))
            for word in map(fold, words)
        )

    @cached_property
    def folded_headers(self) -> tuple[frozenset[str], ...]:
        """The headers accepted for each column, accents and case apart."""
        return tuple(frozenset(map(fold, headers)) for headers in headers_of(self))


class Term(Item):
    """One member of an equation: a sum, the rows or the distinct numbers of a part, or a fact."""

    part: Code
    measure: Literal["sum", "rows", "numbers", "fact"] = "sum"
    field: Code | None = None
    categories: tuple[Category, ...] = ()
    sign: Literal[1, -1] = 1

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.measure in ("sum", "fact")) != (self.field is not None):
            raise ValueError(_("field nomme la colonne d'un « sum » ou le fait d'un « fact »"))
        return self


class Equation(Item):
    """Both sides are equal to the cent, for each account or for the whole file.

    It is not judged while an optional part that it names is absent.
    """

    code: Code
    title: str
    left: Annotated[tuple[Term, ...], Field(min_length=1)]
    right: Annotated[tuple[Term, ...], Field(min_length=1)]
    per: Literal["account", "file"] = "account"


class RejectLimit(Item):
    """How many rows of a part may be rejected: the larger of a number and a share."""

    rows: Annotated[int, Field(ge=0)] = 0
    share: Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)] = Decimal(0)


class RowRatio(Item):
    """Rows of a part against the last cycle's: least and most, as ratios."""

    part: Code
    least: Annotated[Decimal, Field(ge=0, decimal_places=4)]
    most: Annotated[Decimal, Field(gt=0, decimal_places=4)]


class Controls(Item):
    """What must hold before anything is published."""

    equations: tuple[Equation, ...] = ()
    rejects: RejectLimit = RejectLimit()
    ratios: tuple[RowRatio, ...] = ()


class Profile(Item):
    """The whole description of one provider's package, in its version 1 of the vocabulary."""

    vocabulary: Literal[1] = 1
    code: Code
    provider: Literal["telus", "rogers"]
    title: str
    note: str = ""
    package: PackageSpec = PackageSpec()
    parts: Annotated[tuple[PartSpec, ...], Field(min_length=1, max_length=20)]
    controls: Controls = Controls()

    @model_validator(mode="after")
    def _known(self) -> Self:
        parts = {part.code: part for part in self.parts}
        if len(parts) != len(self.parts):
            raise ValueError(_("deux parties portent le même code"))
        for equation in self.controls.equations:
            for term in (*equation.left, *equation.right):
                _check_term(term, parts, equation.per)
        for ratio in self.controls.ratios:
            if ratio.part not in parts:
                raise ValueError(_("aucune partie « %(part)s »") % {"part": ratio.part})
        return self

    def part(self, code: str) -> PartSpec:
        """The part of this code; KeyError where there is none."""
        return {part.code: part for part in self.parts}[code]


def parse_definition(data: object) -> Profile:
    """The profile that JSON data describes; raises pydantic's ValidationError."""
    return Profile.model_validate(data)


def _complaints(part: PartSpec) -> Iterator[str]:
    """What is incoherent in a part, in French."""
    yield from _field_complaints(part)
    yield from _source_complaints(part)
    if part.row_total and not part.wide:
        yield _("row_total est la somme des colonnes de wide, qui manquent")
    beside = isinstance(part.layout.header, HeaderBeside)
    told_beside = any(fact.place == "sidecar" for fact in part.layout.facts)
    if (beside or told_beside) and part.sidecar is None:
        yield _("l'en-tête ou un fait vient d'un fichier d'accompagnement : décrivez sidecar")
    if part.reader.kind == "fixed_width" and not isinstance(part.layout.header, NoHeader):
        yield _("un fichier à largeur fixe n'a pas d'en-tête : header « none »")


def _field_complaints(part: PartSpec) -> Iterator[str]:
    fields = [column.field for column in part.columns]
    known = COLUMNS[part.entity]
    for field in fields:
        if field not in known or fields.count(field) > 1:
            yield _("« %(field)s » n'est pas une colonne de ce genre, ou y est deux fois") % {
                "field": field
            }
    needed = set(FILLED[part.entity]) - set(fields)
    if part.wide:
        needed.discard("amount")
        if part.entity != Entity.CHARGE or "amount" in fields:
            yield _("wide fait des frais, et remplace la colonne amount")
    if needed:
        yield _("il manque les colonnes %(fields)s") % {"fields": ", ".join(sorted(needed))}
    quantities = part.entity != Entity.USAGE or part.values.quantities is not None
    if not quantities and not any(c.field == "quantity" and c.values for c in part.columns):
        yield _("dites l'unité des quantités dans values.quantities")
    for column in part.columns:
        yield from _code_complaints(column)


def _code_complaints(column: Column) -> Iterator[str]:
    """A column of codes ends in words of its list."""
    if (codes := CODES.get(column.field)) is None:
        return
    told = [step for step in column.transforms if isinstance(step, MapTo)]
    made = {word for step in told[-1:] for word in (*step.words.values(), step.other or "")}
    made |= {step.text for step in column.transforms if isinstance(step, Constant)}
    wrong = sorted(made - codes - {""})
    if wrong:
        yield _("%(codes)s ne sont pas des codes de « %(field)s »") % {
            "codes": ", ".join(wrong),
            "field": column.field,
        }


def headers_of(part: PartSpec) -> Iterator[tuple[str, ...]]:
    """The headers accepted for each column that a part reads."""
    for column in part.columns:
        for source in sources_of(column):
            yield source.headers
    for wide in part.wide:
        yield wide.headers
    if part.row_total:
        yield part.row_total


def _source_complaints(part: PartSpec) -> Iterator[str]:
    facts = {fact.name for fact in part.layout.facts if fact.place != "footer"}
    carried = {heading.name for heading in part.layout.headings}
    sliced = part.reader.kind == "fixed_width"
    nameless = sliced or (isinstance(part.layout.header, NoHeader) and part.reader.kind != "keyed")
    if part.wide and nameless:
        yield _("sans en-tête, les colonnes de wide ne se trouvent pas : leurs frais manqueraient")
    for column in part.columns:
        for source in sources_of(column):
            if source.fact and source.fact not in facts:
                yield _("aucun fait « %(name)s » avant les rangs") % {"name": source.fact}
            if source.carried and source.carried not in carried:
                yield _("aucun titre ne porte « %(name)s »") % {"name": source.carried}
            if (source.start is not None) != sliced and not (source.fact or source.carried):
                yield _("start et width vont avec « fixed_width », et avec lui seul")
            if source.headers and nameless:
                yield _("sans en-tête, une colonne se désigne par sa position")


def _check_term(term: Term, parts: dict[str, PartSpec], per: str) -> None:
    part = parts.get(term.part)
    if part is None:
        raise ValueError(_("aucune partie « %(part)s »") % {"part": term.part})
    facts = {fact.name for fact in part.layout.facts}
    known = facts if term.measure == "fact" else {column.field for column in part.columns}
    if part.wide:
        known.add("amount")
    if term.field is not None and term.field not in known:
        raise ValueError(
            _("« %(field)s » n'est pas lu dans « %(part)s »")
            % {"field": term.field, "part": term.part}
        )
    if term.categories and part.entity != Entity.CHARGE:
        raise ValueError(_("seuls les frais ont une catégorie"))
    if term.measure == "fact" and per == "account":
        raise ValueError(_("un fait vaut pour le fichier : equation per « file »"))
