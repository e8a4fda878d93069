"""Invite by e-mail to a role, revoke, accept: 14 days, once, dead with the inviter (F-05)."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from members import events
from members.actions.people import create_account, merge_person
from members.actions.signers import follow_person
from members.designation import designating
from members.links import digest_of, new_nonce, token_of
from members.models import Invitation, Respondent, User
from members.permissions import require
from members.projection import project
from members.queries.people import inviter_stands
from members.roles import Role
from portal.audit import Actor, SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later
from portal.workflow import locked

LIFE = timedelta(days=14)


@action
def invite(*, respondent: Respondent, email: str, by: User) -> Invitation:
    """Send a link that opens the account of a designated person (F-05).

    Role and branch are those of the designation. An earlier open invitation to it is revoked.
    """
    hat = require(by, designating(Role(respondent.role)), on=respondent.branch)
    if respondent.person.accounts.filter(is_active=True).exists():
        raise ValidationError(_("Cette personne a déjà un compte : aucune invitation à envoyer."))
    for earlier in _open_for(respondent):
        _revoke(earlier, by=by, hat=hat, reason=_("Remplacée par une nouvelle invitation"))
    nonce = new_nonce()
    invitation = Invitation.objects.create(
        branch=respondent.branch,
        person=respondent.person,
        email=email.lower(),
        role=respondent.role,
        sector=respondent.sector,
        nonce=nonce,
        token_sha256=digest_of(token_of(nonce)),
        invited_by=by,
        expires_at=database_clock() + LIFE,
    )
    record(events.INVITATION_CREATED, by=by, on=invitation, hat=hat, role=respondent.role)
    later("members.send_invitation", invitation_id=invitation.pk)
    return invitation


@action
def revoke_invitation(*, invitation: Invitation, reason: str, by: User) -> Invitation:
    """Make an open link useless, by hand."""
    hat = require(by, designating(Role(invitation.role)), on=invitation.branch)
    fresh = locked(invitation)
    if fresh.accepted_at or fresh.revoked_at:
        raise ValidationError(_("Cette invitation n'est plus ouverte."))
    return _revoke(fresh, by=by, hat=hat, reason=reason)


@action
def open_invited_account(*, invitation: Invitation, password: str, by: Actor | None) -> User:
    """Whoever holds the link opens the account: e-mail fixed and verified by it (F-05).

    ``by`` is None: the holder has no account yet, the link is the proof. The new account is the
    actor recorded. Raises ValidationError when an account exists at that e-mail.
    """
    fresh = require_open(invitation)
    if User.objects.filter(email=fresh.email).exists():
        raise ValidationError(_("Un compte existe déjà à cette adresse : connectez-vous d'abord."))
    user = create_account(person=fresh.person, email=fresh.email, password=password)
    record(events.ACCOUNT_OPENED, by=user, on=user, branch_id=fresh.branch_id)
    _accept(fresh, by=user)
    return user


@action
def attach_account(*, invitation: Invitation, by: User) -> User:
    """A person signed in with the invited e-mail takes the role (F-05, F-08)."""
    fresh = require_open(invitation)
    if by.email != fresh.email:
        raise ValidationError(
            _("Cette invitation est adressée à %(email)s : connectez-vous avec ce compte.")
            % {"email": fresh.email}
        )
    _accept(fresh, by=by)
    if by.person is None:
        by.person = fresh.person
        by.save(update_fields=["person"])
        project([fresh.person_id])
        follow_person(fresh.person_id)
    elif by.person_id != fresh.person_id:
        merge_person(kept=by.person, gone=fresh.person, by=by)
    return by


@action
def note_sent(*, invitation: Invitation, by: SystemActor) -> None:
    """The worker sent the mail; a second run of the task sends nothing (D-03)."""
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=database_clock())
    record(events.INVITATION_SENT, by=by, on=invitation)


def require_open(invitation: Invitation) -> Invitation:
    """The gate of a link: open, not expired, and its inviter may still designate (F-05).

    Raises Http404 for a link that never was or is no more: both look alike.
    """
    fresh = locked(invitation)
    if fresh.accepted_at or fresh.revoked_at or fresh.expires_at <= database_clock():
        raise Http404
    if not _inviter_stands(fresh):
        raise Http404
    return fresh


def withdraw_invitations_to(respondent: Respondent, *, by: Actor, hat: str) -> None:
    """The designation stands no more: its open links neither."""
    for row in _open_for(respondent):
        _revoke(row, by=by, hat=hat, reason=_("La désignation a pris fin"))


def withdraw_invitations_of(person_id: int, *, at: datetime, by: Actor) -> None:
    """The inviter's role ends at ``at``: revoke now, or let the links expire then (F-05)."""
    rows = Invitation.objects.select_for_update(of=("self",)).filter(
        invited_by__person=person_id, accepted_at__isnull=True, revoked_at__isnull=True
    )
    for row in rows.select_related("branch"):
        if at > database_clock():
            row.expires_at = min(row.expires_at, at)
            row.save(update_fields=["expires_at"])
        elif not _inviter_stands(row):
            _revoke(row, by=by, hat="", reason=_("Le rôle de la personne qui invite a pris fin"))


def _inviter_stands(invitation: Invitation) -> bool:
    return inviter_stands(invitation, designating(Role(invitation.role)))


def _open_for(respondent: Respondent) -> list[Invitation]:
    """Invitations to the same designation that still stand, locked."""
    return list(
        Invitation.objects.select_for_update().filter(
            person=respondent.person_id,
            branch=respondent.branch_id,
            role=respondent.role,
            accepted_at__isnull=True,
            revoked_at__isnull=True,
        )
    )


def _revoke(invitation: Invitation, *, by: Actor, hat: str, reason: str) -> Invitation:
    invitation.revoked_at, invitation.revoked_reason = database_clock(), reason
    invitation.save(update_fields=["revoked_at", "revoked_reason"])
    record(events.INVITATION_REVOKED, by=by, on=invitation, hat=hat, reason=reason)
    return invitation


def _accept(invitation: Invitation, *, by: User) -> None:
    invitation.accepted_at, invitation.accepted_by = database_clock(), by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record(events.INVITATION_ACCEPTED, by=by, on=invitation, role=invitation.role)
