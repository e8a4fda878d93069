"""How an invoice falls, read from its rollups: by category, subdivision and cost centre."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from billing.bills import UNCHARGED
from billing.models import CentreTotal, Invoice


@dataclass(frozen=True, slots=True)
class Part:
    """One share of an invoice: before taxes, taxes, and, of a category, how many lines bear it."""

    label: str
    amount: Decimal
    taxes: Decimal
    lines: int = 0
    note: str = ""
    branch_id: int | None = None
    centre_id: int | None = None
    category: str = ""

    @property
    def total(self) -> Decimal:
        """With taxes."""
        return self.amount + self.taxes


def by_category(invoice: Invoice) -> list[Part]:
    """What each category costs, the dearest first; what was carried over is not charged."""
    found = _summed(invoice, "category").exclude(category__in=UNCHARGED)
    return [
        Part(row["category"], row["charged"], row["taxed"], row["lines"], category=row["category"])
        for row in found.order_by("-charged", "category")
    ]


def by_centre(invoice: Invoice) -> list[Part]:
    """What each cost centre of each subdivision bears, in their order; without one comes last."""
    names = ("branch_id", "branch__name", "cost_centre_id", "cost_centre__code")
    found = _summed(invoice, *names, "cost_centre__name").order_by(
        "branch__name", F("cost_centre__code").asc(nulls_last=True)
    )
    return [
        Part(
            f"{row['cost_centre__code']} {row['cost_centre__name']}"
            if row["cost_centre_id"]
            else "",
            row["charged"],
            row["taxed"],
            note=row["branch__name"],
            branch_id=row["branch_id"],
            centre_id=row["cost_centre_id"],
        )
        for row in found
    ]


def by_branch(parts: list[Part]) -> list[Part]:
    """The same, added up by subdivision."""
    added: dict[str, Part] = {}
    for part in parts:
        known = added.get(part.note)
        added[part.note] = Part(
            part.note,
            part.amount + (known.amount if known else 0),
            part.taxes + (known.taxes if known else 0),
            branch_id=part.branch_id,
        )
    return list(added.values())


def _summed(invoice: Invoice, *names: str) -> QuerySet[Any, Any]:
    """Sums by those columns over the version shown."""
    found: QuerySet[Any, Any] = (
        CentreTotal.objects.filter(version=invoice.current_id)
        .order_by()
        .values(*names)
        .annotate(
            charged=Sum("amount"),
            taxed=Sum(F("tps_amount") + F("tvq_amount") + F("other_tax_amount")),
            lines=Sum("line_count"),
        )
    )
    return found
