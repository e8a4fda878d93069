"""Invite by e-mail to a role or to sign, revoke, accept: 14 days, once, dead with the inviter."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from members import events
from members.actions.people import create_account, merge_person
from members.actions.signers import doubt_identity, follow_person
from members.designation import designating, inviting
from members.links import digest_of, new_nonce, token_of
from members.models import Delegation, Invitation, Person, Respondent, User
from members.permissions import Refused, explain, require
from members.projection import project
from members.queries.people import inviter_stands
from members.queries.signers import attests_alone, names_signer, signers_to_invite
from members.roles import May, Role
from portal.audit import Actor, SystemActor, record
from portal.clock import database_clock, midnight, today
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
    _refuse_account(respondent.person)
    for earlier in _open_for(respondent):
        _revoke(earlier, by=by, hat=hat, reason=_("Remplacée par une nouvelle invitation"))
    row = Invitation(
        branch=respondent.branch,
        person=respondent.person,
        email=email.lower(),
        role=respondent.role,
        sector=respondent.sector,
        invited_by=by,
    )
    return _sent(row, by=by, hat=hat, role=respondent.role)


@action
def invite_signer(*, delegation: Delegation, person: Person, email: str, by: User) -> Invitation:
    """Send a link that opens the account of someone whom a confirmed line names (E3, F-05).

    An earlier open one to the same person and line is revoked. Raises ValidationError when the
    line names nobody of the sort, and Refused to an e-mail that is one's own (R-21).
    """
    hat = require(by, May.RECORD_DELEGATION, on=delegation)
    line = locked(delegation)
    if not names_signer(line, person.pk):
        raise ValidationError(
            _("On invite à signer le titulaire ou l'intérimaire d'une ligne confirmée.")
        )
    _refuse_account(person)
    if by.person is not None and by.person.accounts.filter(email=email.lower()).exists():
        raise Refused(_("On ne s'invite pas soi-même à signer."))
    for earlier in _open_on(line).filter(person=person):
        _revoke(earlier, by=by, hat=hat, reason=_("Remplacée par une nouvelle invitation"))
    row = Invitation(
        branch=line.branch, person=person, email=email.lower(), delegation=line, invited_by=by
    )
    return _sent(row, by=by, hat=hat, delegation=line.pk)


def invite_named(line: Delegation, *, by: User, hat: str) -> None:
    """The line is confirmed: who it names is invited in the name of who recorded it (E3).

    Only a person without an account whose e-mail is on file; nobody when the recorder left.
    """
    for person, recorder in signers_to_invite(line):
        if not explain(recorder, May.RECORD_DELEGATION, line):
            continue
        row = Invitation(
            branch=line.branch,
            person=person,
            email=person.email.lower(),
            delegation=line,
            invited_by=recorder,
        )
        _sent(row, by=by, hat=hat, delegation=line.pk)


@action
def revoke_invitation(*, invitation: Invitation, reason: str, by: User) -> Invitation:
    """Make an open link useless, by hand."""
    hat = require(by, inviting(invitation.role), on=invitation.branch)
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
    """A person signed in with the invited e-mail takes the role, or the line (F-05, F-08).

    Raises Refused to who recorded or confirmed the line: that person does not sign by it (R-21).
    """
    fresh = require_open(invitation)
    _refuse_keeper(fresh, by)
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
        _doubt_own_word(by.person, by)
    return by


@action
def note_sent(*, invitation: Invitation, by: SystemActor) -> None:
    """The worker sent the mail; a second run of the task sends nothing (D-03)."""
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=database_clock())
    record(events.INVITATION_SENT, by=by, on=invitation)


def require_open(invitation: Invitation) -> Invitation:
    """The gate of a link: open, not expired, its inviter and its line still stand (F-05).

    Raises Http404 for a link that never was or is no more: both look alike.
    """
    fresh = locked(invitation)
    if fresh.accepted_at or fresh.revoked_at or fresh.expires_at <= database_clock():
        raise Http404
    if not _inviter_stands(fresh):
        raise Http404
    if fresh.delegation is not None and not names_signer(fresh.delegation, fresh.person_id):
        raise Http404
    return fresh


def withdraw_invitations_to(respondent: Respondent, *, by: Actor, hat: str) -> None:
    """The designation stands no more: its open links neither."""
    for row in _open_for(respondent):
        _revoke(row, by=by, hat=hat, reason=_("La désignation a pris fin"))


def withdraw_signer_invitations(
    line: Delegation, *, by: Actor, hat: str, person_id: int | None = None
) -> None:
    """The line, or one interim of it, stands no more: its open links neither (E3)."""
    rows = _open_on(line)
    for row in rows if person_id is None else rows.filter(person=person_id):
        _revoke(row, by=by, hat=hat, reason=_("La ligne du plan a pris fin"))


def carry_signer_invitations(
    old: Delegation, ended: Delegation, on: date, *, by: Actor, hat: str
) -> None:
    """A line that ends on a day to come keeps its links until then; one that ended, none."""
    if ended.pk == old.pk or on <= today():
        withdraw_signer_invitations(old, by=by, hat=hat)
        return
    for row in _open_on(old):
        row.delegation, row.expires_at = ended, min(row.expires_at, midnight(on))
        row.save(update_fields=["delegation", "expires_at"])


def withdraw_invitations_of(person_id: int, *, at: datetime, by: Actor) -> None:
    """The inviter's role ends at ``at``: revoke now, or let the links expire then (F-05)."""
    rows = Invitation.objects.select_for_update(of=("self",)).filter(
        invited_by__person=person_id, accepted_at__isnull=True, revoked_at__isnull=True
    )
    for row in rows.select_related("branch", "delegation"):
        if at > database_clock():
            row.expires_at = min(row.expires_at, at)
            row.save(update_fields=["expires_at"])
        elif not _inviter_stands(row):
            _revoke(row, by=by, hat="", reason=_("Le rôle de la personne qui invite a pris fin"))


