"""Designate, confirm, end and hand over roles: the writes that rights follow from."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from members import events
from members.actions.accesses import open_revocations
from members.actions.invitations import withdraw_invitations_of, withdraw_invitations_to
from members.actions.signers import follow_person
from members.designation import LACKS_FILE, LACKS_REFERENCE, designating
from members.models import Branch, Person, Respondent, User
from members.permissions import Refused, require
from members.projection import project
from members.roles import CONFIRMED_ROLES, May, Role, StaffMay
from portal.audit import Actor, record
from portal.clock import database_clock
from portal.commands import action
from portal.files import store_document
from portal.models import StoredFile
from portal.uploads import Upload
from portal.workflow import locked

_TYPED = {"role", "sector", "act_reference"}
_UNTYPED = {field.name for field in Respondent._meta.concrete_fields} - _TYPED


@action
def designate(
    *,
    branch: Branch,
    person: Person,
    role: Role,
    by: Actor,
    since: datetime | None = None,
    until: datetime | None = None,
    sector: str = "",
    act_reference: str = "",
    act_file: StoredFile | None = None,
) -> Respondent:
    """INTRL gives a role on a branch, never DERO to self; ITQ gives INTRL only (R-01, R-02).

    ``since`` and ``until`` are instants, ``[)``. Raises ValidationError when someone holds the
    sole role at these dates, or when the person already holds this one.
    """
    hat = require(by, designating(role), on=branch)
    if role == Role.DERO and isinstance(by, User) and by.person_id == person.pk:
        raise Refused(_("On ne se désigne pas soi-même signataire de dérogations."))
    respondent = _insert(
        Respondent(
            branch=branch,
            person=person,
            role=role,
            period=DateTimeTZRange(since or database_clock(), until),
            sector=sector,
            act_reference=act_reference,
            act_file=act_file,
            recorded_by=by if isinstance(by, User) else None,
        )
    )
    record(events.RESPONDENT_DESIGNATED, by=by, on=respondent, hat=hat, role=role, person=person.pk)
    project([person.pk])
    return respondent


@action
def confirm_designation(*, respondent: Respondent, by: User) -> Respondent:
    """A second person confirms that a DERO matches the act on file (R-02).

    Never the recorder nor the holder, by person.
    """
    hat = require(by, May.CONFIRM_DESIGNATION, on=respondent)
    fresh = locked(respondent)
    recorder = fresh.recorded_by.person_id if fresh.recorded_by else None
    if by.person_id in (fresh.person_id, recorder):
        raise Refused(
            _("Une autre personne que celle qui a inscrit ou qui tient le rôle doit confirmer.")
        )
    if fresh.role not in CONFIRMED_ROLES or fresh.confirmed_at or fresh.retracted_at:
        raise ValidationError(_("Cette désignation n'attend pas de confirmation."))
    fresh.confirmed_at, fresh.confirmed_by = database_clock(), by
    fresh.save(update_fields=["confirmed_at", "confirmed_by"])
    record(events.RESPONDENT_CONFIRMED, by=by, on=fresh, hat=hat, role=fresh.role)
    project([fresh.person_id])
    return fresh


@action
def end_role(
    *, respondent: Respondent, by: Actor, reason: str, at: datetime | None = None
) -> Respondent:
    """End a role at an instant, now by default; acts on the next request.

    Opens the revocation of the person's accesses (R-06) and withdraws the invitations that hang
    on the role (F-05). Raises ValidationError when the role is not in force at that instant.
    """
    role = Role(respondent.role)
    hat = require(by, designating(role), on=respondent.branch)
    fresh = _close(respondent, by=by, reason=reason, at=at or database_clock())
    record(events.RESPONDENT_ENDED, by=by, on=fresh, hat=hat, role=role, reason=reason)
    _follow_end(fresh, by=by, hat=hat)
    return fresh


@action
def retract_designation(*, respondent: Respondent, reason: str, by: User) -> Respondent:
    """Cancel a designation that has not begun: it never gave any right; the row stays."""
    hat = require(by, designating(Role(respondent.role)), on=respondent.branch)
    fresh = locked(respondent)
    if fresh.retracted_at:
        raise ValidationError(_("Cette désignation est déjà annulée."))
    instant = database_clock()
    if fresh.period.lower <= instant:
        raise ValidationError(_("Ce rôle a commencé : mettez-y plutôt fin."))
    fresh.retracted_at, fresh.retracted_by, fresh.end_reason = instant, by, reason
    fresh.save(update_fields=["retracted_at", "retracted_by", "end_reason"])
    record(events.RESPONDENT_RETRACTED, by=by, on=fresh, hat=hat, reason=reason)
    withdraw_invitations_to(fresh, by=by, hat=hat)
    return fresh


@action
def hand_over_interlocutor(
    *,
    respondent: Respondent,
    successor: Person,
    by: User,
    at: datetime | None = None,
    act_reference: str = "",
    act_file: Upload | None = None,
) -> Respondent:
    """INTRL hands over to a successor in one dated act: no gap, no overlap (R-01).

    ITQ does it on written designation alone: ValidationError without its reference or its file.
    """
    hat = _require_handing_over(respondent, by)
    if by.person_id != respondent.person_id:
        _require_written(act_reference, act_file)
    if Role(respondent.role) != Role.INTRL:
        raise ValidationError(_("Seul le rôle d'interlocuteur se remet à un successeur."))
    if successor.pk == respondent.person_id:
        raise ValidationError(_("Choisissez une autre personne que l'interlocuteur actuel."))
    instant = at or database_clock()
    ended = _close(respondent, by=by, reason=_("Remise au successeur"), at=instant)
    next_one = _insert(
        Respondent(
            branch=ended.branch,
            person=successor,
            role=Role.INTRL,
            period=DateTimeTZRange(instant, None),
            act_reference=act_reference,
            act_file=store_document(act_file) if act_file else None,
            recorded_by=by,
        )
    )
    record(
        events.INTERLOCUTOR_HANDED_OVER, by=by, on=next_one, hat=hat, predecessor=ended.person_id
    )
    _follow_end(ended, by=by, hat=hat)
    project([successor.pk])
    return next_one


def _require_handing_over(respondent: Respondent, by: User) -> str:
    """INTRL hands over their own role; otherwise ITQ's administrator does."""
    if by.person_id == respondent.person_id:
        return require(by, May.DESIGNATE, on=respondent)
    return require(by, StaffMay.DESIGNATE_INTRL, on=respondent)


