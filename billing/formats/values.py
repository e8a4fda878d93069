"""Texts to exact values, a whole column at once; what cannot be read is null, never shifted.

A parser takes trimmed texts (null where blank) and answers a series of its type. It looks first
whether every text is plain, which costs one pass, and cleans them only otherwise.
"""

import re
from collections.abc import Callable, Sequence

import polars as pl

from billing.formats.canonical import DAY, INSTANT, INTEGER, LENGTH, LENGTHS, TEXT, BaseUnit
from billing.formats.vocabulary import Quantities, Unit, Values

Parser = Callable[[pl.Series], pl.Series]
FAILED = "\0" * 1_000
"""The text of a transform that failed: no file holds it, no parser reads it."""

YEARS = (1990, 2100)
_PHONE = r"^[2-9]\d{2}[2-9]\d{6}$"
_ACCOUNT = r"^\d{4,20}$"
_CLOCK = r"^(?:(\d{1,4}):)?(\d{1,5}):([0-5]\d)$"
_MEASURE = pl.Decimal(30, 6)
_FACTORS = {
    Unit.MESSAGE: (BaseUnit.MESSAGE, 0),
    Unit.SECOND: (BaseUnit.SECOND, 0),
    Unit.MINUTE: (BaseUnit.SECOND, 0),
    Unit.HOURS: (BaseUnit.SECOND, 0),
    Unit.MINUTES: (BaseUnit.SECOND, 0),
    Unit.BYTE: (BaseUnit.BYTE, 0),
    Unit.KILOBYTE: (BaseUnit.BYTE, 1),
    Unit.MEGABYTE: (BaseUnit.BYTE, 2),
    Unit.GIGABYTE: (BaseUnit.BYTE, 3),
}


def parser_of(field: str, kind: pl.DataType, values: Values) -> Parser:
    """The parser of one canonical field; hashes and usage quantities have their own."""
    if field in _SPECIAL:
        return _SPECIAL[field]
    if isinstance(kind, pl.Decimal):
        return decimals(values, kind)
    if kind == DAY:
        return dates(values.dates)
    if kind == INSTANT:
        return instants(values.datetimes)
    if kind == INTEGER:
        return integers(values)
    return texts(LENGTHS.get(field, LENGTH))


def texts(longest: int) -> Parser:
    """Texts of at most ``longest`` characters."""

    def parse(text: pl.Series) -> pl.Series:
        bare = text.str.strip_chars()
        good = bare.str.len_chars().is_between(1, longest)
        return bare if good.all() else kept(bare, good)

    return parse


def accounts(text: pl.Series) -> pl.Series:
    """Billing account numbers, digits alone (a BAN, ``d-dddd-dddd``)."""
    return _digits(text, _ACCOUNT, r"[\s\u00a0.-]")


def phones(text: pl.Series) -> pl.Series:
    """NANP numbers in ten digits."""
    return _digits(text, _PHONE, r"^\+?1[\s.-]?|[\s\u00a0().-]|^\+1")


def _digits(text: pl.Series, shape: str, noise: str) -> pl.Series:
    good = text.str.contains(shape)
    if good.all():
        return text
    bare = text.str.replace_all(noise, "")
    if shape == _PHONE:
        bare = bare.str.replace(r"^1(\d{10})$", "$1")
    return kept(bare, bare.str.contains(shape))


def decimals(values: Values, kind: pl.Decimal) -> Parser:
    """Exact decimals; one with more decimals or digits than its type is null, never rounded."""
    digits = rf"\d{{1,{kind.precision - kind.scale}}}"
    decimal = rf"\d{{1,{kind.scale}}}0*" if kind.scale else "0+"
    minus = "-?" if "leading_minus" in values.negatives else ""
    plain = rf"^{minus}{digits}(?:{re.escape(values.decimal)}{decimal})?$"
    dotted = rf"^-?{digits}(?:\.{decimal})?$"
    shape = _shape(values)

    def parse(text: pl.Series) -> pl.Series:
        if values.implied_decimals or not text.str.contains(plain).all():
            return cleaned(text)
        return _with_dot(text, values).cast(kind, strict=False)

    def cleaned(text: pl.Series) -> pl.Series:
        bare = text.str.replace_all(rf"[^\d{re.escape(values.decimal)}]", "")
        bare = _with_dot(bare, values).str.replace(r"^\.", "0.")
        if places := values.implied_decimals:
            bare = bare.str.zfill(places + 1).str.replace(rf"(\d{{{places}}})$", ".$1")
        negative = text.str.contains(r"-|^\(|CR$")
        signed = ("-" + bare).zip_with(negative.fill_null(False), bare)
        known = text.str.contains(shape) & signed.str.contains(dotted)
        return kept(signed, known).cast(kind, strict=False)

    return parse


def kept(series: pl.Series, where: pl.Series) -> pl.Series:
    """The values where ``where`` is true, null elsewhere."""
    return pl.select(pl.when(where).then(series).alias(series.name)).to_series()


def _with_dot(text: pl.Series, values: Values) -> pl.Series:
    return text.str.replace(",", ".", literal=True) if values.decimal == "," else text


