"""The member's checklist of files: what each account's cycle awaits, and what came."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.queries.expected import MISSING, awaited_files
from billing.views.arrivals import arrival_badge, stopped_file
from billing.views.tabs import bill_page, month_label
from members.permissions import require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from portal.clock import today

TAB = "billing:expected_files"


@require_safe
def expected_files(request: SignedInRequest, member: str) -> HttpResponse:
    """Charges, use and inventory of the last three cycles, account by account."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.IMPORT_BILLS, organisation)
    accounts = awaited_files(request.user, organisation, today())
    rows = [
        {
            "account": account,
            "month": month_label(account.month),
            "invoice_id": account.invoice_id,
            "file_id": stopped_file(account),
            "charges": arrival_badge(account.charges),
            "usage": arrival_badge(account.usage),
            "inventory": arrival_badge(account.inventory),
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
