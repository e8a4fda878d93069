"""What a file says of each account: period, statement, sums; plain values from canonical frames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.canonical import TEXT, Category
from billing.formats.definition import Profile
from billing.formats.faults import FormatRefused, refuse
from billing.formats.values import dates

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
TAXES = {
    Category.TAX_TPS: "tps_amount",
    Category.TAX_TVQ: "tvq_amount",
    Category.TAX_OTHER: "other_tax_amount",
}
"""Rows that are a tax by themselves; 9-1-1 is charged like a fee and stays with the charges."""

BALANCES = {
    Category.BALANCE_FORWARD: "previous_balance_amount",
    Category.PAYMENT: "payments_amount",
}
"""Rows that carry the account from one bill to the next."""

UNCHARGED = (*BALANCES, Category.MEMO)
"""Rows that charge nothing."""

STATED = {
    "charges_amount": "new_charges_amount",
    "tps_amount": "tps_amount",
    "tvq_amount": "tvq_amount",
    "other_taxes_amount": "other_taxes_amount",
    "due_amount": "total_due_amount",
    "line_count": "line_count",
    "charge_count": "charge_count",
}
"""Our names of totals and those of a statement."""


SUMS = {
    "charges_amount": "amount",
    "tps_amount": "tps_amount",
    "tvq_amount": "tvq_amount",
    "other_taxes_amount": "other_tax_amount",
}
"""Our names of what charges add up to, and the columns that are added."""


@dataclass(slots=True)
class Bill:
    """One account's bill: ``[start, end)``, what the statement tells, and our own sums.

    ``is_period_told``: by the statement or the file; otherwise it is that of the charges' days.
    """

    account: str
    start: date
    end: date
    invoice_number: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    previous_balance_amount: Decimal | None = None
    payments_amount: Decimal | None = None
    adjustments_amount: Decimal | None = None
    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(SUMS, ZERO))
    stated: dict[str, Decimal | int] = field(default_factory=dict)
    line_count: int = 0
    charge_count: int = 0
    unclassified: tuple[int, Decimal, int] = (0, ZERO, 0)
    is_period_told: bool = True

    @property
    def day(self) -> date:
        """The invoice's date, for which cost centres hold (D-43); its last day where untold."""
        return self.issued_on or self.end - timedelta(days=1)

    @property
    def ours(self) -> dict[str, Decimal | int]:
        """Our totals, by the names of the version's fields."""
        counts = {"line_count": self.line_count, "charge_count": self.charge_count}
        return {**self.sums, "due_amount": self.due_amount, **counts}

    @property
    def due_amount(self) -> Decimal:
        """What is due: balance, payments, adjustments, charges and taxes."""
        carried = (self.previous_balance_amount, self.payments_amount, self.adjustments_amount)
        return sum((told or ZERO for told in (*carried, *self.sums.values())), ZERO)


def bills_of(
    profile: Profile, facts: Mapping[str, str], statements: pl.DataFrame, rollup: pl.DataFrame
) -> dict[str, Bill]:
    """The bill of each account that has a statement or a charge, of what ``charged`` gives.

    Raises FormatRefused where nothing says which period an account's rows are of.
    """
    told = {row["account"]: row for row in statements.iter_rows(named=True)}
    period = stated_period(profile, facts)
    is_taxed_whole = any(part.meaning.tax_level == "account" for part in profile.parts)
    sums = {row["account"]: row for row in _by_account(rollup)}
    categories = _by_category(rollup)
    bills = {}
    for account in sorted({*told, *sums}):
        statement, summed = told.get(account, {}), sums.get(account, {})
        start, last, is_told = _period(account, statement, summed, period)
        bill = Bill(account, start, last + timedelta(days=1), is_period_told=is_told)
        _tell_statement(bill, statement)
        if summed:
            bill.line_count, bill.charge_count = summed["lines"], summed["rows"]
        for row in categories.get(account, []):
            _tell_category(bill, row)
        if is_taxed_whole:
            _tell_taxes(bill)
        bills[account] = bill
    return bills


def stated_period(profile: Profile, facts: Mapping[str, str]) -> tuple[date, date] | None:
    """The first and last day that the file states for all its rows."""
    if "period_start" not in facts or "period_end" not in facts:
        return None
    for part in profile.parts:
        read = dates(part.values.dates)
        days = read(pl.Series([facts["period_start"], facts["period_end"]], dtype=TEXT))
        if not days.null_count() and days[0] <= days[1]:
            return days[0], days[1]
    return None


