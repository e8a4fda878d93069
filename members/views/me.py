"""« Mon compte » : my name, my second factor, my roles; a lost factor lifted by INTRL (F-87)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.factors import reset_factor
from members.actions.people import rename_self
from members.forms.people import NameForm, ReasonForm
from members.permissions import has_second_factor, require, rights_of
from members.queries.people import accounts_of
from members.queries.plans import own_absences, own_branches
from members.requests import SignedInRequest
from members.roles import SECOND_FACTOR_ROLES, May, StaffRole
from members.views.acts import Act, act_page, acted
from members.views.respondents import detail_url, fetch


@require_safe
def my_account(request: SignedInRequest) -> HttpResponse:
    """My name, e-mail, factors and roles; says first when a role waits for a second factor."""
    rights = rights_of(request.user)
    asks = [r for r in rights if r.role in SECOND_FACTOR_ROLES or r.role in StaffRole.values]
    factor = has_second_factor(request.user)
    context = {
        "rights": rights,
        "factor": factor,
        "needs_factor": bool(asks) and not factor,
        "asking": [right.label for right in asks],
        "signing_branches": own_branches(request.user),
        "absences": own_absences(request.user),
    }
    return render(request, "members/my_account.html", context)


@require_http_methods(["GET", "POST"])
def my_name(request: SignedInRequest) -> HttpResponse:
    """Change my own name and function."""
    person = request.user.person
    initial = {
        "given_name": person.given_name if person else "",
        "family_name": person.family_name if person else "",
        "function": person.function if person else "",
    }
    form = NameForm(request.POST or None, initial=initial)
    if acted(request, form, lambda: rename_self(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Votre nom est à jour."))
        return redirect("members:my_account")
    act = Act(
        title=_("Mon nom et ma fonction"),
        label=_("Enregistrer"),
        back=reverse("members:my_account"),
        note=_(
            "Sous un autre nom, vous ne signez plus tant que votre identité n'est pas réattestée."
        )
        if person and person.identity_attested_at
        else "",
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def factor_reset(request: SignedInRequest, member: str, pk: int, account: int) -> HttpResponse:
    """INTRL lifts a lost second factor of one of the member's people, who is told."""
    organisation, respondent = fetch(request, member, pk)
    require(request.user, May.ATTEST_IDENTITY, on=respondent)
    held = get_object_or_404(accounts_of(respondent.person), pk=account)
    form = ReasonForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: reset_factor(
            respondent=respondent, account=held, by=request.user, **form.cleaned_data
        ),
    ):
        messages.success(request, _("Second facteur levé ; la personne en est avisée."))
        return redirect(detail_url(respondent))
    act = Act(
        title=_("Lever le second facteur de %(person)s") % {"person": respondent.person},
        label=_("Lever le second facteur"),
        back=detail_url(respondent),
        organisation=organisation,
        lead=_("Faites-le seulement après avoir reconnu la personne, en personne ou au téléphone."),
        consequences=(
            _("Ses clés d'accès, son application et ses codes de secours sont effacés."),
            _("Elle en est avisée par courriel, et en ajoute un nouveau à la page « Mon compte »."),
        ),
        danger=True,
    )
    return act_page(request, form, act)
