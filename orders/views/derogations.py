"""What lines rest on: asked and chosen from the order, what depends on it, what is lacking."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from derogations.models import Derogation
from members.permissions import can, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.actions.derogations import ask_derogation, renew_derogation
from orders.actions.drawing import choose_derogation
from orders.forms.derogations import AskDerogationForm, IrregularFilters
from orders.queries.dependents import (
    LACKS,
    derogations_of,
    ending_soon,
    irregular_lines,
    lines_resting_on,
    orders_resting_on,
)
from orders.queries.derogations import derogation_facts
from orders.views.fleet_tabs import fleet_page
from orders.views.orders import fetch_order
from portal.idempotency import posted_once
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

_LINE_COLUMNS = (
    Column("numero", gettext_lazy("Numéro"), lambda v: v.shown_number, ("number",)),
    Column(
        "detenteur",
        gettext_lazy("Détenteur"),
        lambda v: v.holder.name if v.holder else "",
        (Fold("holder__name"),),
    ),
    Column("appareil", gettext_lazy("Appareil"), lambda v: v.device_label, ("device_label",)),
    Column("forfait", gettext_lazy("Forfait"), lambda v: v.plan_label, listed=False),
    Column(
        "prestataire",
        gettext_lazy("Prestataire"),
        lambda v: str(v.service_line.provider),
        ("service_line__provider__name",),
    ),
    Column(
        "engagement",
        gettext_lazy("Fin d'engagement"),
        lambda v: v.commitment_ends_on,
        ("commitment_ends_on",),
    ),
)
IRREGULAR_LIST = ListDefinition(
    name="lignes-a-regulariser",
    columns=(
        *_LINE_COLUMNS,
        Column("motif", gettext_lazy("Motif"), lambda v: str(LACKS[v.lack]), ("lack",)),
        Column(
            "reference",
            gettext_lazy("Référence inscrite"),
            lambda v: v.service_line.earlier_derogation,
            listed=False,
        ),
    ),
    search=("number", "holder__name", "device_label"),
    filters=IrregularFilters,
    default_sort="numero",
)
ORDER_COLUMNS = (
    {"label": gettext_lazy("Numéro")},
    {"label": gettext_lazy("État")},
    {"label": gettext_lazy("Soumise le")},
    {"label": gettext_lazy("Quantité prise"), "numeric": True},
    {"label": gettext_lazy("Rendue"), "numeric": True},
)
DEPENDENT_LIST = ListDefinition(
    name="lignes-de-la-derogation",
    columns=_LINE_COLUMNS,
    search=("number", "holder__name", "device_label"),
    default_sort="numero",
)


@require_POST
def line_derogation_ask(
    request: SignedInRequest, member: str, number: str, position: int
) -> HttpResponse:
    """« Demander la dérogation »: the request opens, already filled (F-22)."""
    order = fetch_order(request, member, number)
    line = get_object_or_404(order.lines.select_related("order"), position=position)
    form = AskDerogationForm(request.POST)
    kind = form.cleaned_data["kind"] if form.is_valid() else ""

    def ask() -> str:
        opened = ask_derogation(order_line=line, kind=kind, by=request.user)
        messages.success(
            request,
            _("La demande %(number)s est ouverte et remplie : complétez-la, puis soumettez-la.")
            % {"number": opened.number},
        )
        return _request_url(member, opened)

    return _once(request, ask, reverse("orders:order_detail", args=[member, number]))


@require_POST
def line_derogation_choose(
    request: SignedInRequest, member: str, number: str, position: int
) -> HttpResponse:
    """Name the derogation on which a line is to rest (D-10)."""
    order = fetch_order(request, member, number)
    line = get_object_or_404(order.lines.select_related("order"), position=position)
    organisation = order.branch.organisation
    chosen = request.POST.get(f"choix-{position}-derogation", "")
    derogation = get_object_or_404(
        derogations_of(request.user, organisation), pk=int(chosen) if chosen.isdecimal() else 0
    )
    url = reverse("orders:order_detail", args=[member, number])

    def choose() -> str:
        choose_derogation(order_line=line, derogation=derogation, by=request.user)
        messages.success(
            request, _("La ligne repose sur %(number)s.") % {"number": derogation.number}
        )
        return url

    return _once(request, choose, url)


@require_safe
def derogation_dependents(request: SignedInRequest, member: str, number: str) -> HttpResponseBase:
    """The orders and the lines in service that rest on a derogation (F-29)."""
    organisation = require_member(request.user, member)
    derogation = get_object_or_404(derogations_of(request.user, organisation), number=number)
    listing = Listing(request, DEPENDENT_LIST, lines_resting_on(request.user, derogation))
    if export := listing.export():
        return export
    for version in listing.page.object_list:
        version.member = member
    may_ask = can(request.user, May.ASK_DEROGATION, on=derogation)
    ends = ending_soon(request.user, organisation).filter(pk=derogation.pk)
    return render(
        request,
        "orders/derogation_dependents.html",
        {
            "organisation": organisation,
            "derogation": derogation,
            "facts": _facts(derogation),
            "orders": orders_resting_on(request.user, derogation),
            "order_columns": ORDER_COLUMNS,
            "listing": listing,
            "renewals": derogation.renewals.order_by("-pk"),
            "may_renew": may_ask and ends.exists(),
            "is_fallen": derogation.state in ("expired", "withdrawn"),
            "request_url": _request_url(member, derogation),
        },
    )


@require_POST
def derogation_renew(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Open the request that follows a derogation about to end, already filled (F-29)."""
    organisation = require_member(request.user, member)
    derogation = get_object_or_404(derogations_of(request.user, organisation), number=number)

    def renew() -> str:
        opened = renew_derogation(derogation=derogation, by=request.user)
        messages.success(
            request,
            _("Le renouvellement %(number)s est ouvert : vérifiez-le et donnez sa fin.")
            % {"number": opened.number},
        )
        return _request_url(member, opened)

    return _once(request, renew, reverse("orders:derogation_dependents", args=[member, number]))


