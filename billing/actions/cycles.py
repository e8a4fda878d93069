"""What a file comes to for each account, beside the account's cycle before (D-42)."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from billing.kinds import ImportState
from billing.loading.reading import Loaded
from billing.models import Import
from billing.recognition import PART_OF

Counts = Mapping[str, dict[str, Any]]
"""Account → ``rows`` by part and, where there are some, ``amount``; plain values."""


def own_parts(held: Import, loaded: Loaded) -> set[str]:
    """The parts that the import publishes."""
    return {p.code for p in loaded.profile.parts if PART_OF[p.entity] == held.part}


def account_counts(held: Import, loaded: Loaded) -> dict[str, dict[str, Any]]:
    """What the file has of each account that it may take."""
    apart = {account for _part, account in loaded.apart}
    counts: dict[str, dict[str, Any]] = {}
    for code in sorted(own_parts(held, loaded) & set(loaded.tally.parts)):
        for account, rows in loaded.tally.parts[code].row_counts().items():
            if account not in apart:
                counts.setdefault(account, {"rows": {}})["rows"][code] = rows
    if "amount" in loaded.rollup.columns:
        summed = loaded.rollup.group_by("account").agg(pl.col("amount").sum())
        for account, amount in summed.iter_rows():
            counts.setdefault(account, {"rows": {}})["amount"] = str(amount or 0)
    return counts


def last_counts(held: Import, period: Any, accounts: Collection[str]) -> dict[str, dict[str, Any]]:
    """What each account had in its last published file, whoever sent it, of an earlier period.

    Another account of the same member, or of another, is no measure of it.
    """
    earlier = Import.objects.filter(
        profile_version__profile=held.profile_version.profile_id,
        part=held.part,
        state=ImportState.PUBLISHED,
        totals__accounts__has_any_keys=sorted(accounts),
    )
    if period:
        earlier = earlier.filter(period__startswith__lt=period.lower)
    found: dict[str, dict[str, Any]] = {}
    for told in earlier.order_by("-period", "-pk").values_list("totals__accounts", flat=True):
        for account in accounts:
            if account in told:
                found.setdefault(account, told[account])
        if len(found) == len(accounts):
            break
    return found


def rows_by_part(counts: Counts) -> dict[str, dict[str, int]]:
    """Part → account → rows."""
    told: dict[str, dict[str, int]] = {}
    for account, one in counts.items():
        for code, rows in one["rows"].items():
            told.setdefault(code, {})[account] = rows
    return told


def cycle_totals(counts: Counts, last: Counts, duplicates: int) -> dict[str, Any]:
    """Counts and sums of the file beside those of the cycle before, for whoever compares."""
    told: dict[str, Any] = {"rows": _rows(counts), "accounts": counts}
    if last:
        told["last_rows"] = _rows(last)
    if amount := _amount(counts):
        told["amount"] = amount
        if last:
            told["last_amount"] = _amount(last)
    if duplicates:
        told["duplicates"] = duplicates
    return told


def _rows(counts: Counts) -> int:
    return sum(rows for one in counts.values() for rows in one["rows"].values())


def _amount(counts: Counts) -> str | None:
    amounts = [Decimal(one["amount"]) for one in counts.values() if "amount" in one]
    return str(sum(amounts, Decimal(0))) if amounts else None
