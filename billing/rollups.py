"""Sums by line gathered while rows are read: memory holds a row for each line and kind."""

from collections.abc import Sequence

import polars as pl

from billing.formats.canonical import COLUMNS, INSTANT, INTEGER, Entity

MERGED_AT = 200_000
"""Rows of partial sums kept before they are added up."""

CHARGE_KEYS = ("account", "number", "category")
USE_KEYS = ("account", "number", "kind", "roaming", "unit")
_SUM = pl.Decimal(38, 4)
_OWN = {"line": INTEGER, "rows": INTEGER, "first_at": INSTANT, "last_at": INSTANT}
"""Columns that no file has."""


class Rollup:
    """Partial sums of one kind of rows; ``frame()`` gives one row for each key."""

    def __init__(
        self,
        entity: Entity,
        keys: Sequence[str],
        sums: Sequence[str],
        least: Sequence[str],
        most: Sequence[str],
    ) -> None:
        self._keys = list(keys)
        self._sums, self._least, self._most = tuple(sums), tuple(least), tuple(most)
        types = {**COLUMNS[entity], **_OWN}
        self.schema = {
            name: _SUM if name in sums and isinstance(types[name], pl.Decimal) else types[name]
            for name in (*keys, "rows", *sums, *least, *most)
        }
        self._parts = [pl.DataFrame(schema=self.schema)]

    def add(self, rows: pl.DataFrame) -> None:
        """Count some canonical rows."""
        if not rows.height:
            return
        decimals = [n for n in self._sums if isinstance(rows.schema[n], pl.Decimal)]
        wide = rows.with_columns(pl.col(name).cast(_SUM) for name in decimals)
        counted = self._summed(wide.with_columns(pl.lit(1, dtype=pl.Int64).alias("rows")))
        self._parts.append(counted)
        if sum(part.height for part in self._parts) > MERGED_AT:
            self._parts = [self._summed(pl.concat(self._parts))]

    def frame(self) -> pl.DataFrame:
        """Keys, ``rows``, sums, and the least and most asked for, in the order of the keys."""
        return self._summed(pl.concat(self._parts)).sort(self._keys)

    def _summed(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.group_by(self._keys).agg(
            pl.col("rows").sum(),
            *(pl.col(name).sum() for name in self._sums),
            *(pl.col(name).min() for name in self._least),
            *(pl.col(name).max() for name in self._most),
        )


def charge_rollup() -> Rollup:
    """Charges by account, line and category, with their days and first line."""
    sums = ("amount", "tps_amount", "tvq_amount", "other_tax_amount")
    return Rollup(
        Entity.CHARGE,
        CHARGE_KEYS,
        sums,
        ("line", "period_start"),
        ("period_end", "subscriber", "cost_centre_text"),
    )


def use_rollup() -> Rollup:
    """Use by account, line, kind, zone and unit, with its first and last moment."""
    return Rollup(
        Entity.USAGE, USE_KEYS, ("quantity", "amount"), ("line", "first_at"), ("last_at",)
    )
