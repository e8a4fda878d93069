"""Reads over use in aggregate: by kind, by cost centre, and thirteen months of data (F-56)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum

from billing.formats.canonical import UseKind
from billing.models import CentreUse
from billing.months import MONTHS_SHOWN, earlier, run_of
from members.models import Organisation, User
from members.permissions import visible
from members.roles import May

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class UseRow:
    """A quantity of one kind, with what it cost beyond the plans."""

    kind: str
    roaming: str
    unit: str
    quantity: int
    amount: Any
    lines: int
    branch: str = ""
    centre: str = ""


def use_seen(user: User, organisation: Organisation) -> QuerySet[CentreUse]:
    """Use on the branches where ``user`` sees its totals, of the versions that are shown."""
    rows = CentreUse.objects.filter(
        branch__organisation=organisation, version__shown_by__isnull=False
    )
    return visible(user, May.SEE_USE, rows)


def last_use_month(rows: QuerySet[CentreUse]) -> date | None:
    """The last month in which something was used."""
    return rows.order_by("-month").values_list("month", flat=True).first()


def use_by_kind(rows: QuerySet[CentreUse], month: date) -> list[UseRow]:
    """A month's use by kind and roaming."""
    return [_row(row) for row in _summed(rows.filter(month=month)).order_by("kind", "roaming")]


def use_by_centre(rows: QuerySet[CentreUse], month: date) -> list[UseRow]:
    """A month's use by subdivision and cost centre."""
    names = ("branch__name", "cost_centre__code", "cost_centre__name")
    found = _summed(rows.filter(month=month), *names).order_by(
        "branch__name", F("cost_centre__code").asc(nulls_last=True), "kind", "roaming"
    )
    return [_row(row) for row in found[:MOST_ROWS]]


def data_by_month(rows: QuerySet[CentreUse], last: date) -> list[tuple[date, int]]:
    """Bytes used in each of the thirteen months that end with ``last``."""
    since = earlier(last, MONTHS_SHOWN - 1)
    found = dict(
        rows.filter(kind=UseKind.DATA, month__gte=since, month__lte=last)
        .order_by()
        .values("month")
        .annotate(used=Sum("quantity"))
        .values_list("month", "used")
    )
    return [(month, int(found.get(month, 0))) for month in run_of(last)]


def _summed(rows: QuerySet[CentreUse], *names: str) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = (
        rows.order_by()
        .values("kind", "roaming", "unit", *names)
        .annotate(used=Sum("quantity"), cost=Sum("amount"), lines=Sum("line_count"))
    )
    return found


def _row(row: dict[str, Any]) -> UseRow:
    code = row.get("cost_centre__code")
    return UseRow(
        kind=row["kind"],
        roaming=row["roaming"],
        unit=row["unit"],
        quantity=int(row["used"]),
        amount=row["cost"],
        lines=row["lines"],
        branch=row.get("branch__name", ""),
        centre=f"{code} {row['cost_centre__name']}" if code else "",
    )
