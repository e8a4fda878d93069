"""Grids to canonical rows: the profile compiled once for a file, then whole columns at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.canonical import (
    CENTS,
    COLUMNS,
    DAY,
    FALLBACKS,
    FILLED,
    INSTANT,
    LENGTH,
    LENGTHS,
    TEXT,
    Entity,
    is_amount,
)
from billing.formats.columns import Places, Reading, Step, source_reading, text_reading, value_steps
from billing.formats.definition import PartSpec
from billing.formats.faults import SHOWN, Reject
from billing.formats.grid import CELLS, LINE, trimmed
from billing.formats.meaning import categories, without_marks
from billing.formats.privacy import BULLETS, HASHED, called_hashes, is_private, protected
from billing.formats.values import Parser, decimals, kept, parser_of, quantities
from billing.formats.vocabulary import Column, WideColumn

_SUM = pl.Decimal(38, 2)
MOST_REJECTS = 1_000
"""Rejects told for one grid; all are counted."""


@dataclass(frozen=True, slots=True)
class CanonicalRows:
    """``frame``: canonical columns, ``line``, and ``raw`` where unknown columns are kept.

    ``accepted`` and ``rejected`` count source rows; the first rejects are told.
    """

    frame: pl.DataFrame
    accepted: int
    rejected: int
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Field:
    """One column compiled for a file."""

    column: Column
    kind: pl.DataType
    origin: Reading
    read: Reading
    parse: Parser
    steps: Sequence[Step]

    @property
    def shown(self) -> str:
        source = self.column.source
        return source.headers[0] if source and source.headers else self.column.field


@dataclass(frozen=True, slots=True)
class _Typed:
    """One column of one grid: its texts, its values, and how it is shown in a reject."""

    text: pl.Series
    value: pl.Series
    origin: Reading
    shown: str
    reason: str
    is_filled: bool
    is_private: bool

    def faulty(self) -> pl.Series | None:
        """Rows whose text is unreadable, or blank where it must not be; None for none."""
        if self.value.null_count() == (0 if self.is_filled else self.text.null_count()):
            return None
        return self.value.is_null() & (self.text.is_not_null() | self.is_filled)


_Wide = tuple[WideColumn, _Typed]
_Bad = tuple[_Typed | None, pl.Series]
"""A column (None: the number of cells) and the rows that it rejects."""


class Plan:
    """A part's columns compiled for one file; ``apply`` turns its grids into canonical rows."""

    def __init__(self, spec: PartSpec, places: Places, width: int, hash_key: bytes) -> None:
        self.spec = spec
        self.width = width
        self._hash_key = hash_key
        self._kinds = COLUMNS[spec.entity]
        self._fields = [f for c in spec.columns if (f := self._compiled(c, places))]
        found = ((wide, places.find(wide.headers)) for wide in spec.wide)
        self._wide = [(wide, name) for wide, name in found if name]
        self._total = places.find(spec.row_total)
        self._amounts = decimals(spec.values, CENTS)
        self._unknown: dict[str, str] = {}

    def keep_raw(self, unknown: dict[str, str]) -> None:
        """Keep these grid columns, by header, as JSON."""
        self._unknown = unknown

    def apply(self, frame: pl.DataFrame) -> CanonicalRows:
        """Canonical rows of one grid, and the rejects of the others."""
        typed, wides, faults = self._judged(frame)
        if faults and _has_padding(frame, faults):
            frame = trimmed(frame)
            typed, wides, faults = self._judged(frame)
        rows = self._canonical(frame, typed)
        good = None
        if faults:
            good = ~pl.select(pl.any_horizontal([bad for _t, bad in faults])).to_series()
            rows = rows.filter(good)
        accepted = rows.height
        if self.spec.wide:
            rows = self._long(rows, wides, good)
        rejects = self._rejects(frame, faults)[:MOST_REJECTS]
        return CanonicalRows(rows, accepted, frame.height - accepted, rejects)

    def _judged(self, frame: pl.DataFrame) -> tuple[dict[str, _Typed], list[_Wide], list[_Bad]]:
        """Every column of a grid typed, the wide amounts too, and what is rejected of each."""
        typed = self._typed(frame)
        wides = [(wide, self._wide_amount(wide, name, frame)) for wide, name in self._wide]
        columns = [*typed.values(), *(amount for _w, amount in wides)]
        if self._total:
            columns.append(self._row_total(self._total, wides, frame))
        return typed, wides, _faulty(frame, columns)

    def _compiled(self, column: Column, places: Places) -> _Field | None:
        read = text_reading(column, places)
        if read is None:
            return None
        kind = self._kinds[column.field]
        values = column.values or self.spec.values
        steps = value_steps(column, read, places)
        origin = source_reading(column.source, places) if column.source else None
        parse = parser_of(column.field, kind, values)
        return _Field(column, kind, origin or read, read, parse, steps)

    def _typed(self, frame: pl.DataFrame) -> dict[str, _Typed]:
        typed: dict[str, _Typed] = {}
        texts = {f.column.field: f.read(frame) for f in self._fields}
        if "number" in texts:
            texts["number"] = without_marks(self.spec.meaning.account_marks, texts["number"])
        values = self._values(texts)
        for compiled in self._fields:
            name = compiled.column.field
            value = values[name]
            for step in compiled.steps:
                value = step(value, frame)
            typed[name] = _Typed(
                texts[name],
                value,
                compiled.origin,
                compiled.shown,
                _reason(name, compiled.kind),
                name in FILLED[self.spec.entity],
                is_private(compiled.column),
            )
        if "unit" in values and "unit" not in typed:
            typed["unit"] = _derived(values["unit"])
        return typed

    def _values(self, texts: dict[str, pl.Series]) -> dict[str, pl.Series]:
        """The values of each column; a usage quantity and its unit are read together."""
        used = self.spec.entity == Entity.USAGE
        apart = {HASHED, "quantity", "unit"} if used else set()
        values = {
            f.column.field: f.parse(texts[f.column.field])
            for f in self._fields
            if f.column.field not in apart
        }
        if HASHED in texts:
            values[HASHED] = called_hashes(self._hash_key, texts[HASHED])
        if used and "quantity" in texts:
            told = next(f.column.values for f in self._fields if f.column.field == "quantity")
            ways = told or self.spec.values
            assert ways.quantities is not None
            words = texts[ways.quantities.by or "quantity"]
            values["quantity"], unit = quantities(ways.quantities, ways, texts["quantity"], words)
            values["unit"] = unit
        return values

    def _wide_amount(self, wide: WideColumn, cell: str, frame: pl.DataFrame) -> _Typed:
        text, origin = frame[cell], partial(pl.DataFrame.get_column, name=cell)
        return _Typed(
            text,
            self._amounts(text),
            origin,
            wide.headers[0],
            _reason("amount", CENTS),
            False,
            False,
        )

    def _row_total(self, cell: str, wides: Sequence[_Wide], frame: pl.DataFrame) -> _Typed:
        """A row's own total; null where its amounts do not add up to it."""
        text, origin = frame[cell], partial(pl.DataFrame.get_column, name=cell)
        summed = pl.Series([0], dtype=_SUM).new_from_index(0, frame.height)
        for _wide, amount in wides:
            summed += amount.value.fill_null(0).cast(_SUM)
        told = self._amounts(text)
        reason = _("ce total n'est pas la somme des montants du rang")
        value = kept(told, told == summed)
        return _Typed(text, value, origin, self.spec.row_total[0], reason, False, False)

    def _canonical(self, frame: pl.DataFrame, typed: dict[str, _Typed]) -> pl.DataFrame:
        """Every canonical column of the entity, before rejects leave."""
        columns = []
        protect = {f.column.field: f.column for f in self._fields}
        for name, kind in self._kinds.items():
            if name in typed:
                value = typed[name].value
                value = protected(protect[name], value) if name in protect else value
            else:
                value = pl.Series([FALLBACKS.get(name)], dtype=kind).new_from_index(0, frame.height)
            columns.append(value.cast(kind).alias(name))
        rows = pl.DataFrame(columns).with_columns(frame[LINE])
        if self.spec.entity == Entity.CHARGE and not self.spec.wide and "category" not in typed:
            rows = rows.with_columns(
                categories(self.spec.meaning, rows["code"], rows["label"]).alias("category")
            )
        if self.spec.unknown_columns == "keep":
            rows = rows.with_columns(self._raw(frame).alias("raw"))
        return rows

    def _raw(self, frame: pl.DataFrame) -> pl.Series:
        if not self._unknown:
            return pl.Series([None], dtype=TEXT).new_from_index(0, frame.height)
        named = frame.select(pl.col(cell).alias(name) for name, cell in self._unknown.items())
        return named.to_struct("raw").struct.json_encode()

    def _long(
        self,
        rows: pl.DataFrame,
        wides: Sequence[_Wide],
        good: pl.Series | None,
    ) -> pl.DataFrame:
        """One charge for each amount neither blank nor zero, in the order of the columns."""
        long = []
        for wide, amount in wides:
            value = amount.value if good is None else amount.value.filter(good)
            charged = rows.with_columns(
                value.alias("amount"),
                pl.lit(wide.category.value).alias("category"),
                pl.lit(wide.label).alias("label"),
                pl.lit(wide.code or None, dtype=TEXT).alias("code"),
            )
            long.append(charged.filter(pl.col("amount") != 0))
        return pl.concat(long).sort(LINE, maintain_order=True) if long else rows.clear()

    def _rejects(self, frame: pl.DataFrame, faults: Sequence[_Bad]) -> list[Reject]:
        found: list[Reject] = []
        for column, bad in faults:
            lines = frame[LINE].filter(bad).head(MOST_REJECTS)
            if column is None:
                counts = frame[CELLS].filter(bad).head(MOST_REJECTS)
                reasons = [self._ragged(count) for count in counts]
                found += [Reject(n, "", why, "") for n, why in zip(lines, reasons, strict=True)]
                continue
            texts = column.origin(frame).filter(bad).head(MOST_REJECTS)
            for line, text in zip(lines, texts, strict=True):
                why = column.reason if text else _("cette cellule ne peut pas être vide")
                shown = BULLETS if column.is_private and text else (text or "")[:SHOWN]
                found.append(Reject(line, column.shown, why, shown))
        return sorted(found, key=lambda reject: reject.line)

    def _ragged(self, count: int) -> str:
        if self.spec.reader.kind == "fixed_width":
            return _("la ligne a %(count)s caractères, au lieu de %(width)s") % {
                "count": count,
                "width": self.width,
            }
        return _("le rang a %(count)s cellules, au lieu de %(width)s") % {
            "count": count,
            "width": self.width,
        }


