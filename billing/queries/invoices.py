"""Reads over invoices as they are shown: the list, one, its trend, findings and releases."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Abs, Coalesce

from billing.kinds import Detail, ImportPart, ImportState, Severity
from billing.models import Finding, Import, Invoice, Payment, Release
from billing.months import MONTHS_SHOWN, earlier, month_of, next_month, run_of
from members.models import Organisation, User
from members.permissions import visible
from members.roles import May

ZERO = Decimal(0)
SUMS_RULE = "A04"
_UNSETTLED = (ImportState.RECEIVED, ImportState.READING, ImportState.PREPARED)
SHOWN = ("branch", "account__provider", "current__charge_import", "current__document")
_AMOUNT: "DecimalField[Any, Any]" = DecimalField(max_digits=14, decimal_places=2)


def billed() -> Any:
    """The month's own cost of the version shown: charges and taxes, without the earlier balance."""
    return (
        F("current__charges_amount")
        + F("current__tps_amount")
        + F("current__tvq_amount")
        + F("current__other_taxes_amount")
    )


def invoices_of(
    user: User, organisation: Organisation, may: May = May.SEE_INVOICES
) -> QuerySet[Any]:
    """The invoices shown to ``user``: what they bill, their blockers, what is at stake."""
    rows = Invoice.objects.filter(branch__organisation=organisation, current__isnull=False)
    found = Finding.objects.filter(version=OuterRef("current")).order_by().values("version")
    blockers = found.filter(severity=Severity.BLOCKS).annotate(n=Count("pk")).values("n")
    latest = Release.objects.filter(version=OuterRef("current")).order_by("-released_at", "-pk")
    return (
        visible(user, may, rows)
        .select_related(*SHOWN)
        .annotate(
            billed_amount=billed(),
            blocker_count=Coalesce(Subquery(blockers), 0),
            stake_amount=at_stake(),
            release_kind=Subquery(latest.values("kind")[:1]),
            paid_amount=paid_so_far(),
            to_pay_amount=left_to_pay(),
            awaits_use=use_under_way(),
        )
    )


def at_stake() -> Subquery:
    """Of an invoice: the gaps of what blocks it or may be contested; None where none has an amount.

    A gap in the charges or a tax is found again in the amount due: of A04, the widest counts alone.
    """
    sums, gap = Q(rule=SUMS_RULE), Abs("at_stake_amount")
    found = Finding.objects.filter(
        version=OuterRef("current"),
        severity__in=[Severity.BLOCKS, Severity.DISPUTE],
        at_stake_amount__isnull=False,
    )
    summed = (
        found.order_by()
        .values("version")
        .annotate(
            n=Coalesce(Sum(gap, filter=~sums), ZERO, output_field=_AMOUNT)
            + Coalesce(Max(gap, filter=sums), ZERO, output_field=_AMOUNT)
        )
    )
    return Subquery(summed.values("n"), output_field=_AMOUNT)


def paid_so_far() -> Any:
    """Of an invoice: what was paid on any of its versions, a corrected one too."""
    paid = Payment.objects.filter(release__invoice=OuterRef("pk")).order_by()
    told = paid.values("release__invoice").annotate(n=Sum("amount")).values("n")
    return Coalesce(Subquery(told), ZERO, output_field=_AMOUNT)


def left_to_pay() -> Any:
    """Of an invoice: what the last word on the version shown releases, and nobody paid yet."""
    paid = Payment.objects.filter(release=OuterRef("pk")).order_by().values("release")
    told = paid.annotate(n=Sum("amount")).values("n")
    left = F("amount") - Coalesce(Subquery(told), ZERO, output_field=_AMOUNT)
    latest = Release.objects.filter(version=OuterRef("current")).order_by("-released_at", "-pk")
    return Coalesce(
        Subquery(latest.annotate(left=left).values("left")[:1]), ZERO, output_field=_AMOUNT
    )


def use_under_way() -> Q:
    """Of an invoice: its charges are shown, and use of its period came that is not yet (D-41).

    In the same package, or in another file of the member or the group that waits to be shown.
    """
    use = Import.objects.filter(part=ImportPart.USAGE)
    packed = use.filter(
        bill_file=OuterRef("current__charge_import__bill_file"), state__in=_UNSETTLED
    )
    beside = use.filter(
        Q(branch__isnull=True) | Q(branch__organisation=OuterRef("branch__organisation")),
        provider=OuterRef("account__provider"),
        state=ImportState.PREPARED,
        period__overlap=OuterRef("period"),
    )
    return Q(current__detail=Detail.CHARGES) & (Q(Exists(packed)) | Q(Exists(beside)))


def in_month(rows: QuerySet[Any], month: date) -> QuerySet[Any]:
    """Those whose period ends in a month."""
    return rows.filter(period__endswith__gt=month, period__endswith__lte=next_month(month))


@dataclass(frozen=True, slots=True)
class MonthAmount:
    """What was billed in a month, before taxes and with them."""

    month: date
    charges: Decimal
    billed: Decimal


def trend_of(rows: QuerySet[Any], last: date) -> list[MonthAmount]:
    """The thirteen months that end with ``last``, each with what the invoices bill."""
    since = earlier(last, MONTHS_SHOWN - 1)
    found = (
        rows.filter(period__endswith__gt=since, period__endswith__lte=next_month(last))
        .order_by()
        .values_list("period", "current__charges_amount", billed())
    )
    charges: dict[date, Decimal] = {}
    totals: dict[date, Decimal] = {}
    for period, before_tax, total in found:
        month = month_of(period)
        charges[month] = charges.get(month, ZERO) + before_tax
        totals[month] = totals.get(month, ZERO) + total
    return [MonthAmount(m, charges.get(m, ZERO), totals.get(m, ZERO)) for m in run_of(last)]


def latest_month(rows: QuerySet[Any]) -> date | None:
    """The month of the last invoice; None without any."""
    upper = rows.order_by("-period__endswith").values_list("period", flat=True).first()
    return month_of(upper) if upper else None


def findings_on(invoice: Invoice, most: int) -> list[Finding]:
    """The first found on the version shown, what blocks first; the invoice was fetched already."""
    found = Finding.objects.filter(version=invoice.current_id)
    return list(found.order_by("severity", "rule", "number", "pk")[:most])


def found_by_rule(invoice: Invoice) -> dict[str, tuple[int, Severity]]:
    """Rule → how many were found on the version shown, and the gravest; counted in the database."""
    found = Finding.objects.filter(version=invoice.current_id).order_by().values_list("rule")
    counted = found.annotate(n=Count("pk"), worst=Min("severity"))  # B, D, I: the gravest first
    return {rule: (count, Severity(worst)) for rule, count, worst in counted}


def periods_beside(invoice: Invoice) -> list[tuple[date, date]]:
    """``[start, end)`` of the account's other invoices that are shown: A08 to A10 rest on them."""
    others = Invoice.objects.filter(account=invoice.account_id, current__isnull=False)
    periods = others.exclude(pk=invoice.pk).order_by().values_list("period", flat=True)
    return [(period.lower, period.upper) for period in periods]


def releases_of(invoice: Invoice) -> list[Release]:
    """Every word on its payment, the latest first, with who said it and what was paid."""
    said = invoice.releases.select_related("released_by__person", "version")
    return list(said.prefetch_related("payments"))


def has_blockers(invoice: Invoice) -> bool:
    """Whether the version shown has an open blocker (G01)."""
    return Finding.objects.filter(
        Q(version=invoice.current_id) & Q(severity=Severity.BLOCKS)
    ).exists()
