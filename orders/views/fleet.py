"""The lines in service: the fleet on any date, one line and its history, dated acts."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from members.models import Organisation
from members.permissions import can, reach_of, require, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.actions.fleet import change_line, change_lines
from orders.fleet_changes import free_on
from orders.forms.fleet import LineChangeForm, LinesChangeForm
from orders.forms.fleet_filters import LineFilters
from orders.identifiers import searched
from orders.kinds import LineStatus, OrderKind
from orders.models import LineVersion, ServiceLine
from orders.queries.dependents import lack_of, rests_of
from orders.queries.fleet import fleet_on, line_history, lines_of
from orders.queries.fleet_history import history_entries
from orders.views.fleet_tabs import fleet_page
from portal.clock import today
from portal.forms import show_refusal
from portal.idempotency import posted_once
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

LINE_LIST = ListDefinition(
    name="lignes",
    columns=(
        Column("numero", gettext_lazy("Numéro"), lambda v: v.shown_number, ("number",)),
        Column(
            "detenteur",
            gettext_lazy("Détenteur"),
            lambda v: v.holder.name if v.holder else "",
            (Fold("holder__name"),),
        ),
        Column(
            "fonction",
            gettext_lazy("Fonction"),
            lambda v: v.holder.function if v.holder else "",
            listed=False,
        ),
        Column(
            "matricule",
            gettext_lazy("Matricule"),
            lambda v: v.holder.employee_number if v.holder else "",
            listed=False,
        ),
        Column(
            "appareil",
            gettext_lazy("Appareil"),
            lambda v: v.device_label,
            ("device_label",),
        ),
        Column("imei", gettext_lazy("IMEI"), lambda v: v.imei, listed=False),
        Column("forfait", gettext_lazy("Forfait"), lambda v: v.plan_label, listed=False),
        Column(
            "flexible",
            gettext_lazy("Forfait flexible"),
            lambda v: _("oui") if v.is_flexible else _("non"),
            listed=False,
        ),
        Column(
            "centre",
            gettext_lazy("Centre de coûts"),
            lambda v: str(v.cost_centre or ""),
            ("cost_centre__code",),
        ),
        Column("subdivision", gettext_lazy("Subdivision"), lambda v: str(v.branch), ("branch",)),
        Column(
            "prestataire",
            gettext_lazy("Prestataire"),
            lambda v: str(v.service_line.provider),
            listed=False,
        ),
        Column(
            "compte",
            gettext_lazy("Compte"),
            lambda v: v.account.number if v.account else "",
            listed=False,
        ),
        Column("carte", gettext_lazy("Carte (ICCID)"), lambda v: v.sim_number, listed=False),
        Column(
            "subvention",
            gettext_lazy("Fin de subvention"),
            lambda v: v.subsidy_ends_on,
            ("subsidy_ends_on",),
        ),
        Column(
            "engagement",
            gettext_lazy("Fin d'engagement"),
            lambda v: v.commitment_ends_on,
            listed=False,
        ),
        Column("etat", gettext_lazy("État"), lambda v: v.get_status_display(), ("status",)),
        Column("depuis", gettext_lazy("Ainsi depuis le"), lambda v: v.valid.lower, listed=False),
        Column(
            "origine",
            gettext_lazy("Origine"),
            lambda v: v.service_line.get_origin_display(),
            listed=False,
        ),
    ),
    search=("number", "imei", "holder__name", "device_label", "plan_label"),
    filters=LineFilters,
    default_sort="numero",
)
MOST_AT_ONCE = 200


@require_safe
def line_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The fleet today, or on the day of ``?au=`` (F-40)."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_LINES, organisation)
    day = _day_asked(request)
    listing = Listing(
        request,
        LINE_LIST,
        fleet_on(request.user, organisation, day),
        {"branches": branches, "day": day},
    )
    listing.query = searched(listing.query)
    if export := listing.export():
        return export
    choosing = _mark_rows(request, listing, member, day)
    columns = [{"label": _("Choisir"), "key": ""}] if choosing else []
    return render(
        request,
        "orders/line_list.html",
        fleet_page(
            request,
            organisation,
            "orders:line_list",
            listing=listing,
            columns=[*columns, *listing.headers],
            day=day,
            is_past=day != today(),
            choosing=choosing,
        ),
    )


@require_safe
def line_detail(request: SignedInRequest, member: str, line: int) -> HttpResponse:
    """One line: what it is, what it owes and until when, what changed and who wrote it."""
    organisation, found = _fetch(request, member, line)
    history = line_history(request.user, found)
    current = history[0]
    return render(
        request,
        "orders/line_detail.html",
        fleet_page(
            request,
            organisation,
            "orders:line_list",
            line=found,
            current=current,
            facts=_facts(found, current),
            free_on=_to_come(free_on(current.subsidy_ends_on, current.commitment_ends_on)),
            entries=history_entries(history),
            rests=rests_of(current),
            lack=lack_of(request.user, current),
            is_live=current.status != LineStatus.CANCELLED,
            may_keep=can(request.user, May.KEEP_LINES, on=found),
            may_order=can(request.user, May.ORDER, on=found),
            may_ask=can(request.user, May.ASK_DEROGATION, on=found),
            upgrade=OrderKind.UPGRADE.value,
            plan_change=OrderKind.PLAN_CHANGE.value,
        ),
    )


@require_http_methods(["GET", "POST"])
def line_change(request: SignedInRequest, member: str, line: int) -> HttpResponse:
    """Change a line by a dated act (D-13)."""
    organisation, found = _fetch(request, member, line)
    require(request.user, May.KEEP_LINES, on=found)
    branches = require_branches(request.user, May.KEEP_LINES, organisation)
    current = line_history(request.user, found)[0]
    form = LineChangeForm(request.POST or None, version=current, branches=branches)
    url = reverse("orders:line_detail", args=[member, found.pk])

    def act() -> str:
        told = form.cleaned_data
        change_line(
            service_line=found,
            on=told["on"],
            reason=told["reason"],
            by=request.user,
            **form.changes,
        )
        messages.success(request, _("La ligne est modifiée ; l'historique garde ce qui était."))
        return url

    if request.method == "POST" and form.is_valid():
        try:
            return redirect(posted_once(request, act))
        except ValidationError as error:
            show_refusal(form, error)
    page = fleet_page(request, organisation, "orders:line_list", line=found, form=form, url=url)
    return render(request, "orders/line_change.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def line_bulk_change(request: SignedInRequest, member: str) -> HttpResponse:
    """The same dated act on the lines chosen; one foreign id refuses them all."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.KEEP_LINES, organisation)
    chosen = _chosen(request, organisation)
    form = LinesChangeForm(request.POST or None, branches=branches)
    url = reverse("orders:line_list", args=[member])

    def act() -> str:
        told = form.cleaned_data
        count = change_lines(
            service_lines=chosen,
            on=told["on"],
            reason=told["reason"],
            by=request.user,
            **form.changes,
        )
        messages.success(
            request,
            ngettext("%(count)s ligne modifiée.", "%(count)s lignes modifiées.", count)
            % {"count": count},
        )
        return url

    if request.method == "POST" and form.is_valid():
        try:
            return redirect(posted_once(request, act))
        except ValidationError as error:
            show_refusal(form, error)
    page = fleet_page(request, organisation, "orders:line_list", lines=chosen, form=form, url=url)
    return render(request, "orders/line_bulk_change.html", page, status=422 if form.errors else 200)


