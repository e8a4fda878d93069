"""Totals gathered while reading, by part and account: what the controls judge."""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from billing.formats.canonical import COLUMNS, INTEGER, Entity, is_amount
from billing.formats.definition import PartSpec, Profile, Term
from billing.formats.faults import Fault, Reject
from billing.formats.reading import Batch

MOST_REJECTS = 1_000
_SUM = pl.Decimal(38, 4)


@dataclass(slots=True)
class PartTotals:
    """What one part came to. ``groups``: rows, sums and first line by account (and category).

    ``place``: how faults name the part.
    """

    accepted: int = 0
    rejected: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    groups: list[pl.DataFrame] = field(default_factory=list)
    numbers: pl.DataFrame | None = None
    place: str = ""

    def accounts(self) -> dict[str, int]:
        """Accounts of the part, with the first line of each."""
        if not self.groups:
            return {}
        seen = pl.concat(self.groups).group_by("account").agg(pl.col("line").min())
        return dict(seen.sort("line", "account").iter_rows())

    def row_counts(self) -> dict[str, int]:
        """Canonical rows of each account."""
        if not self.groups:
            return {}
        counted = pl.concat(self.groups).group_by("account").agg(pl.col("rows").sum())
        return dict(counted.iter_rows())

    def by_account(self, term: Term) -> dict[str, Decimal]:
        """A term's value for each account, its sign apart."""
        if term.measure == "numbers":
            return self._distinct_numbers()
        if not self.groups:
            return {}
        told = pl.concat(self.groups)
        if term.categories:
            told = told.filter(pl.col("category").is_in([c.value for c in term.categories]))
        column = "rows" if term.measure == "rows" else term.field or ""
        summed = told.group_by("account").agg(pl.col(column).sum().cast(_SUM))
        return {account: Decimal(value or 0) for account, value in summed.iter_rows()}

    def _distinct_numbers(self) -> dict[str, Decimal]:
        if self.numbers is None:
            return {}
        counted = self.numbers.group_by("account").len()
        return {account: Decimal(count) for account, count in counted.iter_rows()}


class Tally:
    """Totals of a package while its parts are read; memory holds one row for each account."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.parts: dict[str, PartTotals] = {}

    def add(self, code: str, batch: Batch) -> None:
        """Count a batch of the part of this code."""
        spec, totals = self.profile.part(code), self.parts.setdefault(code, PartTotals())
        totals.accepted += batch.accepted
        totals.rejected += batch.rejected
        totals.place = batch.place
        totals.facts.update(batch.facts)
        totals.faults += batch.faults
        totals.rejects += batch.rejects[: MOST_REJECTS - len(totals.rejects)]
        if not batch.rows.height:
            return
        totals.groups.append(_grouped(spec, batch.rows))
        if len(totals.groups) > 1:
            totals.groups = [_merged(pl.concat(totals.groups))]
        if "numbers" in self._measures(code):
            seen = batch.rows.select("account", "number").filter(pl.col("number").is_not_null())
            before = [totals.numbers] if totals.numbers is not None else []
            totals.numbers = pl.concat([*before, seen.unique()]).unique()

    def _measures(self, code: str) -> Collection[str]:
        equations = self.profile.controls.equations
        terms = (term for e in equations for term in (*e.left, *e.right))
        return {term.measure for term in terms if term.part == code}


def _grouped(spec: PartSpec, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows, first line and sums by account, and by category where there is one."""
    keys = ["account", "category"] if spec.entity == Entity.CHARGE else ["account"]
    kinds = COLUMNS[spec.entity]
    summed = [name for name, kind in kinds.items() if is_amount(kind) or name.endswith("_count")]
    return rows.group_by(keys).agg(
        pl.len().cast(INTEGER).alias("rows"),
        pl.col("line").min(),
        *(pl.col(name).cast(_SUM).sum() for name in summed),
    )


def _merged(groups: pl.DataFrame) -> pl.DataFrame:
    keys = [name for name in ("account", "category") if name in groups.columns]
    return (
        groups.group_by(keys)
        .agg(pl.col("line").min(), pl.exclude(*keys, "line").sum())
        .select(groups.columns)
    )
