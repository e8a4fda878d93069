"""« État du mois »: one page, and its PDF on demand."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.actions.statements import ask_statement
from billing.months import read_month
from billing.queries.invoices import latest_month
from billing.queries.lines import shown_invoices
from billing.queries.statements import printed_of, statement_branches, statement_of
from billing.views.tabs import TONES, bill_page, month_asked, month_context
from members.models import Branch
from members.permissions import require_member, visible
from members.requests import SignedInRequest
from members.roles import May
from portal.clock import today
from portal.files import attachment

TAB = "billing:month_statement"


@require_safe
def month_statement(request: SignedInRequest, member: str) -> HttpResponse:
    """What to pay, what is contested or held, when, and with which numbers (R-04)."""
    organisation = require_member(request.user, member)
    branches = statement_branches(request.user, organisation)
    branch = _asked(branches, request.GET.get("subdivision", ""))
    seen = visible(request.user, May.SEE_INVOICES, shown_invoices(organisation))
    month = month_asked(request, latest_month(seen)) or today().replace(day=1)
    statement = statement_of(branch, month)
    printed = printed_of(request.user, organisation).filter(branch=branch, month=month)
    return render(
        request,
        "billing/month_statement.html",
        bill_page(
            request,
            organisation,
            TAB,
            branch=branch,
            branches=branches,
            statement=statement,
            rows=[(line, TONES[line.invoice.state]) for line in statement.lines],
            printed=list(printed[:5]),
            **month_context(month),
        ),
    )


@require_POST
def statement_print(request: SignedInRequest, member: str) -> HttpResponse:
    """Ask for the PDF; the page offers it once it is ready."""
    organisation = require_member(request.user, member)
    branches = statement_branches(request.user, organisation)
    month = read_month(request.POST.get("mois", ""))
    if month is None:
        raise Http404
    branch = _asked(branches, request.POST.get("subdivision", ""))
    ask_statement(branch=branch, month=month, by=request.user)
    messages.success(
        request, _("Le PDF se prépare : rechargez cette page dans un instant pour l'obtenir.")
    )
    url = reverse("billing:month_statement", args=[member])
    return redirect(f"{url}?mois={month:%Y-%m}&subdivision={branch.pk}")


@require_safe
def statement_file(request: SignedInRequest, member: str, statement: int) -> HttpResponseBase:
    """A printed copy."""
    organisation = require_member(request.user, member)
    rows = printed_of(request.user, organisation).filter(file__isnull=False)
    found: Any = get_object_or_404(rows, pk=statement)
    return attachment(found.file)


def _asked(branches: list[Branch], text: str) -> Branch:
    """The branch that was asked for, or the first; 404 when it is not one of them."""
    if not text:
        return branches[0]
    for branch in branches:
        if str(branch.pk) == text:
            return branch
    raise Http404
