"""The member's checklist of files: what each account's cycle awaits, and what came."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.queries.expected import (
    AWAITED,
    NONE,
    RECEIVED,
    REFUSED,
    TO_CONFIRM,
    TYPED,
    UNDER_WAY,
    awaited_files,
)
from billing.views.tabs import bill_page, month_label
from members.permissions import require_member
from members.requests import SignedInRequest
from members.roles import May
from orders.queries.fleet import branches_where
from portal.clock import today

TAB = "billing:expected_files"
STANDINGS = {
    RECEIVED: (_("Reçu"), "success"),
    TYPED: (_("Saisie, sans détail"), "info"),
    UNDER_WAY: (_("En cours"), "info"),
    TO_CONFIRM: (_("À confirmer"), "warning"),
    REFUSED: (_("Refusé"), "danger"),
    AWAITED: (_("Attendu"), "warning"),
    NONE: (_("Aucun n'est attendu"), ""),
}
MISSING = (AWAITED, REFUSED, TO_CONFIRM)


@require_safe
def expected_files(request: SignedInRequest, member: str) -> HttpResponse:
    """Charges, use and inventory of the last three cycles, account by account."""
    organisation = require_member(request.user, member)
    branches_where(request.user, May.IMPORT_BILLS, organisation)
    accounts = awaited_files(request.user, organisation, today())
    rows = [
        {
            "account": account,
            "month": month_label(account.month),
            "invoice_id": account.invoice_id,
            "file_id": account.file_id if account.charges in (REFUSED, TO_CONFIRM) else None,
            "charges": STANDINGS[account.charges],
            "usage": STANDINGS[account.usage],
            "inventory": STANDINGS[account.inventory],
        }
        for account in accounts
    ]
    return render(
        request,
        "billing/expected_files.html",
        bill_page(
            request,
            organisation,
            TAB,
            rows=rows,
            missing=sum(1 for account in accounts if account.charges in MISSING),
        ),
    )
