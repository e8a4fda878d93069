"""Record, correct, end and confirm the lines of the plan (R-02, R-24, F-10, signing.md §3.9)."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils.translation import gettext as _

from members import events
from members.actions.interims import carry_interims, open_interims
from members.actions.invitations import (
    carry_signer_invitations,
    invite_named,
    withdraw_signer_invitations,
)
from members.actions.signers import follow_plan, named_person
from members.models import Branch, Delegation, DelegationPlan, Person, User
from members.newcomers import NewPerson
from members.permissions import Refused, Unseen, require
from members.powers import LineFacts
from members.queries.plans import records_for_itq
from members.roles import May
from portal.audit import record
from portal.clock import database_clock, today
from portal.commands import action
from portal.queue import later
from portal.workflow import locked


@action
def record_delegation(
    *,
    plan: DelegationPlan,
    branch: Branch,
    holder: Person | NewPerson | None,
    facts: LineFacts,
    by: User,
    reason: str = "",
) -> Delegation:
    """INTRL, or ITQ on written request, records a line; it waits for its confirmation (R-02).

    ``reason`` cites the written request, which ITQ must give. Raises ValidationError on a line
    that the plan already has, and Refused on one's own name (R-21).
    """
    hat = require(by, May.RECORD_DELEGATION, on=branch)
    if plan.organisation_id != branch.organisation_id:
        raise Unseen
    require_writing(by, branch, reason)
    locked(plan)
    person = _holder(holder, branch, by=by, hat=hat)
    line = Delegation(
        plan=plan,
        branch=branch,
        holder=person,
        recorded=DateTimeTZRange(database_clock(), None),
        recorded_by=by,
        change_reason=reason,
        **_columns(facts),
    )
    _refuse_twin(line)
    line.save()
    record(events.DELEGATION_RECORDED, by=by, on=line, hat=hat, **told(line))
    follow_plan(branch.organisation_id)
    return line


@action
def correct_delegation(
    *,
    delegation: Delegation,
    holder: Person | NewPerson | None,
    facts: LineFacts,
    reason: str,
    by: User,
) -> Delegation:
    """Say again what the act says: the recorded line closes, a new one waits to be confirmed.

    Nothing is erased. Signatures given under a confirmed line are to be looked at again
    (signing.md §3.9).
    """
    hat = require(by, May.RECORD_DELEGATION, on=delegation)
    old = _standing(delegation)
    person = _holder(holder, old.branch, by=by, hat=hat)
    wanted = {**_columns(facts), "holder": person}
    if all(getattr(old, name) == value for name, value in wanted.items()):
        raise ValidationError(_("Rien n'a changé : corrigez au moins une valeur."))
    new = _replaced(old, reason, recorded_by=by, confirmed_at=None, confirmed_by=None, **wanted)
    carry_interims(old, new, confirmed=False)
    withdraw_signer_invitations(old, by=by, hat=hat)
    record(events.DELEGATION_CORRECTED, by=by, on=new, hat=hat, reason=reason, **told(new))
    _reexamine(old)
    follow_plan(new.branch.organisation_id)
    return new


@action
def end_delegation(*, delegation: Delegation, on: date, reason: str, by: User) -> Delegation:
    """The line empowers no more from the start of a day; what was signed before stands.

    A line that has not begun by then never empowered. Raises ValidationError when it ended
    before that day.
    """
    hat = require(by, May.RECORD_DELEGATION, on=delegation)
    old = _standing(delegation)
    if old.valid.upper is not None and old.valid.upper <= on:
        raise ValidationError({"on": _("Cette ligne prend déjà fin avant ce jour.")})
    ended = shorten(old, on, reason)
    carry_signer_invitations(old, ended, on, by=by, hat=hat)
    record(events.DELEGATION_ENDED, by=by, on=ended, hat=hat, reason=reason, on_day=on.isoformat())
    follow_plan(ended.branch.organisation_id)
    return ended


@action
def confirm_delegation(*, delegation: Delegation, by: User) -> Delegation:
    """A second person confirms that a line and its interims match the act on file (R-02).

    Never the recorder, the holder nor an interim, by person; it is no approval of the plan. Who it
    names and has no account is invited to open one.
    """
    hat = require(by, May.CONFIRM_DELEGATION, on=delegation)
    line = _standing(delegation)
    refuse_party(line, by)
    if line.confirmed_at:
        raise ValidationError(_("Cette ligne est déjà confirmée."))
    line.confirmed_at, line.confirmed_by = database_clock(), by
    line.save(update_fields=["confirmed_at", "confirmed_by"])
    record(events.DELEGATION_CONFIRMED, by=by, on=line, hat=hat, **told(line))
    for interim in open_interims(line).filter(confirmed_at__isnull=True):
        interim.confirmed_at, interim.confirmed_by = line.confirmed_at, by
        interim.save(update_fields=["confirmed_at", "confirmed_by"])
        record(events.INTERIM_CONFIRMED, by=by, on=interim, hat=hat, person=interim.person_id)
    invite_named(line, by=by, hat=hat)
    follow_plan(line.branch.organisation_id)
    return line


def require_writing(by: User, branch: Branch, reason: str) -> None:
    """ITQ records on written request only: its reference is kept with what it records."""
    if not reason and records_for_itq(by, branch):
        raise ValidationError(
            {"reason": _("Indiquez la demande écrite de l'organisme : sa date et sa référence.")}
        )


def refuse_party(line: Delegation, by: User) -> None:
    """Whoever recorded, holds or stands in on a line does not confirm it (R-02)."""
    interims = open_interims(line).values_list("person", "recorded_by__person")
    parties = {line.holder_id, line.recorded_by.person_id, *(p for row in interims for p in row)}
    if by.person_id in parties:
        raise Refused(
            _(
                "Une autre personne doit confirmer : ni celle qui a inscrit la ligne, ni le "
                "titulaire du poste, ni un intérimaire."
            )
        )


def shorten(old: Delegation, on: date, reason: str) -> Delegation:
    """The line until that day, as confirmed and recorded as it was; closed when it never began."""
    if on <= old.valid.lower:
        _close(old, database_clock())
        ended = old
    else:
        ended = _replaced(old, reason, valid=DateRange(old.valid.lower, on))
        carry_interims(old, ended, confirmed=True)
    if on < today():
        _reexamine(old)
    return ended


def told(line: Delegation) -> dict[str, Any]:
    """What the journal keeps of a line."""
    return {
        "clause": line.clause,
        "post": line.post,
        "holder": line.holder_id,
        "kinds": list(line.kinds),
        "ceiling": None if line.ceiling_amount is None else str(line.ceiling_amount),
        "since": line.valid.lower.isoformat(),
        "until": line.valid.upper.isoformat() if line.valid.upper else None,
    }


def _holder(
    holder: Person | NewPerson | None, branch: Branch, *, by: User, hat: str
) -> Person | None:
    """Who holds the post; a vacant one is held by nobody."""
    if holder is None:
        return None
    return named_person(holder, branch=branch, by=by, hat=hat, field="email")


def _columns(facts: LineFacts) -> dict[str, Any]:
    """The columns of a line; the last day becomes the next one, left out (``[)``)."""
    if not facts.kinds:
        raise ValidationError({"kinds": _("Choisissez au moins un genre de dérogation.")})
    if facts.last_day is not None and facts.last_day < facts.since:
        raise ValidationError({"last_day": _("Le dernier jour doit suivre le premier.")})
    until = date.fromordinal(facts.last_day.toordinal() + 1) if facts.last_day else None
    return {
        "clause": facts.clause,
        "post": facts.post,
        "kinds": list(facts.kinds),
        "ceiling_amount": facts.ceiling_amount,
        "beyond_fiscal_year": facts.beyond_fiscal_year,
        "needs_credit_certificate": facts.needs_credit_certificate,
        "valid": DateRange(facts.since, until),
    }


def _standing(delegation: Delegation) -> Delegation:
    """The line under its lock, while it is what the portal holds for true."""
    fresh = locked(delegation)
    if fresh.recorded.upper is not None:
        raise ValidationError(
            _("Cette ligne a été corrigée depuis : reprenez à partir de celle qui la remplace.")
        )
    return fresh


def _refuse_twin(line: Delegation) -> None:
    """The same clause, post, holder and branch on the same days is the same line."""
    twins = Delegation.objects.standing().filter(
        plan=line.plan,
        branch=line.branch,
        clause=line.clause,
        post=line.post,
        holder=line.holder,
        valid__overlap=line.valid,
    )
    if twins.exists():
        raise ValidationError(
            {
                "clause": _(
                    "L'article %(clause)s donne déjà cette délégation à ce poste à ces dates : "
                    "corrigez plutôt la ligne inscrite."
                )
                % {"clause": line.clause}
            }
        )


def _replaced(old: Delegation, reason: str, **changes: Any) -> Delegation:
    """Close a recorded row now; a new one says the same with ``changes`` (signing.md §3.9)."""
    now = database_clock()
    _close(old, now)
    kept = {
        field.name: getattr(old, field.name)
        for field in Delegation._meta.concrete_fields
        if field.name not in {"id", "recorded", "replaces", "change_reason"}
    }
    return Delegation.objects.create(
        **{**kept, **changes},
        recorded=DateTimeTZRange(now, None),
        replaces=old,
        change_reason=reason,
    )


def _close(old: Delegation, now: datetime) -> None:
    """The portal holds the row for true no more."""
    old.recorded = DateTimeTZRange(old.recorded.lower, now)
    old.save(update_fields=["recorded"])


def _reexamine(old: Delegation) -> None:
    """What was signed under a confirmed line that is said otherwise now is flagged."""
    if old.confirmed_at is not None and old.valid.lower < today():
        later("derogations.reexamine", delegation_id=old.pk)