@require_safe
def irregular_line_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The lines « à régulariser »: they lack a derogation and block nothing (R-23)."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_LINES, organisation)
    listing = Listing(request, IRREGULAR_LIST, irregular_lines(request.user, organisation))
    if export := listing.export():
        return export
    may_record = any(can(request.user, May.ASK_DEROGATION, on=one) for one in branches)
    for version in listing.page.object_list:
        version.member = member
        version.chosen = may_record
        version.lack_label = LACKS[version.lack]
    return render(
        request,
        "orders/irregular_line_list.html",
        fleet_page(
            request,
            organisation,
            "orders:irregular_line_list",
            listing=listing,
            columns=[
                *([{"label": _("Choisir"), "key": ""}] if may_record else []),
                *listing.headers,
            ],
            may_record=may_record,
        ),
    )


def _facts(derogation: Derogation) -> list[tuple[str, object]]:
    """What is left of it, and until when."""
    (known,) = derogation_facts(Derogation.objects.filter(pk=derogation.pk))
    limited = known.left is not None
    return [
        (_("Prestataire"), derogation.provider),
        (_("Quantité signée"), derogation.quantity if limited else _("Sans limite")),
        (_("Il en reste"), known.left if limited else _("Sans limite")),
        (_("Fin"), derogation.ends_on.isoformat() if derogation.ends_on else ""),
        (_("Lieux"), ", ".join(dict.fromkeys(known.municipalities))),
    ]


def _request_url(member: str, derogation: Derogation) -> str:
    return reverse("derogations:request_detail", args=[member, derogation.number])


def _once(request: SignedInRequest, act: Callable[[], str], back: str) -> HttpResponse:
    """Act once; a refusal is told on the page where the button stands."""
    try:
        return redirect(posted_once(request, act))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back)
