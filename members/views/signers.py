"""Acts over the people whom a line names: identity, invitation, lost second factor (E2, E3)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.actions.factors import reset_signer_factor
from members.actions.invitations import invite_signer
from members.actions.people import attest_signer
from members.forms.people import EmailForm, MethodForm, ReasonForm
from members.models import User
from members.permissions import require
from members.queries.signers import asked_to_attest, signer_of
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted
from members.views.delegations import fetch, line_url


@require_http_methods(["GET", "POST"])
def signer_attest(request: SignedInRequest, member: str, pk: int, person: int) -> HttpResponse:
    """Attest the identity of someone whom a line names (E2)."""
    organisation, line = fetch(request, member, pk)
    signer = signer_of(line, person)
    asked = asked_to_attest(signer, request.user, line) if signer else May.ATTEST_IDENTITY
    require(request.user, asked, on=line)
    if signer is None:
        raise Http404
    form = MethodForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: attest_signer(delegation=line, person=signer, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Identité attestée."))
        return redirect(line_url(member, pk))
    act = Act(
        title=_("Attester l'identité de %(person)s") % {"person": signer},
        label=_("Attester l'identité"),
        back=line_url(member, pk),
        organisation=organisation,
        lead=_("Personne ne signe une dérogation sans que son identité ait été attestée."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def signer_invite(request: SignedInRequest, member: str, pk: int, person: int) -> HttpResponse:
    """Send, or send again, the link that opens the account of someone whom a line names (E3)."""
    organisation, line = fetch(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=line)
    signer = signer_of(line, person)
    if signer is None:
        raise Http404
    form = EmailForm(request.POST or None, initial={"email": signer.email})
    if acted(
        request,
        form,
        lambda: invite_signer(delegation=line, person=signer, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Invitation créée : elle part par courriel."))
        return redirect(line_url(member, pk))
    act = Act(
        title=_("Inviter %(person)s à signer") % {"person": signer},
        label=_("Envoyer l'invitation"),
        back=line_url(member, pk),
        organisation=organisation,
        lead=_(
            "Cette personne signe en vertu de la ligne %(line)s, sans autre rôle au portail. Le "
            "lien ouvre son compte et la mène aux demandes qui l'attendent."
        )
        % {"line": line},
        note=_("Le lien sert une seule fois, pendant 14 jours. Un lien envoyé avant est révoqué."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def signer_factor_reset(
    request: SignedInRequest, member: str, pk: int, account: int
) -> HttpResponse:
    """INTRL lifts the lost second factor of someone whom a line names, who is told (§3.4)."""
    organisation, line = fetch(request, member, pk)
    require(request.user, May.ATTEST_IDENTITY, on=line)
    held = get_object_or_404(User.objects.select_related("person"), pk=account)
    if held.person_id is None or signer_of(line, held.person_id) is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: reset_signer_factor(
            delegation=line, account=held, by=request.user, **form.cleaned_data
        ),
    ):
        messages.success(request, _("Second facteur levé ; la personne en est avisée."))
        return redirect(line_url(member, pk))
    act = Act(
        title=_("Lever le second facteur de %(person)s") % {"person": held.person},
        label=_("Lever le second facteur"),
        back=line_url(member, pk),
        organisation=organisation,
        lead=_("Faites-le seulement après avoir reconnu la personne, en personne ou au téléphone."),
        consequences=(
            _("Ses clés d'accès, son application et ses codes de secours sont effacés."),
            _("Elle en est avisée par courriel, et en ajoute un nouveau avant de signer."),
        ),
        danger=True,
    )
    return act_page(request, form, act)
