"""The membership of a contract: agreement and MAMH's authorisation, filed then confirmed (R-03)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.memberships import (
    confirm_authorisation,
    confirm_membership,
    file_authorisation,
    file_membership,
    waive_authorisation,
)
from members.forms.holdings import AuthorisationForm, MembershipForm
from members.forms.people import ReasonForm
from members.models import Membership
from members.permissions import can, require, require_member
from members.queries.contracts import membership_verdicts
from members.queries.holdings import contracts_open, memberships_of, memberships_to_settle
from members.queries.people import require_branches, require_somewhere
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page
from portal.clock import today
from portal.files import attachment


@require_safe
def membership_list(request: SignedInRequest, member: str) -> HttpResponse:
    """The agreements on file, what is missing, and whether the member may order."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_MEMBER, organisation)
    may_file = can(request.user, May.FILE_MEMBERSHIP, on=organisation)
    return member_page(
        request,
        "members/membership_list.html",
        organisation,
        memberships=memberships_of(request.user, organisation),
        verdicts=membership_verdicts(organisation, today()),
        may_file=may_file,
        may_join=may_file and contracts_open(organisation).exists(),
        may_confirm=can(request.user, May.CONFIRM_MEMBERSHIP, on=organisation),
    )


@require_http_methods(["GET", "POST"])
def membership_file(request: SignedInRequest, member: str) -> HttpResponse:
    """INTRL files the agreement to a contract's terms."""
    organisation = require_member(request.user, member)
    require(request.user, May.FILE_MEMBERSHIP, on=organisation)
    form = MembershipForm(
        request.POST or None, request.FILES or None, contracts=contracts_open(organisation)
    )
    if acted(
        request,
        form,
        lambda: file_membership(organisation=organisation, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Entente déposée : ITQ la confirmera."))
        return redirect("members:membership_list", member=member)
    act = Act(
        title=_("Déposer l'entente d'adhésion"),
        label=_("Déposer l'entente"),
        back=reverse("members:membership_list", args=[member]),
        organisation=organisation,
        note=_("ITQ vérifie l'entente, puis la confirme."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def authorisation_file(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """INTRL files the MAMH's authorisation."""
    organisation = require_member(request.user, member)
    membership = get_object_or_404(memberships_of(request.user, organisation), pk=pk)
    require(request.user, May.FILE_MEMBERSHIP, on=membership)
    form = AuthorisationForm(request.POST or None, request.FILES or None)
    if acted(
        request,
        form,
        lambda: file_authorisation(membership=membership, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Autorisation déposée : ITQ la confirmera."))
        return redirect("members:membership_list", member=member)
    act = Act(
        title=_("Déposer l'autorisation du MAMH"),
        label=_("Déposer l'autorisation"),
        back=reverse("members:membership_list", args=[member]),
        organisation=organisation,
        lead=_(
            "Une municipalité de moins de 100 000 habitants obtient l'autorisation du ministère "
            "pour un contrat de plus de cinq ans."
        ),
    )
    return act_page(request, form, act)


@require_safe
def membership_document(
    request: SignedInRequest, member: str, pk: int, which: str
) -> HttpResponseBase:
    """Download the agreement or the authorisation."""
    organisation = require_member(request.user, member)
    membership = get_object_or_404(memberships_of(request.user, organisation), pk=pk)
    documents = {"entente": membership.agreement, "autorisation": membership.authorisation_file}
    file = documents.get(which)
    if file is None:
        raise Http404
    return attachment(file)


@require_safe
def staff_membership_list(request: SignedInRequest) -> HttpResponse:
    """What awaits ITQ: agreements and authorisations to confirm."""
    require_somewhere(request.user, May.CONFIRM_MEMBERSHIP)
    context = {"memberships": memberships_to_settle(request.user)}
    return render(request, "members/staff_membership_list.html", context)


def _fetch(request: SignedInRequest, pk: int) -> Membership:
    require_somewhere(request.user, May.CONFIRM_MEMBERSHIP)
    return get_object_or_404(memberships_to_settle(request.user), pk=pk)


@require_POST
def membership_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ confirms an agreement."""
    membership = _fetch(request, pk)
    return pressed(
        request,
        lambda: confirm_membership(membership=membership, by=request.user),
        _("Adhésion confirmée."),
        reverse("members:staff_membership_list"),
    )


@require_POST
def authorisation_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ confirms the MAMH's authorisation."""
    membership = _fetch(request, pk)
    return pressed(
        request,
        lambda: confirm_authorisation(membership=membership, by=request.user),
        _("Autorisation confirmée."),
        reverse("members:staff_membership_list"),
    )


@require_http_methods(["GET", "POST"])
def authorisation_waive(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ marks the authorisation as not required, with a reason."""
    membership = _fetch(request, pk)
    form = ReasonForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: waive_authorisation(membership=membership, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Autorisation marquée « non requise »."))
        return redirect("members:staff_membership_list")
    act = Act(
        title=_("Autorisation du MAMH non requise : %(member)s")
        % {"member": membership.organisation},
        label=_("Marquer « non requise »"),
        back=reverse("members:staff_membership_list"),
    )
    return act_page(request, form, act)
