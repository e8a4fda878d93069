"""Findings, written with the versions they stand on (F-47)."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from django.utils.translation import gettext as _

from billing.bills import Bill
from billing.loading.reading import Loaded
from billing.models import Finding, Import, InvoiceVersion
from billing.rules import BilledLine, Found, Judged, judge_invoice
from members.models import ProviderAccount
from orders.kinds import LineStatus
from orders.models import LineVersion

BATCH = 2_000
MOST_LINES = 20
"""Source lines copied as evidence."""


def write_findings(
    bill_import: Import,
    loaded: Loaded,
    rollup: pl.DataFrame,
    bills: Mapping[str, Bill],
    versions: Mapping[str, InvoiceVersion],
    places: pl.DataFrame,
) -> None:
    """Judge each new version (A02 to A07, A13, B01 to B03) and write what is found.

    What rests on the account's other invoices (A08 to A10) is judged where a version is shown.
    """
    lines = _lines(rollup, places)
    unbilled = _unbilled(bills, versions, _billed(places))
    rejects = [r.line for part in loaded.tally.parts.values() for r in part.rejects]
    drifts = [f for p in loaded.tally.parts.values() for f in p.faults if not f.is_blocking]
    rows: list[Finding] = []
    for number, version in versions.items():
        bill, invoice = bills[number], version.invoice
        judged = Judged(
            start=bill.start,
            end=bill.end,
            invoice_number=bill.invoice_number,
            issued_on=bill.issued_on,
            previous_balance=bill.previous_balance_amount,
            ours=bill.ours,
            stated=bill.stated,
            lines=lines.get(number, []),
            unbilled=sorted(unbilled.get(invoice.account_id, [])),
            unclassified=bill.unclassified,
            account_fault=_account_fault(invoice.account, bill),
            drifts=drifts,
            rejected_rows=rejects[:MOST_LINES],
            rejected_count=loaded.rejected_count,
            is_period_told=bill.is_period_told,
            is_group_file=bill_import.branch_id is None,
        )
        rows += _findings(bill_import, version, judge_invoice(judged))
    Finding.objects.bulk_create(rows, batch_size=BATCH)


def _lines(rollup: pl.DataFrame, places: pl.DataFrame) -> dict[str, list[BilledLine]]:
    """The billed lines of each account."""
    if places.is_empty():
        return {}
    told = (
        rollup.filter(pl.col("number").is_not_null())
        .group_by("account", "number")
        .agg(pl.col("amount").sum(), pl.col("line").min())
        .join(places, on=["account", "number"], how="inner")
        .sort("account", "number")
    )
    found: dict[str, list[BilledLine]] = {}
    for row in told.iter_rows(named=True):
        amount = Decimal(row["amount"]).quantize(Decimal("0.01"))
        is_known = row["service_line_id"] is not None
        line = BilledLine(row["number"], amount, row["line"], is_known)
        found.setdefault(row["account"], []).append(line)
    return found


def _billed(places: pl.DataFrame) -> set[tuple[str, int | str]]:
    """Account of what is billed with its line of the fleet, and with its number."""
    if places.is_empty():
        return set()
    names = ("service_line_id", "number")
    return {row for name in names for row in places.select("account", name).drop_nulls().rows()}


def _unbilled(
    bills: Mapping[str, Bill],
    versions: Mapping[str, InvoiceVersion],
    billed: Set[tuple[str, int | str]],
) -> dict[int, list[str]]:
    """The lines in service on each account on its period's last day that it does not bill.

    The invoice's date, some days later, is for cost centres alone (D-43).
    """
    by_day: dict[date, list[int]] = {}
    for number, version in versions.items():
        last = bills[number].end - timedelta(days=1)
        by_day.setdefault(last, []).append(version.invoice.account_id)
    found: dict[int, list[str]] = {}
    for day, accounts in by_day.items():
        active = LineVersion.objects.filter(
            account__in=accounts, status=LineStatus.ACTIVE, valid__contains=day
        )
        told = active.values_list("account", "account__number", "service_line", "number")
        for account, account_number, line, number in told:
            if not {(account_number, line), (account_number, number)} & billed:
                found.setdefault(account or 0, []).append(number)
    return found


def _account_fault(account: ProviderAccount, bill: Bill) -> str:
    """Why an account does not stand for all that the portal knows; nothing when it does."""
    if account.closed_on and account.closed_on <= bill.start:
        told = _(
            "Le compte %(number)s est fermé depuis le %(day)s. Contestez ces frais, ou faites "
            "corriger la date de fermeture."
        )
        return told % {
            "number": account.number,
            "day": account.closed_on,
        }
    if account.opened_on and account.opened_on >= bill.end:
        told = _(
            "Le compte %(number)s n'est ouvert que depuis le %(day)s. Contestez ces frais, ou "
            "faites corriger la date d'ouverture."
        )
        return told % {
            "number": account.number,
            "day": account.opened_on,
        }
    return ""


def _findings(
    bill_import: Import, version: InvoiceVersion, found: Sequence[Found]
) -> list[Finding]:
    """Rows of what was found, with a copy of the evidence (D-40)."""
    return [
        Finding(
            version=version,
            branch_id=version.invoice.branch_id,
            rule=one.rule,
            severity=one.severity,
            number=one.number,
            at_stake_amount=one.at_stake,
            evidence={
                "message": one.message,
                "import": bill_import.pk,
                "lines": [line for line in one.lines if line],
            },
        )
        for one in found
    ]
