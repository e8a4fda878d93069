"""Holders and delivery addresses: who carries lines, where things are delivered (D-13, F-87)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.models import Organisation
from members.permissions import can, require, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.actions.holders import (
    add_address,
    add_holder,
    change_holder,
    confirm_address,
    restore_holder,
    retire_address,
    retire_holder,
)
from orders.forms.holders import AddressForm, HolderFields, HolderFilters, HolderForm
from orders.models import Holder
from orders.queries.holders import addresses_of, holders_of
from orders.views.fleet_tabs import fleet_page
from portal.forms import show_refusal
from portal.idempotency import posted_once
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

HOLDER_LIST = ListDefinition(
    name="detenteurs",
    columns=(
        Column("nom", gettext_lazy("Nom"), lambda h: h.name, (Fold("name"),)),
        Column("fonction", gettext_lazy("Fonction"), lambda h: h.function, (Fold("function"),)),
        Column(
            "matricule",
            gettext_lazy("Matricule"),
            lambda h: h.employee_number,
            ("employee_number",),
        ),
        Column("subdivision", gettext_lazy("Subdivision"), lambda h: str(h.branch), ("branch",)),
        Column("lignes", gettext_lazy("Lignes"), lambda h: h.line_count, ("line_count",), True),
        Column(
            "etat",
            gettext_lazy("État"),
            lambda h: _("En fonction") if h.is_active else _("Retiré"),
            ("is_active",),
        ),
    ),
    search=("name", "function", "employee_number"),
    filters=HolderFilters,
    default_sort="nom",
)


@require_safe
def holder_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Who carries the lines of the branches that I see."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_LINES, organisation)
    listing = Listing(
        request, HOLDER_LIST, holders_of(request.user, organisation), {"branches": branches}
    )
    if export := listing.export():
        return export
    for holder in listing.page.object_list:
        holder.member, holder.may_keep = member, can(request.user, May.KEEP_LINES, on=holder)
    may_keep = any(can(request.user, May.KEEP_LINES, on=branch) for branch in branches)
    page = fleet_page(
        request, organisation, "orders:holder_list", listing=listing, may_keep=may_keep
    )
    return render(request, "orders/holder_list.html", page)


@require_http_methods(["GET", "POST"])
def holder_add(request: SignedInRequest, member: str) -> HttpResponse:
    """Add a holder."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.KEEP_LINES, organisation)
    form = HolderForm(request.POST or None, branches=branches)

    def act() -> None:
        add_holder(by=request.user, **form.values)
        messages.success(request, _("Détenteur inscrit."))

    page = fleet_page(request, organisation, "orders:holder_list", form=form)
    return _posted(request, form, act, "orders/holder_add.html", page)


@require_http_methods(["GET", "POST"])
def holder_edit(request: SignedInRequest, member: str, holder: int) -> HttpResponse:
    """Correct what is known of a holder; retire, or take back, from the same page."""
    organisation, found = _holder(request, member, holder)
    require(request.user, May.KEEP_LINES, on=found)
    known = {name: getattr(found, name) for name in HolderFields.base_fields}
    form = HolderFields(request.POST or None, initial=known)

    def act() -> None:
        change_holder(holder=found, by=request.user, **form.cleaned_data)
        messages.success(request, _("Détenteur modifié."))

    page = fleet_page(request, organisation, "orders:holder_list", form=form, holder=found)
    return _posted(request, form, act, "orders/holder_edit.html", page)


@require_POST
def holder_retire(request: SignedInRequest, member: str, holder: int) -> HttpResponse:
    """Retire a holder who carries no line."""
    _organisation, found = _holder(request, member, holder)
    try:
        retire_holder(holder=found, by=request.user)
        messages.success(request, _("Détenteur retiré."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("orders:holder_list", member)


@require_POST
def holder_restore(request: SignedInRequest, member: str, holder: int) -> HttpResponse:
    """Take a retired holder back."""
    _organisation, found = _holder(request, member, holder)
    restore_holder(holder=found, by=request.user)
    messages.success(request, _("Détenteur remis en fonction."))
    return redirect("orders:holder_list", member)


@require_safe
def address_list(request: SignedInRequest, member: str) -> HttpResponse:
    """Where things are delivered, and which addresses INTRL confirmed."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_ORDERS, organisation)
    addresses = list(addresses_of(request.user, organisation))
    for address in addresses:
        address.may_keep = can(request.user, May.KEEP_LINES, on=address)  # type: ignore[attr-defined]
        address.may_confirm = can(request.user, May.CONFIRM_ADDRESS, on=address)  # type: ignore[attr-defined]
    may_keep = any(can(request.user, May.KEEP_LINES, on=branch) for branch in branches)
    page = fleet_page(
        request, organisation, "orders:address_list", addresses=addresses, may_keep=may_keep
    )
    return render(request, "orders/address_list.html", page)


@require_http_methods(["GET", "POST"])
def address_add(request: SignedInRequest, member: str) -> HttpResponse:
    """Add a place of delivery."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.KEEP_LINES, organisation)
    form = AddressForm(request.POST or None, branches=branches)

    def act() -> None:
        add_address(by=request.user, **form.values)
        messages.success(
            request, _("Adresse inscrite ; l'interlocuteur est invité à la confirmer.")
        )

    page = fleet_page(request, organisation, "orders:address_list", form=form)
    return _posted(request, form, act, "orders/address_add.html", page)


@require_POST
def address_retire(request: SignedInRequest, member: str, address: int) -> HttpResponse:
    """Take an address out of use."""
    organisation = require_member(request.user, member)
    found = get_object_or_404(addresses_of(request.user, organisation), pk=address)
    retire_address(address=found, by=request.user)
    messages.success(request, _("Adresse retirée."))
    return redirect("orders:address_list", member)


@require_POST
def address_confirm(request: SignedInRequest, member: str, address: int) -> HttpResponse:
    """INTRL confirms an address."""
    organisation = require_member(request.user, member)
    found = get_object_or_404(addresses_of(request.user, organisation), pk=address)
    confirm_address(address=found, by=request.user)
    messages.success(request, _("Adresse confirmée."))
    return redirect("orders:address_list", member)


def _holder(request: SignedInRequest, member: str, holder: int) -> tuple[Organisation, Holder]:
    """The holder that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(holders_of(request.user, organisation), pk=holder)


def _posted(
    request: SignedInRequest,
    form: forms.Form,
    act: Callable[[], None],
    template: str,
    page: dict[str, Any],
) -> HttpResponse:
    """Show the form, or do what it says once and go back to the list of its tab."""
    url: str = next(tab["url"] for tab in page["tabs"] if tab["current"])

    def answer() -> str:
        act()
        return url

    if request.method == "POST" and form.is_valid():
        try:
            return redirect(posted_once(request, answer))
        except ValidationError as error:
            show_refusal(form, error)
    return render(request, template, {**page, "url": url}, status=422 if form.errors else 200)
