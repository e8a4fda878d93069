"""Invitations: send, list, revoke, and the page that a link opens (F-05)."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.invitations import (
    attach_account,
    invite,
    open_invited_account,
    revoke_invitation,
)
from members.designation import designating, inviting
from members.forms.accounts import AcceptForm
from members.forms.people import EmailForm, InvitationFilters, ReasonForm
from members.links import digest_of
from members.models import Invitation, User
from members.permissions import require, require_member
from members.queries.people import (
    has_account_at,
    invitation_by_link,
    invitations_of,
    require_branches,
)
from members.requests import SignedInRequest
from members.roles import May, Role
from members.views.acts import Act, act_page, acted
from members.views.pages import member_page
from members.views.respondents import detail_url, fetch
from portal.lists import Column, ListDefinition, Listing

STATUS_LABELS = dict(InvitationFilters.base_filters["etat"].extra["choices"])

INVITATION_LIST = ListDefinition(
    name="invitations",
    columns=(
        Column("personne", gettext_lazy("Personne"), lambda i: str(i.person)),
        Column("courriel", gettext_lazy("Courriel"), lambda i: i.email, ("email",)),
        Column("role", gettext_lazy("Rôle"), lambda i: i.purpose, ("role",)),
        Column("subdivision", gettext_lazy("Subdivision"), lambda i: str(i.branch), ("branch",)),
        Column("envoi", gettext_lazy("Créée le"), lambda i: i.invited_at, ("invited_at",)),
        Column("limite", gettext_lazy("Expire le"), lambda i: i.expires_at, ("expires_at",)),
        Column("etat", gettext_lazy("État"), lambda i: STATUS_LABELS[i.status], ("status",)),
    ),
    search=("email", "person__given_name", "person__family_name"),
    filters=InvitationFilters,
    default_sort="-envoi",
)


@require_safe
def invitation_list(request: SignedInRequest, member: str) -> HttpResponse:
    """Every invitation of the member, open or not."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.DESIGNATE, organisation)
    listing = Listing(request, INVITATION_LIST, invitations_of(request.user, organisation))
    return listing.export() or member_page(  # type: ignore[return-value]
        request, "members/invitation_list.html", organisation, listing=listing
    )


@require_http_methods(["GET", "POST"])
def respondent_invite(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Send, or send again, the link that opens the account of a designated person."""
    organisation, respondent = fetch(request, member, pk)
    require(request.user, designating(Role(respondent.role)), on=respondent)
    form = EmailForm(request.POST or None, initial={"email": respondent.person.email})
    if acted(
        request, form, lambda: invite(respondent=respondent, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, _("Invitation créée : elle part par courriel."))
        return redirect(detail_url(respondent))
    act = Act(
        title=_("Inviter %(person)s") % {"person": respondent.person},
        label=_("Envoyer l'invitation"),
        back=detail_url(respondent),
        organisation=organisation,
        lead=_("Le lien sert une seule fois, pendant 14 jours. Un lien envoyé avant est révoqué."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def invitation_revoke(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Make an open link useless."""
    organisation = require_member(request.user, member)
    invitation = get_object_or_404(invitations_of(request.user, organisation), pk=pk)
    require(request.user, inviting(invitation.role), on=invitation)
    form = ReasonForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: revoke_invitation(invitation=invitation, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Invitation révoquée : son lien ne sert plus."))
        return redirect("members:invitation_list", member=member)
    act = Act(
        title=_("Révoquer l'invitation de %(person)s") % {"person": invitation.person},
        label=_("Révoquer l'invitation"),
        back=reverse("members:invitation_list", args=[member]),
        organisation=organisation,
        danger=True,
    )
    return act_page(request, form, act)


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link: open an account, or attach the one already signed in.

    A link that never was, has expired, served or was revoked: the same 404.
    """
    invitation = invitation_by_link(digest_of(token))
    if invitation is None:
        raise Http404
    if isinstance(request.user, User):
        return _attach(request, invitation, request.user)
    if has_account_at(invitation.email):
        return render(request, "members/invitation_sign_in.html", {"invitation": invitation})
    form = AcceptForm(request.POST or None, invitation=invitation)
    opened: list[User] = []
    if acted(
        request,
        form,
        lambda: opened.append(
            open_invited_account(invitation=invitation, by=None, **form.cleaned_data)
        ),
    ):
        return _signed_in(request, opened[0], invitation)
    status = 422 if form.is_bound else 200
    context = {"invitation": invitation, "form": form}
    return render(request, "members/invitation_accept.html", context, status=status)


def _signed_in(request: HttpRequest, user: User, invitation: Invitation) -> HttpResponse:
    """Sign the new account in; a second factor comes next where its role asks for one."""
    messages.success(request, _("Votre compte est ouvert."))
    answer: HttpResponse = perform_login(request, user, redirect_url=_next_page(invitation))
    return answer


def _next_page(invitation: Invitation) -> str:
    """« Mon compte », or for a signer the request that awaits (E3)."""
    if invitation.role is None:
        return reverse("derogations:signature_list") + "?ouvrir=1"
    return reverse("members:my_account")


def _attach(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    """One button for a person signed in with the invited e-mail; the others are told which."""
    if request.method == "POST" and user.email == invitation.email:
        attach_account(invitation=invitation, by=user)
        messages.success(request, _("L'invitation est acceptée avec votre compte."))
        return redirect(_next_page(invitation))
    context = {"invitation": invitation, "own": user.email == invitation.email}
    return render(request, "members/invitation_attach.html", context)
