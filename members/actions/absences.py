"""Dated absences of signers and who stands in; requests move and come back by themselves (F-12)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from members import events
from members.actions.signers import follow_plan
from members.models import Absence, Branch, Delegation, Person, User
from members.permissions import Unseen, require
from members.queries.delegations import (
    covers,
    lines_held,
    lines_touched,
    organisations_signing,
)
from members.roles import May
from portal.audit import record
from portal.clock import database_clock, today
from portal.commands import action
from portal.workflow import locked


@action
def declare_absence(
    *,
    branch: Branch,
    person: Person,
    since: date,
    last_day: date,
    by: User,
    substitute: Person | None = None,
) -> Absence:
    """INTRL records the days on which a signer is away, and who stands in (F-12).

    Raises ValidationError when the substitute does not hold enough authority himself.
    """
    hat = require(by, May.DECLARE_ABSENCE, on=branch)
    return _declared(_absence(branch, person, since, last_day, by, substitute), by=by, hat=hat)


@action
def declare_own_absence(
    *,
    branch: Branch,
    since: date,
    last_day: date,
    by: User,
    substitute: Person | None = None,
) -> Absence:
    """A signer records one's own absence, role or no role (F-12)."""
    person = _require_signer(by, branch)
    return _declared(_absence(branch, person, since, last_day, by, substitute), by=by, hat=_hat())


@action
def end_absence(*, absence: Absence, by: User) -> Absence:
    """INTRL records that a signer is back: the substitute signs no more, from now on."""
    hat = require(by, May.DECLARE_ABSENCE, on=absence)
    return _ended(absence, by=by, hat=hat)


@action
def end_own_absence(*, absence: Absence, by: User) -> Absence:
    """A signer is back before the last day."""
    _require_own(absence, by)
    return _ended(absence, by=by, hat=_hat())


def _hat() -> str:
    return _("Signataire du plan de délégation")


def _require_signer(by: User, branch: Branch) -> Person:
    """The gate of one's own absence: standing on some line of the member's plan."""
    if by.person is None or branch.organisation_id not in organisations_signing(by.person.pk):
        raise Unseen
    return by.person


def _require_own(absence: Absence, by: User) -> None:
    """The gate of one's own return."""
    if by.person_id is None or absence.person_id != by.person_id:
        raise Unseen


def _absence(
    branch: Branch,
    person: Person,
    since: date,
    last_day: date,
    by: User,
    substitute: Person | None,
) -> Absence:
    """The row to insert, once its days and its substitute were judged."""
    if last_day < since:
        raise ValidationError({"last_day": _("Le dernier jour doit suivre le premier.")})
    if last_day < today():
        raise ValidationError({"last_day": _("Cette absence est déjà passée : rien à inscrire.")})
    days = DateRange(since, date.fromordinal(last_day.toordinal() + 1))
    if not lines_touched(person, branch, days):
        raise ValidationError(
            {"person": _("Cette personne n'est sur aucune ligne confirmée du plan à ces dates.")}
        )
    if substitute is not None:
        _judge_substitute(branch, person, substitute, days)
    return Absence(branch=branch, person=person, substitute=substitute, valid=days, recorded_by=by)


def _judge_substitute(branch: Branch, person: Person, substitute: Person, days: DateRange) -> None:
    """A substitute has at least the authority of whom he stands in for, in his own name (F-12)."""
    if substitute == person:
        raise ValidationError({"substitute": _("On ne se remplace pas soi-même.")})
    away = Absence.objects.filter(
        person=substitute,
        branch__organisation=branch.organisation_id,
        ended_at__isnull=True,
        valid__overlap=days,
    )
    if away.exists():
        raise ValidationError(
            {"substitute": _("Cette personne est elle-même absente à une partie de ces dates.")}
        )
    own = lines_held(substitute, branch.organisation, days)
    lacking = [
        line
        for line in lines_touched(person, branch, days)
        if not any(covers(mine, line) for mine in own)
    ]
    if lacking:
        raise ValidationError({"substitute": _lacking(substitute, lacking)})


def _lacking(substitute: Person, lines: list[Delegation]) -> str:
    """Why a substitute is refused, line by line, and what to do."""
    return _(
        "%(person)s n'a pas lui-même ou elle-même, à toutes ces dates, un pouvoir qui couvre : "
        "%(lines)s. Choisissez une personne dont la ligne donne les mêmes genres et un plafond au "
        "moins égal, ou inscrivez l'absence sans substitut."
    ) % {"person": substitute, "lines": " ; ".join(str(line) for line in lines)}


def _declared(absence: Absence, *, by: User, hat: str) -> Absence:
    """One absence per person and day; what follows."""
    try:
        with transaction.atomic():
            absence.save()
    except IntegrityError as error:
        raise ValidationError(
            {"since": _("Une absence couvre déjà une partie de ces dates.")}
        ) from error
    record(
        events.ABSENCE_DECLARED,
        by=by,
        on=absence,
        hat=hat,
        person=absence.person_id,
        substitute=absence.substitute_id,
        since=absence.valid.lower.isoformat(),
        until=absence.valid.upper.isoformat(),
    )
    follow_plan(absence.branch.organisation_id)
    return absence


def _ended(absence: Absence, *, by: User, hat: str) -> Absence:
    fresh = locked(absence)
    if fresh.ended_at:
        raise ValidationError(_("Cette absence est déjà terminée."))
    if fresh.valid.upper and fresh.valid.upper <= today():
        raise ValidationError(_("Cette absence est déjà passée."))
    fresh.ended_at, fresh.ended_by = database_clock(), by
    fresh.save(update_fields=["ended_at", "ended_by"])
    record(events.ABSENCE_ENDED, by=by, on=fresh, hat=hat, person=fresh.person_id)
    follow_plan(fresh.branch.organisation_id)
    return fresh
