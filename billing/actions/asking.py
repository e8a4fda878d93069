"""Billed lines that the fleet lacks are asked of a person, once, as an invoice is shown (F-41)."""

from collections.abc import Collection
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum

from billing.kinds import GapState
from billing.models import Gap, Invoice, InvoiceVersion, LineTotal
from members.models import User
from portal.clock import database_clock
from portal.workflow import Transition, advance

BATCH = 2_000


def ask_of_lines(invoices: Collection[Invoice]) -> None:
    """Queue each line that these invoices bill and the fleet lacks; what was settled stays so.

    So is a line whose only question stood on a version that is shown no more, on another invoice
    of its account that bills it.
    """
    accounts = {invoice.account_id for invoice in invoices}
    shown = InvoiceVersion.objects.filter(shown_by__isnull=False, invoice__account__in=accounts)
    fresh = list(shown.filter(shown_by__in=invoices).values_list("pk", flat=True))
    lost = _lost(accounts)
    told = {}
    if lost:
        others = list(shown.values_list("pk", flat=True))  # literals, as D-40 asks
        told = _lacking(LineTotal.objects.filter(version__in=others, number__in=lost))
    told |= _lacking(LineTotal.objects.filter(version__in=fresh))
    asked = _asked(accounts)
    Gap.objects.bulk_create(
        (Gap(**row) for key, row in told.items() if key not in asked), batch_size=BATCH
    )


def settle_alike(
    transition: Transition, *, account: int, number: str, by: User, **settled: Any
) -> None:
    """What else is still asked about the number on the account's invoices, shown or not."""
    settled |= {"settled_at": database_clock(), "settled_by": by}
    for gap in Gap.objects.filter(
        state=GapState.OPEN, number=number, version__invoice__account=account
    ).order_by("pk"):
        advance(transition, on=gap, by=by, **settled)


def _lost(accounts: Collection[int]) -> set[str]:
    """Numbers still asked about on versions that are shown no more.

    Locked: whoever is settling one has done so before the others are read.
    """
    gaps = Gap.objects.filter(
        state=GapState.OPEN,
        version__shown_by__isnull=True,
        version__invoice__account__in=accounts,
    )
    return {gap.number for gap in gaps.order_by("pk").select_for_update(of=("self",))}


def _asked(accounts: Collection[int]) -> set[tuple[int, str]]:
    """Account and number of what is in the queue, and of what a person settled."""
    known = Gap.objects.filter(
        ~Q(state=GapState.OPEN) | Q(version__shown_by__isnull=False),
        version__invoice__account__in=accounts,
    )
    return set(known.order_by().values_list("version__invoice__account", "number"))


def _lacking(totals: QuerySet[LineTotal]) -> dict[tuple[int, str], dict[str, Any]]:
    """The question about each line that is none of the fleet, on the last of its invoices, by
    account and number.
    """
    rows: QuerySet[Any, Any] = (
        totals.filter(service_line=None)
        .exclude(number="")
        .values("version_id", "number", "branch_id", account=F("version__invoice__account"))
        .annotate(charged=Sum("amount"), named=Max("subscriber"))
        .order_by("version__invoice__period", "version__invoice__account", "number")
    )
    return {
        (row["account"], row["number"]): {
            "version_id": row["version_id"],
            "branch_id": row["branch_id"],
            "number": row["number"],
            "subscriber": row["named"],
            "amount": row["charged"],
        }
        for row in rows
    }
