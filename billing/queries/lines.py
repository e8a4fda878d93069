"""Reads over the lines of invoices: totals by line, a line's charges, the row each came from."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from billing.models import Charge, Invoice, InvoiceVersion, LineTotal, LineUse, Usage
from billing.months import MONTHS_SHOWN, earlier, month_of, next_month, run_of
from billing.queries.invoices import ZERO, in_month
from members.models import Organisation, User
from members.permissions import can, visible
from members.roles import May

MOST_ROWS = 1_000
"""Rows of a line that a page shows; the rest is in its file."""
MOST_DEAR = 5
"""Lines that an invoice's page shows, the dearest."""


def shown_invoices(organisation: Organisation) -> QuerySet[Invoice]:
    """What is shown of a member's invoices, before any gate: a line's page asks its own."""
    rows = Invoice.objects.filter(branch__organisation=organisation, current__isnull=False)
    return rows.select_related("branch", "account__provider", "current")


def lines_on(user: User, invoice: Invoice) -> QuerySet[LineTotal]:
    """The lines of an invoice: all for whom its account is, otherwise those of one's branches."""
    rows = LineTotal.objects.filter(version=invoice.current_id)
    if can(user, May.SEE_CHARGES, on=invoice):
        return rows
    return visible(user, May.SEE_CHARGES, rows)


def dearest_lines(user: User, invoice: Invoice) -> list[dict[str, Any]]:
    """The lines that cost most on an invoice before taxes: ``number``, ``subscriber``,
    ``counted`` charges, ``charged``.
    """
    rows = lines_on(user, invoice).filter(line_amount__isnull=False)
    told: QuerySet[Any, Any] = rows.values(
        "number", "subscriber", counted=F("line_charge_count"), charged=F("line_amount")
    )
    return list(told.order_by("-line_amount", "number")[:MOST_DEAR])


def lines_in_month(user: User, organisation: Organisation, month: date) -> QuerySet[LineTotal]:
    """The lines billed in a month on one's branches, whichever account bears them."""
    versions = in_month(shown_invoices(organisation), month).values_list("current", flat=True)
    rows = LineTotal.objects.filter(version__in=list(versions))  # literals, as D-40 asks
    return visible(user, May.SEE_CHARGES, rows)


def by_line(rows: QuerySet[LineTotal]) -> QuerySet[Any]:
    """One row a line of each invoice, with its sums over every category."""
    return (
        rows.filter(line_amount__isnull=False)
        .select_related(
            "branch", "cost_centre", "service_line", "version__invoice__account__provider"
        )
        .annotate(
            charged=F("line_amount"), taxed=F("line_tax_amount"), counted=F("line_charge_count")
        )
    )


def charges_of(version: InvoiceVersion, number: str) -> list[Charge]:
    """A line's charges in the order of the file; the account's own where ``number`` is empty."""
    return list(_charges(version).filter(_numbered(number)).order_by("line")[: MOST_ROWS + 1])


def charges_at(version: InvoiceVersion, number: str, line: int) -> list[Charge]:
    """What one line of the file gave to a line of the invoice: several charges of a wide file."""
    return list(_charges(version).filter(_numbered(number), line=line).order_by("category"))


def numbers_at(version: InvoiceVersion, lines: Collection[int]) -> dict[int, str]:
    """Which line of the invoice bears the charge of each of these lines of the file."""
    if not lines:
        return {}
    rows = _charges(version).filter(line__in=lines).order_by("line")
    return {line: number or "" for line, number in rows.values_list("line", "number")}


def _charges(version: InvoiceVersion) -> QuerySet[Charge]:
    """The charges of a version; its invoice was fetched through the gate.

    Storage and import are literals: one table is opened.
    """
    source = version.charge_import
    if source is None or source.storage_id is None:
        return Charge.objects.none()
    return Charge.objects.filter(
        storage_id=source.storage_id,
        import_id=source.pk,
        account=version.invoice.account.number,
    )


def usage_of(version: InvoiceVersion, number: str) -> list[Usage]:
    """A line's use, record by record, in order of time; whoever asks wrote why."""
    source = version.usage_import
    if source is None or source.storage_id is None:
        return []
    rows = Usage.objects.filter(
        storage_id=source.storage_id,
        import_id=source.pk,
        account=version.invoice.account.number,
        number=number,
    )
    return list(rows.order_by("occurred_at", "line")[: MOST_ROWS + 1])


def use_of(version: InvoiceVersion, number: str) -> list[LineUse]:
    """A line's use on one invoice, by kind."""
    return list(LineUse.objects.filter(version=version, number=number).order_by("kind", "roaming"))


def line_trend(user: User, invoice: Invoice, number: str) -> list[tuple[date, Decimal]]:
    """What a line was billed before taxes in each of thirteen months, on the same account; for who
    sees only some branches, while it was theirs.
    """
    last = month_of(invoice.period)
    since = earlier(last, MONTHS_SHOWN - 1)
    months = dict(
        Invoice.objects.filter(
            account=invoice.account_id,
            current__isnull=False,
            period__endswith__gt=since,
            period__endswith__lte=next_month(last),
        )
        .order_by()
        .values_list("current", "period")
    )
    found = LineTotal.objects.filter(version__in=list(months), number=number).order_by()
    if not can(user, May.SEE_CHARGES, on=invoice):
        found = visible(user, May.SEE_CHARGES, found)
    charged: dict[date, Decimal] = {}
    for version, amount in (
        found.values("version").annotate(n=Sum("amount")).values_list("version", "n")
    ):
        month = month_of(months[version])
        charged[month] = charged.get(month, ZERO) + amount
    return [(month, charged.get(month, ZERO)) for month in run_of(last)]


def _numbered(number: str) -> Q:
    return Q(number=number) if number else Q(number__isnull=True) | Q(number="")
