"""The member's checklist of files: what each account's cycle awaits, and what came."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.queries.expected import awaited_files
from billing.views.tabs import bill_page, month_label
from members.permissions import require_member
from members.requests import SignedInRequest
from members.roles import May
from orders.queries.fleet import branches_where
from portal.clock import today

TAB = "billing:expected_files"
STANDINGS = {
    "received": (_("Reçu"), "success"),
    "typed": (_("Saisie, sans détail"), "info"),
    "under_way": (_("En cours"), "info"),
    "awaited": (_("Attendu"), "warning"),
    "none": (_("Aucun n'est attendu"), ""),
}


@require_safe
def expected_files(request: SignedInRequest, member: str) -> HttpResponse:
    """Charges, use and inventory of the last three cycles, account by account."""
    organisation = require_member(request.user, member)
    branches_where(request.user, May.IMPORT_BILLS, organisation)
    rows = [
        {
            "account": row.account,
            "month": month_label(row.month),
            "invoice_id": row.invoice_id,
            "charges": STANDINGS[row.charges],
            "usage": STANDINGS[row.usage],
            "inventory": STANDINGS[row.inventory],
        }
        for row in awaited_files(request.user, organisation, today())
    ]
    return render(
        request,
        "billing/expected_files.html",
        bill_page(
            request,
            organisation,
            TAB,
            rows=rows,
            missing=sum(1 for row in rows if row["charges"] is STANDINGS["awaited"]),
        ),
    )
