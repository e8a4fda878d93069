"""What inventory files propose to do to the lines: the queue, and what is decided of many."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing.actions.proposals import accept_proposals, decline_proposals
from billing.forms.filters import ProposalFilters
from billing.forms.settlements import ProposalsForm
from billing.kinds import ProposalState
from billing.queries.gaps import proposals_of
from billing.views.invoice_parts import written_number
from billing.views.tabs import TONES, act_once, bill_page
from members.models import Organisation
from members.permissions import require, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.identifiers import searched
from orders.kinds import LineStatus
from portal.lists import Column, ListDefinition, Listing

TAB = "billing:proposal_list"
MOST_AT_ONCE = 200
FIELDS = {
    "number": gettext_lazy("Numéro"),
    "status": gettext_lazy("État"),
    "subscriber": gettext_lazy("Abonné"),
    "plan_label": gettext_lazy("Forfait"),
    "device_label": gettext_lazy("Appareil"),
    "imei": gettext_lazy("IMEI"),
    "sim_number": gettext_lazy("Carte"),
    "commitment_ends_on": gettext_lazy("Fin de l'engagement"),
    "cost_centre": gettext_lazy("Centre de coûts"),
}
PROPOSAL_LIST = ListDefinition(
    name="propositions",
    columns=(
        Column("numero", gettext_lazy("Ligne"), lambda p: written_number(p.number), ("number",)),
        Column("genre", gettext_lazy("Proposition"), lambda p: p.get_kind_display(), ("kind",)),
        Column("changement", gettext_lazy("Ce qui change"), lambda p: "; ".join(changes_of(p))),
        Column("compte", gettext_lazy("Compte"), lambda p: str(p.account), ("account__number",)),
        Column(
            "fichier",
            gettext_lazy("Fichier"),
            lambda p: f"{p.bill_import.bill_file}, ligne {p.line}",
            listed=False,
        ),
        Column("etat", gettext_lazy("État"), lambda p: p.get_state_display(), ("state",)),
        Column("motif", gettext_lazy("Motif"), lambda p: p.reason, listed=False),
    ),
    search=("number", "account__number"),
    filters=ProposalFilters,
    default_sort="numero",
)


@require_safe
def proposal_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Lines that inventories would open, change or close, and what was decided."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.KEEP_LINES, organisation)
    rows = proposals_of(request.user, organisation)
    listing = Listing(request, PROPOSAL_LIST, rows, {"branches": branches})
    listing.query = searched(listing.query)
    if export := listing.export():
        return export
    for proposal in listing.page.object_list:
        proposal.member, proposal.tone = member, TONES[proposal.state]
        proposal.written, proposal.changes = written_number(proposal.number), changes_of(proposal)
        proposal.is_open = proposal.state == ProposalState.PROPOSED
    page = bill_page(
        request,
        organisation,
        TAB,
        listing=listing,
        columns=[{"label": _("Choisir"), "key": ""}, *listing.headers],
        choosing=any(p.is_open for p in listing.page.object_list),
        most=MOST_AT_ONCE,
    )
    return render(request, "billing/proposal_list.html", page)


@require_http_methods(["GET", "POST"])
def proposal_decide(request: SignedInRequest, member: str) -> HttpResponse:
    """Accept or refuse the proposals chosen, all or none; one foreign id refuses them all."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.KEEP_LINES, organisation)
    proposals = _chosen(request, organisation)
    form = ProposalsForm(request.POST or None)
    url = reverse("billing:proposal_list", args=[member]) + "?etat=proposed"

    def act() -> None:
        told = form.cleaned_data
        if told["decision"] == "accept":
            count = accept_proposals(proposals=proposals, on=told["on"], by=request.user)
            messages.success(
                request,
                _("Propositions acceptées : %(count)s. Le parc est à jour.") % {"count": count},
            )
        else:
            count = decline_proposals(proposals=proposals, reason=told["reason"], by=request.user)
            messages.success(request, _("Propositions refusées : %(count)s.") % {"count": count})

    if request.method == "POST" and (answer := act_once(request, form, act, url)):
        return answer
    shown = [(one, written_number(one.number), changes_of(one)) for one in proposals]
    page = bill_page(request, organisation, TAB, proposals=shown, form=form, url=url)
    status = 422 if form.errors else 200
    return render(request, "billing/proposal_decide.html", page, status=status)


def changes_of(proposal: Any) -> list[str]:
    """« Forfait : A → B », a text a field."""
    told = []
    for name, pair in proposal.values.items():
        before, after = (_shown(name, value) for value in pair)
        label = FIELDS.get(name, name)
        told.append(f"{label} : {before} → {after}" if before else f"{label} : {after}")
    return told


def _shown(name: str, value: Any) -> str:
    """A value of the file or of the fleet, in words."""
    if value in (None, ""):
        return ""
    if name == "status" and value in LineStatus.values:
        return str(LineStatus(value).label)
    return value.isoformat() if isinstance(value, date) else str(value)


def _chosen(request: SignedInRequest, organisation: Organisation) -> list[Any]:
    """The open proposals whose ids were sent, or all that wait; 404 when one is not open."""
    source = request.POST if request.method == "POST" else request.GET
    waiting = proposals_of(request.user, organisation).filter(state=ProposalState.PROPOSED)
    waiting = waiting.order_by("number", "pk")
    if source.get("tout"):
        proposals = list(waiting[:MOST_AT_ONCE])
    else:
        ids = {int(pk) for pk in source.getlist("proposition") if pk.isdecimal()}
        proposals = list(waiting.filter(pk__in=sorted(ids)[:MOST_AT_ONCE]))
        if len(proposals) != len(ids):
            raise Http404
    if not proposals:
        raise Http404
    for proposal in proposals:
        require(request.user, May.KEEP_LINES, on=proposal)
    return proposals