def _inviter_stands(invitation: Invitation) -> bool:
    return inviter_stands(invitation, inviting(invitation.role))


def _refuse_account(person: Person) -> None:
    """Whoever has an account signs in: there is nothing to open."""
    if person.accounts.filter(is_active=True).exists():
        raise ValidationError(_("Cette personne a déjà un compte : aucune invitation à envoyer."))


def _refuse_keeper(invitation: Invitation, by: User) -> None:
    """Whoever recorded or confirmed a line is not the person whom it names (R-02, R-21)."""
    line = invitation.delegation
    if line is None or by.person_id is None:
        return
    keepers = {line.recorded_by.person_id, line.confirmed_by and line.confirmed_by.person_id}
    if by.person_id in keepers:
        raise Refused(
            _("Qui a inscrit ou confirmé une ligne du plan ne signe pas en vertu d'elle.")
        )


def _doubt_own_word(person: Person, by: User) -> None:
    """An account opens for a signer whom the sender attested: another attests again (E2)."""
    attester = person.identity_attested_by
    if attester is not None and attests_alone(person, attester.person_id):
        doubt_identity(person, by=by)


def _sent(invitation: Invitation, *, by: User, hat: str, **told: Any) -> Invitation:
    """The link is made, kept as its digest, and leaves by e-mail."""
    invitation.nonce = new_nonce()
    invitation.token_sha256 = digest_of(token_of(invitation.nonce))
    invitation.expires_at = database_clock() + LIFE
    invitation.save()
    record(events.INVITATION_CREATED, by=by, on=invitation, hat=hat, **told)
    later("members.send_invitation", invitation_id=invitation.pk)
    return invitation


def _open_on(line: Delegation) -> QuerySet[Invitation]:
    """Invitations to a line that still stand, locked."""
    return Invitation.objects.select_for_update(of=("self",)).filter(
        delegation=line, accepted_at__isnull=True, revoked_at__isnull=True
    )


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
    _doubt_own_word(invitation.person, by)
    told: dict[str, Any] = {"role": invitation.role, "delegation": invitation.delegation_id}
    record(
        events.INVITATION_ACCEPTED,
        by=by,
        on=invitation,
        **{name: value for name, value in told.items() if value is not None},
    )
