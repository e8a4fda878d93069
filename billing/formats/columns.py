"""The columns of a profile compiled once for a part: where each text is, what is done to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from billing.formats.canonical import TEXT, is_amount
from billing.formats.grid import cell_name
from billing.formats.privacy import by_unique
from billing.formats.values import FAILED, Parser, kept
from billing.formats.vocabulary import (
    Column,
    Concat,
    Constant,
    DateAdd,
    Default,
    DigitsOnly,
    MapTo,
    Multiply,
    OnValues,
    RegexExtract,
    SignIf,
    Source,
    Split,
    Transform,
    Trim,
)
from portal.tabular.values import fold

Reading = Callable[[pl.DataFrame], pl.Series]
Step = Callable[[pl.Series, pl.DataFrame], pl.Series]
_PRODUCT = pl.Decimal(38, 10)
_BLANK = pl.Series([None], dtype=TEXT)


@dataclass(frozen=True, slots=True)
class Places:
    """Where texts are in one file: columns of the grid by folded header, facts by name."""

    headers: Mapping[str, str]
    facts: Mapping[str, str]

    def find(self, headers: Sequence[str]) -> str | None:
        """The grid's column under any of these headers."""
        return next((self.headers[h] for h in map(fold, headers) if h in self.headers), None)


def carried_name(name: str) -> str:
    """The grid's column of a value carried down by heading rows."""
    return f"carried:{name}"


def source_reading(source: Source, places: Places) -> Reading | None:
    """How a source is read from a grid; None where the file has not its column."""
    if source.fact:
        return partial(_repeated, places.facts.get(source.fact))
    if source.start is not None and source.width is not None:
        return partial(_slice, source.start - 1, source.width)
    if source.carried:
        return partial(_cell, carried_name(source.carried))
    if source.position:
        return partial(_cell, cell_name(source.position))
    found = places.find(source.headers)
    return partial(_cell, found) if found else None


def text_reading(column: Column, places: Places) -> Reading | None:
    """The column's text after its text transforms; None where the file has not the column."""
    begin = source_reading(column.source, places) if column.source else partial(_repeated, None)
    if begin is None:
        return None
    steps = [_text_step(s, places) for s in column.transforms if not isinstance(s, OnValues)]
    return partial(_through, begin, steps)


def value_steps(column: Column, text: Reading, places: Places) -> list[Step]:
    """The transforms that follow typing, in their order."""
    return [
        _value_step(step, text, places)
        for step in column.transforms
        if isinstance(step, SignIf | Multiply | DateAdd)
    ]


def _through(begin: Reading, steps: Sequence[Step], frame: pl.DataFrame) -> pl.Series:
    text = begin(frame)
    for step in steps:
        text = step(text, frame)
    return text


def _cell(name: str, frame: pl.DataFrame) -> pl.Series:
    return frame[name] if name in frame.columns else _repeated(None, frame)


def _repeated(text: str | None, frame: pl.DataFrame) -> pl.Series:
    return pl.Series([text], dtype=TEXT).new_from_index(0, frame.height)


def _slice(start: int, width: int, frame: pl.DataFrame) -> pl.Series:
    return _filled(frame["c1"].str.slice(start, width).str.strip_chars())


def _filled(text: pl.Series) -> pl.Series:
    """Blank texts as null."""
    return kept(text, text != "")


def _text_step(step: Transform, places: Places) -> Step:
    if isinstance(step, Concat):
        others = [source_reading(source, places) for source in step.sources]
        return partial(_joined, [other for other in others if other], step.separator)
    change = _text_change(step)
    return lambda text, _frame: change(text)


def _text_change(step: Transform) -> Parser:
    match step:
        case Trim():
            spaced = "".join({*step.characters, *" \t\u00a0"})
            return lambda text: _filled(text.str.strip_chars(spaced))
        case DigitsOnly():
            return lambda text: _or_failed(_filled(text.str.replace_all(r"\D", "")), text)
        case MapTo():
            return partial(_mapped, {fold(w): code for w, code in step.words.items()}, step.other)
        case RegexExtract():
            return lambda text: _or_failed(_filled(text.str.extract(step.pattern, 1)), text)
        case Split():
            return partial(_piece, step)
        case Constant():
            return lambda text: pl.Series([step.text], dtype=TEXT).new_from_index(0, len(text))
        case Default():
            return lambda text: text.fill_null(step.text)
    raise TypeError(step)


def _or_failed(changed: pl.Series, text: pl.Series) -> pl.Series:
    """What a transform could not change fails, where the cell was filled."""
    if changed.null_count() == text.null_count():
        return changed
    return (
        pl.Series([FAILED])
        .new_from_index(0, len(text))
        .zip_with(changed.is_null() & text.is_not_null(), changed)
    )


def _mapped(codes: Mapping[str, str], other: str | None, text: pl.Series) -> pl.Series:
    return by_unique(text, lambda word: codes.get(fold(word), other or FAILED), TEXT)


def _piece(step: Split, text: pl.Series) -> pl.Series:
    pieces = text.str.split(step.separator)
    return _filled(pieces.list.get(step.piece - 1, null_on_oob=True).str.strip_chars())


def _joined(
    others: Sequence[Reading], separator: str, text: pl.Series, frame: pl.DataFrame
) -> pl.Series:
    texts = [_filled(each.str.strip_chars()) for each in (text, *(o(frame) for o in others))]
    named = pl.DataFrame([series.alias(str(n)) for n, series in enumerate(texts)])
    joined = named.select(pl.concat_str(pl.all(), separator=separator, ignore_nulls=True))
    return _filled(joined.to_series())


def _value_step(step: SignIf | Multiply | DateAdd, text: Reading, places: Places) -> Step:
    match step:
        case SignIf():
            told = (source_reading(step.source, places) if step.source else text) or text
            return partial(_signed, step.pattern, told)
        case Multiply():
            return lambda value, _frame: _product(step, value)
        case DateAdd():
            months, days = f"{step.months}mo", f"{step.days}d"
            return lambda value, _frame: value.dt.offset_by(months).dt.offset_by(days)


def _signed(pattern: str, told: Reading, value: pl.Series, frame: pl.DataFrame) -> pl.Series:
    turned = told(frame).str.strip_chars().str.contains(pattern).fill_null(False)
    return (-value).zip_with(turned, value)


def _product(step: Multiply, value: pl.Series) -> pl.Series:
    """The exact product, null where the type cannot hold it."""
    exact = value.cast(_PRODUCT) * pl.Series([step.factor], dtype=_PRODUCT)
    if not is_amount(value.dtype):
        whole = exact.cast(value.dtype, strict=False)
        return kept(whole, whole.cast(_PRODUCT) == exact)
    held = exact.cast(value.dtype, strict=False)
    return kept(held, held.cast(_PRODUCT) == exact)
