"""Use in aggregate: a month by kind and by cost centre, and thirteen months of data (F-56)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.formats.canonical import BaseUnit
from billing.queries.invoices import in_month, use_under_way
from billing.queries.lines import shown_invoices
from billing.queries.use import (
    UseRow,
    data_by_month,
    last_use_month,
    use_by_centre,
    use_by_kind,
    use_seen,
)
from billing.views.tabs import bill_page, drawn, month_asked, month_context, month_label
from billing.words import quantity_label, use_label
from members.permissions import require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May

TAB = "billing:use_overview"


@require_safe
def use_overview(request: SignedInRequest, member: str) -> HttpResponse:
    """What was used on the branches whose totals I see; a line's detail is on its own page."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_USE, organisation)
    rows = use_seen(request.user, organisation)
    month = month_asked(request, last_use_month(rows))
    trend = data_by_month(rows, month) if month else []
    awaited = (
        in_month(shown_invoices(organisation), month).filter(use_under_way())
        if month
        else shown_invoices(organisation).none()
    )
    return render(
        request,
        "billing/use_overview.html",
        bill_page(
            request,
            organisation,
            TAB,
            kinds=[_shown(row) for row in use_by_kind(rows, month)] if month else [],
            centres=[_shown(row) for row in use_by_centre(rows, month)] if month else [],
            trend=[(month_label(m), quantity_label(n, BaseUnit.BYTE)) for m, n in trend],
            trend_chart=drawn(trend, lambda n: quantity_label(n, BaseUnit.BYTE) if n else ""),
            awaits_use=awaited.exists(),
            **month_context(month),
        ),
    )


def _shown(row: UseRow) -> dict[str, object]:
    """A quantity in words."""
    return {
        "label": use_label(row.kind, row.roaming),
        "quantity": quantity_label(row.quantity, row.unit),
        "row": row,
    }
