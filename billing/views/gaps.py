"""Billed lines that the fleet lacks: the queue, and what is said of many at once (F-41)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing.actions.gaps import GapMatch, explain_gaps, ignore_gaps, match_gaps
from billing.forms.filters import GapFilters
from billing.forms.settlements import GapsForm
from billing.kinds import GapState
from billing.models import Gap
from billing.months import month_of
from billing.queries.gaps import gaps_of, lines_by_id, lines_by_number
from billing.views.invoice_parts import line_url, written_number
from billing.views.tabs import TONES, act_once, bill_page, month_label
from members.models import Organisation
from members.permissions import can, require, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.identifiers import searched
from portal.lists import Column, ListDefinition, Listing

TAB = "billing:gap_list"
MOST_AT_ONCE = 200
GAP_LIST = ListDefinition(
    name="ecarts",
    columns=(
        Column("numero", gettext_lazy("Ligne"), lambda g: written_number(g.number), ("number",)),
        Column("abonne", gettext_lazy("Abonné"), lambda g: g.subscriber, ("subscriber",)),
        Column(
            "compte",
            gettext_lazy("Facture"),
            lambda g: str(g.version.invoice.account),
            ("version",),
        ),
        Column("montant", gettext_lazy("Avant taxes"), lambda g: g.amount, ("amount",), True),
        Column("subdivision", gettext_lazy("Subdivision"), lambda g: str(g.branch), listed=False),
        Column("etat", gettext_lazy("État"), lambda g: g.get_state_display(), ("state",)),
        Column("explication", gettext_lazy("Explication"), lambda g: g.reason, listed=False),
    ),
    search=("number", "subscriber", "version__invoice__account__number"),
    filters=GapFilters,
    default_sort="numero",
)


@require_safe
def gap_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The billed lines that no line of the fleet answers for, and what became of them."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.MATCH_BILLED_LINES, organisation)
    rows = gaps_of(request.user, organisation)
    listing = Listing(request, GAP_LIST, rows, {"branches": branches})
    listing.query = searched(listing.query)
    if export := listing.export():
        return export
    for gap in listing.page.object_list:
        _mark(request, gap, member)
    page = bill_page(
        request,
        organisation,
        TAB,
        listing=listing,
        columns=[{"label": _("Choisir"), "key": ""}, *listing.headers],
        choosing=any(gap.state == GapState.OPEN for gap in listing.page.object_list),
        most=MOST_AT_ONCE,
    )
    return render(request, "billing/gap_list.html", page)


@require_http_methods(["GET", "POST"])
def gap_settle(request: SignedInRequest, member: str) -> HttpResponse:
    """Say what the chosen billed lines are; one foreign id refuses them all."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.MATCH_BILLED_LINES, organisation)
    gaps = _chosen(request, organisation)
    form = GapsForm(request.POST or None, gaps=gaps, suggested=_suggested(request, gaps))
    url = reverse("billing:gap_list", args=[member]) + "?etat=open"

    def act() -> None:
        told = form.cleaned_data
        if told["settlement"] == "match":
            lines = lines_by_number(request.user, organisation, set(form.numbers.values()))
            form.require_known(lines)
            matches = [GapMatch(gap, lines[form.numbers[gap.pk]]) for gap in gaps]
            match_gaps(matches=matches, by=request.user)
        else:
            settle = explain_gaps if told["settlement"] == "explain" else ignore_gaps
            settle(gaps=gaps, reason=told["reason"], by=request.user)
        messages.success(request, _("Lignes réglées : %(count)s.") % {"count": len(gaps)})

    if request.method == "POST" and (answer := act_once(request, form, act, url)):
        return answer
    page = bill_page(
        request,
        organisation,
        TAB,
        rows=[(gap, form[f"line_{gap.pk}"]) for gap in gaps],
        form=form,
        url=url,
    )
    return render(request, "billing/gap_settle.html", page, status=422 if form.errors else 200)


def _mark(request: SignedInRequest, gap: Any, member: str) -> None:
    """What its row shows."""
    invoice = gap.version.invoice
    gap.written, gap.tone = written_number(gap.number), TONES[gap.state]
    gap.month = month_label(month_of(invoice.period))
    gap.is_open = gap.state == GapState.OPEN
    sees = can(request.user, May.SEE_CHARGES, on=gap)
    gap.url = line_url(member, invoice.pk, gap.number) if sees else ""


def _chosen(request: SignedInRequest, organisation: Organisation) -> list[Any]:
    """The open billed lines whose ids were sent, or all that wait; 404 when one is not open."""
    source = request.POST if request.method == "POST" else request.GET
    waiting = (
        gaps_of(request.user, organisation).filter(state=GapState.OPEN).order_by("number", "pk")
    )
    if source.get("tout"):
        gaps = list(waiting[:MOST_AT_ONCE])
    else:
        ids = {int(pk) for pk in source.getlist("ecart") if pk.isdecimal()}
        gaps = list(waiting.filter(pk__in=sorted(ids)[:MOST_AT_ONCE]))
        if len(gaps) != len(ids):
            raise Http404
    if not gaps:
        raise Http404
    for gap in gaps:
        require(request.user, May.MATCH_BILLED_LINES, on=gap)
    return gaps


def _suggested(request: SignedInRequest, gaps: Sequence[Gap]) -> dict[int, str]:
    """Billed line → the number of the line of the fleet that once had its number."""
    once = {gap.pk: gap.once_line for gap in gaps if gap.once_line}  # type: ignore[attr-defined]
    lines = lines_by_id(request.user, set(once.values()))
    return {pk: lines[line] for pk, line in once.items() if line in lines}