def _shape(values: Values) -> str:
    """What a declared number looks like, with its groups, currency and signs."""
    mark = re.escape(values.decimal)
    if values.implied_decimals:
        number = r"\d+"
    else:
        grouped = rf"\d{{1,3}}(?:[{_escaped(values.groups)}]\d{{3}})+|" if values.groups else ""
        number = rf"(?:(?:{grouped}\d+)(?:{mark}\d+)?|{mark}\d+)"
    before, after = _money(values.currency)
    bare = f"{before}{number}{after}"
    signs = {
        "leading_minus": rf"-\s?{bare}",
        "trailing_minus": rf"{bare}\s?-",
        "parentheses": rf"\({bare}\)",
        "cr_dr": rf"{bare}\s?(?:CR|DR)",
    }
    shapes = [bare, *(signs[style] for style in values.negatives)]
    if before and "leading_minus" in values.negatives:
        shapes.append(rf"{before}-{number}")
    return "^(?:" + "|".join(shapes) + ")$"


def _money(currency: str) -> tuple[str, str]:
    """What may stand before and after an amount: « $ 12 », « 12 $ »."""
    if not currency:
        return "", ""
    mark, space = rf"[{_escaped(currency)}]", r"[\s\u00a0\u202f]?"
    return rf"(?:{mark}{space})?", rf"(?:{space}{mark})?"


def _escaped(characters: str) -> str:
    return "".join(rf"\x{{{ord(character):x}}}" for character in characters)


def integers(values: Values) -> Parser:
    """Whole numbers, with the groups of the profile."""
    read = decimals(values.model_copy(update={"implied_decimals": 0}), pl.Decimal(18, 0))

    def parse(text: pl.Series) -> pl.Series:
        number = text.cast(INTEGER, strict=False)
        if number.null_count() == text.null_count():
            return number
        return read(text).cast(INTEGER)

    return parse


def dates(patterns: Sequence[str]) -> Parser:
    """Dates under the first pattern that reads each, between 1990 and 2100."""

    def parse(text: pl.Series) -> pl.Series:
        return _first(text, [_day(pattern) for pattern in patterns])

    return parse


def instants(patterns: Sequence[str]) -> Parser:
    """Local dates and times, without zone, under the first pattern that reads each."""

    def parse(text: pl.Series) -> pl.Series:
        return _first(text, [_instant(pattern) for pattern in patterns])

    return parse


def _day(pattern: str) -> Parser:
    return lambda text: text.str.to_date(pattern, strict=False)


def _instant(pattern: str) -> Parser:
    return lambda text: text.str.to_datetime(pattern, strict=False, time_unit="us")


def _first(text: pl.Series, parsers: Sequence[Parser]) -> pl.Series:
    value = parsers[0](text)
    for parse in parsers[1:]:
        if value.null_count() == text.null_count():
            break
        value = value.zip_with(value.is_not_null(), parse(text))
    years = value.dt.year()
    within = (years >= YEARS[0]) & (years <= YEARS[1])
    return value if within.all() else kept(value, within)


def quantities(
    spec: Quantities, values: Values, text: pl.Series, words: pl.Series
) -> tuple[pl.Series, pl.Series]:
    """Usage quantities in whole seconds, messages or bytes, and that base unit.

    ``words`` says each row's unit; without it the profile's own unit holds. A quantity that is not
    whole in its base unit is rounded to the nearest (0.001 MB of 1024 KB is 1049 bytes).
    """
    units = pl.Series([None], dtype=TEXT).new_from_index(0, len(text))
    if spec.by:
        units = words.replace_strict(
            {word: unit.value for word, unit in spec.words.items()}, default=None, return_dtype=TEXT
        )
    if spec.unit:
        units = units.fill_null(spec.unit.value)
    base = units.replace_strict(
        {unit.value: kind.value for unit, (kind, _power) in _FACTORS.items()},
        default=None,
        return_dtype=TEXT,
    )
    factor = units.replace_strict(_multiples(spec.base or 1), default=None, return_dtype=INTEGER)
    plain = text.cast(INTEGER, strict=False)
    value = plain * factor
    clocked = units.is_in([Unit.HOURS.value, Unit.MINUTES.value]).fill_null(False)
    if clocked.any():
        value = clock_seconds(text).zip_with(clocked, value)
    if value.null_count() > text.null_count():
        exact = decimals(values, _MEASURE)(text) * factor.cast(_MEASURE)
        rounded = exact.round(0).cast(INTEGER, strict=False)
        value = rounded.zip_with(value.is_null() & ~clocked, value)
    return kept(value, value >= 0), base


def _multiples(base: int) -> dict[str, int]:
    """Base units in one of each unit; a clock reading has none."""
    many = {unit.value: base**power for unit, (_kind, power) in _FACTORS.items()}
    return {**many, Unit.MINUTE.value: 60, Unit.HOURS.value: 0, Unit.MINUTES.value: 0}


def clock_seconds(text: pl.Series) -> pl.Series:
    """``h:mm:ss`` or ``mm:ss`` in seconds."""
    hours, minutes, seconds = (
        text.str.extract(_CLOCK, group).cast(INTEGER, strict=False) for group in (1, 2, 3)
    )
    within = hours.is_null() | (minutes < 60)
    return kept(hours.fill_null(0) * 3600 + minutes * 60 + seconds, within)


_SPECIAL: dict[str, Parser] = {"account": accounts, "number": phones}
