"""Interims named in writing: named, confirmed, ended before their day (F-11, R-02)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members import events
from members.actions.invitations import invite_named, withdraw_signer_invitations
from members.actions.signers import follow_plan, named_person
from members.models import Delegation, Interim, Person, User
from members.newcomers import NewPerson
from members.permissions import Refused, require
from members.roles import May
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.files import store_document
from portal.uploads import Upload
from portal.workflow import locked


@action
def name_interim(
    *,
    delegation: Delegation,
    person: Person | NewPerson,
    since: date,
    last_day: date,
    act_reference: str,
    act_file: Upload,
    by: User,
) -> Interim:
    """Record who holds a post for some days, with the writing that names that person (F-11).

    It lapses by itself after ``last_day``, and empowers once a second person confirmed it (R-02).
    """
    hat = require(by, May.RECORD_DELEGATION, on=delegation)
    line = locked(delegation)
    days = _days(line, since, last_day)
    someone = named_person(person, branch=line.branch, by=by, hat=hat, field="email")
    if someone.pk == line.holder_id:
        raise ValidationError({"person": _("Cette personne est déjà titulaire du poste.")})
    stored = store_document(act_file)
    interim = _inserted(
        Interim(
            branch=line.branch,
            delegation=line,
            person=someone,
            valid=days,
            act_reference=act_reference,
            act_file=stored,
            recorded_by=by,
        )
    )
    until = last_day.isoformat()
    told = {"since": since.isoformat(), "last_day": until, "sha256": stored.sha256}
    record(events.INTERIM_NAMED, by=by, on=interim, hat=hat, person=someone.pk, facts=told)
    follow_plan(line.branch.organisation_id)
    return interim


@action
def confirm_interim(*, interim: Interim, by: User) -> Interim:
    """A second person confirms that an interim matches the writing on file (R-02).

    Never the recorder, the holder nor an interim of the line, by person.
    """
    hat = require(by, May.CONFIRM_DELEGATION, on=interim)
    line = locked(interim.delegation)
    fresh = _open(interim)
    people = open_interims(line).values_list("person", "recorded_by__person")
    if by.person_id in {line.holder_id, *(person for row in people for person in row)}:
        raise Refused(
            _(
                "Une autre personne doit confirmer : ni celle qui a inscrit l'intérim, ni le "
                "titulaire du poste, ni un intérimaire."
            )
        )
    if fresh.confirmed_at:
        raise ValidationError(_("Cet intérim est déjà confirmé."))
    fresh.confirmed_at, fresh.confirmed_by = database_clock(), by
    fresh.save(update_fields=["confirmed_at", "confirmed_by"])
    record(events.INTERIM_CONFIRMED, by=by, on=fresh, hat=hat, person=fresh.person_id)
    invite_named(line, by=by, hat=hat)
    follow_plan(line.branch.organisation_id)
    return fresh


@action
def end_interim(*, interim: Interim, reason: str, by: User) -> Interim:
    """End an interim now, before its last day; what was signed under it stands."""
    hat = require(by, May.RECORD_DELEGATION, on=interim)
    line = locked(interim.delegation)
    fresh = _open(interim)
    fresh.ended_at, fresh.ended_by = database_clock(), by
    fresh.save(update_fields=["ended_at", "ended_by"])
    record(events.INTERIM_ENDED, by=by, on=fresh, hat=hat, reason=reason)
    if fresh.person_id != line.holder_id:
        withdraw_signer_invitations(line, by=by, hat=hat, person_id=fresh.person_id)
    follow_plan(line.branch.organisation_id)
    return fresh


def open_interims(line: Delegation) -> QuerySet[Interim]:
    """Those of a line that nobody ended."""
    return line.interims.filter(ended_at__isnull=True)


def carry_interims(old: Delegation, new: Delegation, *, confirmed: bool) -> None:
    """The interims of a line that another replaces stand on that one, the holder's own apart."""
    for interim in open_interims(old).exclude(person=new.holder_id):
        Interim.objects.create(
            branch=new.branch,
            delegation=new,
            person=interim.person,
            valid=interim.valid,
            act_reference=interim.act_reference,
            act_file=interim.act_file,
            recorded_by=interim.recorded_by,
            confirmed_at=interim.confirmed_at if confirmed else None,
            confirmed_by=interim.confirmed_by if confirmed else None,
        )


def _days(line: Delegation, since: date, last_day: date) -> DateRange:
    """The days of an interim, within those of its line."""
    if line.recorded.upper is not None:
        raise ValidationError(
            _("Cette ligne a été corrigée depuis : reprenez à partir de celle qui la remplace.")
        )
    if last_day < since:
        raise ValidationError({"last_day": _("Le dernier jour doit suivre le premier.")})
    if since < line.valid.lower or (line.valid.upper and last_day >= line.valid.upper):
        raise ValidationError(
            {"since": _("La ligne n'est pas en vigueur à toutes ces dates : ajustez l'intérim.")}
        )
    return DateRange(since, date.fromordinal(last_day.toordinal() + 1))


def _inserted(interim: Interim) -> Interim:
    """One row per person, line and day."""
    try:
        with transaction.atomic():
            interim.save()
    except IntegrityError as error:
        raise ValidationError(
            {"person": _("Cette personne assure déjà l'intérim à une partie de ces dates.")}
        ) from error
    return interim


def _open(interim: Interim) -> Interim:
    """The interim under its lock, while nobody ended it."""
    fresh = locked(interim)
    if fresh.ended_at:
        raise ValidationError(_("Cet intérim est déjà terminé."))
    return fresh