def _require_written(reference: str, file: Upload | None) -> None:
    """Both the written designation and what it is known by."""
    faults = {}
    if not reference.strip():
        faults["act_reference"] = LACKS_REFERENCE
    if file is None:
        faults["act_file"] = LACKS_FILE
    if faults:
        raise ValidationError(faults)


def _follow_end(ended: Respondent, *, by: Actor, hat: str) -> None:
    """What hangs on a role that ends: grants, accesses at providers, invitations."""
    project([ended.person_id])
    follow_person(ended.person_id)
    at = ended.period.upper
    open_revocations(person=ended.person, branch=ended.branch, at=at, by=by, hat=hat)
    withdraw_invitations_of(ended.person_id, at=at, by=by)
    withdraw_invitations_to(ended, by=by, hat=hat)


def _insert(respondent: Respondent) -> Respondent:
    """Insert under the exclusion constraints; a clash becomes a sentence."""
    if respondent.period.upper and respondent.period.upper <= respondent.period.lower:
        raise ValidationError({"until": _("La fin doit suivre le début.")})
    respondent.clean_fields(exclude=_UNTYPED)
    try:
        with transaction.atomic():
            respondent.save()
    except IntegrityError as error:
        if "one_interlocutor" in str(error):
            raise ValidationError(
                _(
                    "Il y a déjà un interlocuteur à ces dates : remettez plutôt le rôle à son "
                    "successeur, ou choisissez une date après sa fin."
                )
            ) from error
        raise ValidationError(
            _("Cette personne tient déjà ce rôle à ces dates : choisissez d'autres dates.")
        ) from error
    return respondent


def _close(respondent: Respondent, *, by: Actor, reason: str, at: datetime) -> Respondent:
    """Close the period of a row at ``at``; a role not yet begun is retracted instead."""
    fresh = locked(respondent)
    if fresh.period.upper is not None and fresh.period.upper <= at:
        raise ValidationError({"at": _("Ce rôle a déjà pris fin à cette date.")})
    if fresh.period.lower >= at:
        raise ValidationError(
            {"at": _("Ce rôle n'a pas commencé à cette date : choisissez-en une plus tardive.")}
        )
    fresh.period = DateTimeTZRange(fresh.period.lower, at)
    fresh.end_reason = reason
    if isinstance(by, User):
        fresh.ended_at, fresh.ended_by = database_clock(), by
    fresh.save(update_fields=["period", "end_reason", "ended_at", "ended_by"])
    return fresh