def _fetch(request: SignedInRequest, member: str, line: int) -> tuple[Organisation, ServiceLine]:
    """The line that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(lines_of(request.user, organisation), pk=line)


def _day_asked(request: SignedInRequest) -> date:
    """The day of ``?au=``; today when it is no day, or one to come."""
    try:
        asked = parse_date(request.GET.get("au", ""))
    except ValueError:
        asked = None
    return min(asked, today()) if asked else today()


def _mark_rows(request: SignedInRequest, listing: Listing, member: str, day: date) -> bool:
    """Say of each row shown whether its line opens and may be chosen; whether one may."""
    seen = reach_of(request.user, May.SEE_LINES)
    kept = reach_of(request.user, May.KEEP_LINES)
    is_today = day == today()
    rows = listing.page.object_list
    for version in rows:
        now = version.service_line.branch_id
        version.member = member
        version.opens = seen is None or now in seen
        version.chosen = is_today and (kept is None or now in kept)
    choosing = any(version.chosen for version in rows)
    for version in rows:
        version.choosing = choosing
    return choosing


def _chosen(request: SignedInRequest, organisation: Organisation) -> list[ServiceLine]:
    """The lines whose ids were sent; 404 when one is not the person's to see, or none is sent."""
    source = request.POST if request.method == "POST" else request.GET
    ids = {int(pk) for pk in source.getlist("ligne") if pk.isdecimal()}
    lines = list(lines_of(request.user, organisation).filter(pk__in=sorted(ids)[:MOST_AT_ONCE]))
    if not lines or len(lines) != len(ids):
        raise Http404
    for line in lines:
        require(request.user, May.KEEP_LINES, on=line)
    return lines


def _to_come(day: date | None) -> date | None:
    """The day when it is still to come."""
    return day if day and day > today() else None


def _facts(line: ServiceLine, version: LineVersion) -> list[tuple[str, Any]]:
    """What the line is now, as pairs for the page."""
    holder = version.holder
    return [
        (_("Détenteur"), f"{holder}, {holder.function}".rstrip(", ") if holder else ""),
        (_("Centre de coûts"), version.cost_centre),
        (_("Subdivision"), version.branch),
        (_("Compte"), version.account),
        (_("Carte"), f"{version.get_sim_kind_display()} {version.sim_number}".strip()),
        (_("Appareil"), version.device_label),
        (_("IMEI"), version.imei),
        (_("Forfait"), version.plan_label),
        (_("Forfait flexible"), _("Oui") if version.is_flexible else _("Non")),
        (_("Origine"), line.get_origin_display()),
        (_("Dérogation antérieure"), line.earlier_derogation),
    ]
