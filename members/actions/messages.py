"""What passes between a member and the administering body, through INTRL (R-07)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from members import events
from members.models import Branch, ItqMessage, Respondent, StandingAuthorisation, User
from members.permissions import WHOLE_GROUP, Refused, can, require
from members.queries.messages import WRITERS, is_authorised_to_write
from members.roles import May, Role, StaffMay
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later
from portal.workflow import locked


@action
def send_to_itq(
    *,
    branch: Branch,
    subject: str,
    body: str,
    by: User,
    in_reply_to: ItqMessage | None = None,
) -> ItqMessage:
    """INTRL writes in one click; RCELL or MANDA if authorised, with a copy to INTRL (R-07)."""
    hat = _require_writing(branch, by)
    message = ItqMessage.objects.create(
        branch=branch,
        direction=ItqMessage.Direction.TO_ITQ,
        subject=subject,
        body=body,
        in_reply_to=in_reply_to,
        sent_by=by,
    )
    record(events.MESSAGE_SENT, by=by, on=message, hat=hat, direction=message.direction)
    if in_reply_to and in_reply_to.handled_at is None:
        _handle(in_reply_to, by)
    later("members.send_message", message_id=message.pk)
    return message


@action
def write_to_member(
    *,
    branch: Branch,
    subject: str,
    body: str,
    by: User,
    in_reply_to: ItqMessage | None = None,
) -> ItqMessage:
    """ITQ writes to, or answers, a member: it enters INTRL's inbox (R-07)."""
    hat = require(by, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    message = ItqMessage.objects.create(
        branch=branch,
        direction=ItqMessage.Direction.FROM_ITQ,
        subject=subject,
        body=body,
        in_reply_to=in_reply_to,
        sent_by=by,
    )
    record(events.MESSAGE_SENT, by=by, on=message, hat=hat, direction=message.direction)
    if in_reply_to and in_reply_to.handled_at is None:
        _handle(in_reply_to, by)
    later("members.send_message", message_id=message.pk)
    return message


@action
def handle_message(*, message: ItqMessage, by: User) -> ItqMessage:
    """The addressee marks a message as dealt with: INTRL what comes, ITQ what it received."""
    if message.direction == ItqMessage.Direction.FROM_ITQ:
        hat = require(by, May.SEND_TO_ITQ, on=message)
    else:
        hat = require(by, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    fresh = locked(message)
    if fresh.handled_at:
        raise ValidationError(_("Ce message est déjà traité."))
    _handle(fresh, by)
    record(events.MESSAGE_HANDLED, by=by, on=fresh, hat=hat)
    return fresh


@action
def see_copy(*, message: ItqMessage, by: User) -> ItqMessage:
    """INTRL has seen what RCELL or MANDA wrote in the member's name (R-07)."""
    hat = require(by, May.SEND_TO_ITQ, on=message)
    fresh = locked(message)
    if fresh.copy_seen_at:
        raise ValidationError(_("Cette copie est déjà vue."))
    fresh.copy_seen_at, fresh.copy_seen_by = database_clock(), by
    fresh.save(update_fields=["copy_seen_at", "copy_seen_by"])
    record(events.COPY_SEEN, by=by, on=fresh, hat=hat)
    return fresh


@action
def authorise_writing(
    *, respondent: Respondent, by: User, until: datetime | None = None
) -> StandingAuthorisation:
    """INTRL lets an RCELL or a MANDA write to ITQ from now, to ``until`` or without end (R-07)."""
    hat = require(by, May.SEND_TO_ITQ, on=respondent)
    if Role(respondent.role) not in WRITERS:
        raise ValidationError(
            _("Seuls un représentant cellulaire ou un mandataire peuvent être autorisés.")
        )
    instant = database_clock()
    if until is not None and until <= instant:
        raise ValidationError({"until": _("La fin doit être à venir.")})
    locked(respondent)
    held = StandingAuthorisation.objects.in_force(instant).filter(respondent=respondent)
    if held.exists():
        raise ValidationError(_("Cette personne est déjà autorisée à écrire à ITQ."))
    authorisation = StandingAuthorisation.objects.create(
        branch=respondent.branch,
        respondent=respondent,
        period=DateTimeTZRange(instant, until),
        authorised_by=by,
    )
    record(events.WRITING_AUTHORISED, by=by, on=authorisation, hat=hat)
    return authorisation


@action
def end_authorisation(*, authorisation: StandingAuthorisation, by: User) -> StandingAuthorisation:
    """INTRL takes the authorisation back, now."""
    hat = require(by, May.SEND_TO_ITQ, on=authorisation)
    fresh = locked(authorisation)
    instant = database_clock()
    if fresh.period.upper is not None and fresh.period.upper <= instant:
        raise ValidationError(_("Cette autorisation a déjà pris fin."))
    fresh.period = DateTimeTZRange(fresh.period.lower, instant)
    fresh.save(update_fields=["period"])
    record(events.WRITING_ENDED, by=by, on=fresh, hat=hat)
    return fresh


def _require_writing(branch: Branch, by: User) -> str:
    """INTRL, or a respondent under a standing authorisation in force (R-07)."""
    if can(by, May.SEND_TO_ITQ, on=branch):
        return require(by, May.SEND_TO_ITQ, on=branch)
    hat = require(by, May.SEND_TO_ITQ_IF_AUTHORISED, on=branch)
    if not is_authorised_to_write(by, branch):
        raise Refused(_("L'interlocuteur ne vous a pas autorisé à écrire à ITQ : demandez-le-lui."))
    return hat


def _handle(message: ItqMessage, by: User) -> None:
    message.handled_at, message.handled_by = database_clock(), by
    message.save(update_fields=["handled_at", "handled_by"])