def period_read(
    profile: Profile, facts: Mapping[str, str], statements: pl.DataFrame, rollup: pl.DataFrame
) -> tuple[date, date] | None:
    """The first and last day of the charges that were read of a file; None where nothing says."""
    told = {row["account"]: row for row in statements.iter_rows(named=True)}
    sums = {row["account"]: row for row in _by_account(rollup)}
    stated = stated_period(profile, facts)
    try:
        read = [_period(a, told.get(a, {}), sums.get(a, {}), stated) for a in {*told, *sums}]
    except FormatRefused:
        return None
    if not read:
        return stated
    return min(start for start, _last, _told in read), max(last for _start, last, _told in read)


def _period(
    account: str,
    statement: Mapping[str, Any],
    summed: Mapping[str, Any],
    stated: tuple[date, date] | None,
) -> tuple[date, date, bool]:
    """The statement's period, else the file's, else the days of the charges; whether it is told."""
    tries = (
        (statement.get("period_start"), statement.get("period_end"), True),
        (*(stated or (None, None)), True),
        (summed.get("period_start"), summed.get("period_end"), False),
    )
    for start, last, is_told in tries:
        if start and last and start <= last:
            return start, last, is_told
    message = _(
        "Rien ne dit la période du compte %(account)s : complétez le profil, ou demandez le "
        "fichier avec ses dates."
    )
    raise refuse("no_period", account, message % {"account": account})


def _by_account(rollup: pl.DataFrame) -> Iterator[dict[str, Any]]:
    if rollup.is_empty():
        return iter(())
    grouped = rollup.group_by("account").agg(
        pl.col("number").drop_nulls().n_unique().alias("lines"),
        pl.col("rows").sum(),
        pl.col("period_start").min(),
        pl.col("period_end").max(),
    )
    return grouped.iter_rows(named=True)


def charged(rollup: pl.DataFrame) -> pl.DataFrame:
    """What each row adds to its invoice: of a row that is a tax, the tax; of what is carried over,
    nothing, but under ``carried``.
    """
    if rollup.is_empty():
        return rollup
    category, amount = pl.col("category"), pl.col("amount")
    return rollup.with_columns(
        pl.when(category.is_in(list(BALANCES))).then(amount).alias("carried"),
        pl.when(category.is_in([*TAXES, *UNCHARGED])).then(0).otherwise(amount).alias("amount"),
        *(
            pl.when(category == tax)
            .then(pl.col(column).fill_null(0) + amount)
            .otherwise(pl.col(column))
            .alias(column)
            for tax, column in TAXES.items()
        ),
    )


def counted(category: str, told: Mapping[str, Decimal | None]) -> dict[str, Decimal | None]:
    """What one row adds to each of ``SUMS``, by its columns, as ``charged`` counts it; None where
    it adds nothing.
    """
    counts = dict(told)
    if category in TAXES or category in UNCHARGED:
        counts["amount"] = None
    if column := TAXES.get(category, ""):  # type: ignore[call-overload]
        counts[column] = (told[column] or ZERO) + (told["amount"] or ZERO)
    return counts


def _by_category(rollup: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    if rollup.is_empty():
        return {}
    sums = [*SUMS.values(), "carried", "rows"]
    told = rollup.group_by("account", "category").agg(pl.col(*sums).sum(), pl.col("line").min())
    found: dict[str, list[dict[str, Any]]] = {}
    for row in told.sort("account", "category").iter_rows(named=True):
        found.setdefault(row["account"], []).append(row)
    return found


def _tell_statement(bill: Bill, statement: Mapping[str, Any]) -> None:
    """What the statement says of the account."""
    if not statement:
        return
    bill.invoice_number = statement["invoice_number"] or ""
    bill.issued_on, bill.due_on = statement["issued_on"], statement["due_on"]
    for name in ("previous_balance_amount", "payments_amount", "adjustments_amount"):
        setattr(bill, name, statement[name])
    bill.stated = {
        ours: statement[theirs]
        for ours, theirs in STATED.items()
        if statement.get(theirs) is not None
    }


def _tell_category(bill: Bill, row: Mapping[str, Any]) -> None:
    """Our own sums: charges before taxes, each tax, and what was carried over."""
    for name, column in SUMS.items():
        bill.sums[name] += _cents(row[column])
    if name := BALANCES.get(row["category"], ""):
        setattr(bill, name, _cents(row["carried"]))
    if row["category"] == Category.UNCLASSIFIED:
        bill.unclassified = (row["rows"], _cents(row["amount"]), row["line"])


def _tell_taxes(bill: Bill) -> None:
    """Taxes computed for the account as a whole: those of its statement that no charge carries."""
    for name in SUMS:
        if name != "charges_amount" and not bill.sums[name]:
            bill.sums[name] = Decimal(bill.stated.get(name, ZERO))


def _cents(amount: Decimal | None) -> Decimal:
    return Decimal(amount or 0).quantize(CENT)
