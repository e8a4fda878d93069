"""Absences of signers: one's own at « Mon compte », anyone's for INTRL (F-12)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from members.actions.absences import (
    declare_absence,
    declare_own_absence,
    end_absence,
    end_own_absence,
)
from members.forms.delegations import AbsenceForm, OwnAbsenceForm
from members.permissions import require_member
from members.queries.people import branches_where, require_branches
from members.queries.plans import absences_of, colleagues_of, own_absences, own_branches, signers_of
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed

LEAD = gettext_lazy(
    "Les demandes ouvertes et nouvelles passent au substitut, et reviennent au retour."
)


@require_http_methods(["GET", "POST"])
def absence_declare(request: SignedInRequest, member: str) -> HttpResponse:
    """INTRL records when a signer is away, and who stands in."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.DECLARE_ABSENCE, organisation)
    form = AbsenceForm(
        request.POST or None,
        branches=branches_where(request.user, May.DECLARE_ABSENCE, organisation),
        signers=signers_of(request.user, organisation),
    )
    if acted(request, form, lambda: declare_absence(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Absence inscrite."))
        return redirect("members:plan_overview", member)
    act = Act(
        title=_("Inscrire l'absence d'un signataire"),
        label=_("Inscrire l'absence"),
        back=reverse("members:plan_overview", args=[member]),
        organisation=organisation,
        lead=LEAD,
    )
    return act_page(request, form, act)


@require_POST
def absence_end(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """A signer is back before the last day."""
    organisation = require_member(request.user, member)
    absence = get_object_or_404(absences_of(request.user, organisation), pk=pk)
    return pressed(
        request,
        lambda: end_absence(absence=absence, by=request.user),
        _("Absence terminée ; les demandes reviennent."),
        reverse("members:plan_overview", args=[member]),
    )


@require_http_methods(["GET", "POST"])
def my_absence(request: SignedInRequest) -> HttpResponse:
    """When I am away, and who stands in for me."""
    branches = own_branches(request.user)
    form = OwnAbsenceForm(
        request.POST or None, branches=branches, signers=colleagues_of(request.user)
    )
    if acted(request, form, lambda: declare_own_absence(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Votre absence est inscrite."))
        return redirect("members:my_account")
    act = Act(
        title=_("Mon absence"),
        label=_("Inscrire mon absence"),
        back=reverse("members:my_account"),
        lead=LEAD,
        note=_("Vous pouvez encore signer pendant votre absence."),
    )
    return act_page(request, form, act)


@require_POST
def my_absence_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """I am back before the last day."""
    absence = get_object_or_404(own_absences(request.user), pk=pk)
    return pressed(
        request,
        lambda: end_own_absence(absence=absence, by=request.user),
        _("Vous êtes de retour."),
        reverse("members:my_account"),
    )
