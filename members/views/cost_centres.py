"""The cost centres of a member, kept by RCELL (F-01, D-05)."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.cost_centres import (
    add_cost_centre,
    rename_cost_centre,
    restore_cost_centre,
    retire_cost_centre,
)
from members.forms.holdings import CostCentreFilters, CostCentreForm, CostCentreNameForm
from members.models import CostCentre, Organisation
from members.permissions import require, require_member
from members.queries.holdings import cost_centres_of
from members.queries.people import branches_where, require_branches
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

COST_CENTRE_LIST = ListDefinition(
    name="centres-de-couts",
    columns=(
        Column("code", gettext_lazy("Code"), lambda c: c.code, ("code",)),
        Column("nom", gettext_lazy("Nom"), lambda c: c.name, (Fold("name"),)),
        Column("subdivision", gettext_lazy("Subdivision"), lambda c: str(c.branch), ("branch",)),
        Column(
            "usage",
            gettext_lazy("Usage"),
            lambda c: _("En usage") if c.is_active else _("Retiré"),
            ("is_active",),
        ),
    ),
    search=("code", "name"),
    filters=CostCentreFilters,
    default_sort="code",
)


@require_safe
def cost_centre_list(request: SignedInRequest, member: str) -> HttpResponse:
    """Every cost centre of the member, those retired included."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_MEMBER, organisation)
    kept = list(branches_where(request.user, May.KEEP_COST_CENTRES, organisation))
    listing = Listing(
        request,
        COST_CENTRE_LIST,
        cost_centres_of(request.user, organisation),
        {"branches": branches_where(request.user, May.SEE_MEMBER, organisation)},
    )
    return listing.export() or member_page(  # type: ignore[return-value]
        request,
        "members/cost_centre_list.html",
        organisation,
        listing=listing,
        may_keep=bool(kept),
    )


@require_http_methods(["GET", "POST"])
def cost_centre_add(request: SignedInRequest, member: str) -> HttpResponse:
    """Add a cost centre to a branch."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.KEEP_COST_CENTRES, organisation)
    branches = branches_where(request.user, May.KEEP_COST_CENTRES, organisation)
    form = CostCentreForm(request.POST or None, branches=branches)
    if acted(request, form, lambda: add_cost_centre(by=request.user, **form.cleaned_data)):
        return redirect("members:cost_centre_list", member=member)
    act = Act(
        title=_("Ajouter un centre de coûts"),
        label=_("Ajouter"),
        back=reverse("members:cost_centre_list", args=[member]),
        organisation=organisation,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def cost_centre_rename(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Change its code or name."""
    organisation, centre = _fetch(request, member, pk)
    require(request.user, May.KEEP_COST_CENTRES, on=centre)
    form = CostCentreNameForm(
        request.POST or None, initial={"code": centre.code, "name": centre.name}
    )
    if acted(
        request,
        form,
        lambda: rename_cost_centre(centre=centre, by=request.user, **form.cleaned_data),
    ):
        return redirect("members:cost_centre_list", member=member)
    act = Act(
        title=_("Modifier le centre de coûts %(centre)s") % {"centre": centre},
        label=_("Enregistrer"),
        back=reverse("members:cost_centre_list", args=[member]),
        organisation=organisation,
    )
    return act_page(request, form, act, template="members/cost_centre_rename.html", centre=centre)


@require_POST
def cost_centre_retire(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Offer it no more; lines that carry it keep it."""
    _organisation, centre = _fetch(request, member, pk)
    return pressed(
        request,
        lambda: retire_cost_centre(centre=centre, by=request.user),
        _("Centre de coûts retiré : les lignes qui le portent le gardent."),
        reverse("members:cost_centre_list", args=[member]),
    )


@require_POST
def cost_centre_restore(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Offer it again."""
    _organisation, centre = _fetch(request, member, pk)
    return pressed(
        request,
        lambda: restore_cost_centre(centre=centre, by=request.user),
        _("Centre de coûts remis en usage."),
        reverse("members:cost_centre_list", args=[member]),
    )


def _fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, CostCentre]:
    organisation = require_member(request.user, member)
    rows = cost_centres_of(request.user, organisation)
    return organisation, get_object_or_404(rows, pk=pk)