def _derived(value: pl.Series) -> _Typed:
    """A column that another one gives: it rejects nothing."""
    return _Typed(value, value, partial(pl.DataFrame.get_column, name=LINE), "", "", False, False)


def _faulty(frame: pl.DataFrame, columns: Sequence[_Typed]) -> list[_Bad]:
    """Each column with the rows that it rejects; first, rows of a wrong number of cells."""
    found: list[_Bad] = []
    ragged = frame[CELLS].is_not_null()
    if ragged.any():
        found.append((None, ragged))
    for column in columns:
        bad = column.faulty()
        if bad is not None and bad.any():
            found.append((column, bad & ~ragged))
    return found


def _has_padding(frame: pl.DataFrame, faults: Sequence[_Bad]) -> bool:
    """Whether any rejected row would read otherwise once its cells are trimmed."""
    bad = frame.filter(pl.select(pl.any_horizontal([rows for _t, rows in faults])).to_series())
    return not bad.equals(trimmed(bad))


def _reason(name: str, kind: pl.DataType) -> str:
    """Why a filled cell is rejected."""
    if name == "account":
        return _("ce n'est pas un numéro de compte : 4 à 20 chiffres")
    if name == "number":
        return _("ce n'est pas un numéro de téléphone à dix chiffres")
    if name == "quantity" and not is_amount(kind):
        return _("cette quantité ou son unité n'est pas de celles du profil")
    if isinstance(kind, pl.Decimal):
        return _("ce n'est pas un nombre d'au plus %(places)s décimales, écrit comme au profil") % {
            "places": kind.scale
        }
    if kind in (DAY, INSTANT):
        return _("cette date n'a aucune des formes du profil")
    if kind != TEXT:
        return _("ce n'est pas un nombre entier")
    return _("ce texte n'est pas de ceux du profil, ou dépasse %(length)s caractères") % {
        "length": LENGTHS.get(name, LENGTH)
    }
