"""Lift a lost second factor: INTRL for their people, two ITQ agents otherwise (signing.md §3.4)."""

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import events
from members.models import Branch, Delegation, FactorReset, Respondent, User
from members.permissions import WHOLE_GROUP, Refused, has_second_factor, require
from members.queries.people import needs_two_agents
from members.queries.signers import signer_of
from members.roles import May, StaffMay
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later
from portal.workflow import locked


@action
def reset_factor(*, respondent: Respondent, account: User, reason: str, by: User) -> User:
    """INTRL lifts the second factor of one of the member's people, who is told.

    Refused for oneself, an INTRL, ITQ's staff or someone with a role in another member: two ITQ
    agents do that.
    """
    hat = require(by, May.ATTEST_IDENTITY, on=respondent)
    if account.person_id != respondent.person_id:
        raise ValidationError(_("Ce compte n'est pas celui de cette personne."))
    return _lifted_by_interlocutor(account, respondent.branch, reason, by, hat)


@action
def reset_signer_factor(*, delegation: Delegation, account: User, reason: str, by: User) -> User:
    """The same for someone whom a line of the plan names and who holds no role (§3.4).

    Refused for oneself, and where two ITQ agents must do it: someone who also signs elsewhere is.
    """
    hat = require(by, May.ATTEST_IDENTITY, on=delegation)
    if account.person_id is None or signer_of(delegation, account.person_id) is None:
        raise ValidationError(_("Cette ligne ne nomme pas cette personne."))
    return _lifted_by_interlocutor(account, delegation.branch, reason, by, hat)


@action
def ask_factor_reset(*, email: str, callback_note: str, by: User) -> FactorReset:
    """A first ITQ agent called the person back at a known number and says so."""
    hat = require(by, StaffMay.ATTEST_INTERLOCUTOR, on=WHOLE_GROUP)
    account = User.objects.filter(email=email.lower(), is_active=True).first()
    if account is None or not has_second_factor(account):
        raise ValidationError({"email": _("Aucun compte à second facteur n'a ce courriel.")})
    if account.person_id == by.person_id:
        raise Refused(_("On ne demande pas la levée de son propre second facteur."))
    reset = FactorReset(account=account, callback_note=callback_note, asked_by=by)
    try:
        with transaction.atomic():
            reset.save()
    except IntegrityError as error:
        raise ValidationError(_("Une levée est déjà demandée pour ce compte.")) from error
    record(events.FACTOR_RESET_ASKED, by=by, on=reset, hat=hat, note=callback_note)
    return reset


@action
def complete_factor_reset(*, reset: FactorReset, by: User) -> FactorReset:
    """A second agent, another person, lifts the factor; the account's holder is told."""
    hat = require(by, StaffMay.ATTEST_INTERLOCUTOR, on=WHOLE_GROUP)
    fresh = locked(reset)
    if fresh.completed_at:
        raise ValidationError(_("Ce second facteur est déjà levé."))
    if by.person_id in (fresh.asked_by.person_id, fresh.account.person_id):
        raise Refused(_("Une autre personne que celle qui a demandé la levée doit la confirmer."))
    fresh.completed_at, fresh.completed_by = database_clock(), by
    fresh.save(update_fields=["completed_at", "completed_by"])
    _lift(fresh.account)
    record(events.FACTOR_RESET_DONE, by=by, on=fresh, hat=hat)
    return fresh


def _lifted_by_interlocutor(account: User, branch: Branch, reason: str, by: User, hat: str) -> User:
    """INTRL's own word suffices only for another person of the member alone."""
    if account.person_id == by.person_id or needs_two_agents(account, branch):
        raise Refused(_("Deux agents d'ITQ lèvent ce second facteur, après un rappel."))
    _lift(account)
    record(events.FACTOR_RESET_DONE, by=by, on=account, hat=hat, branch_id=branch.pk, reason=reason)
    return account


def _lift(account: User) -> None:
    """Delete every factor and recovery code, the account held first as where it signs (§3.5).

    The person is told by e-mail.
    """
    locked(account)
    deleted, _rows = Authenticator.objects.filter(user=account).delete()
    if not deleted:
        raise ValidationError(_("Ce compte n'a pas de second facteur."))
    later(
        "members.send_factor_reset_notice",
        user_id=account.pk,
        at=f"{database_clock():%Y%m%d%H%M%S}",
    )
