"""Appoint the administering body's staff and end their function (D-05)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from members import events
from members.actions.people import create_account
from members.models import Person, StaffAppointment, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay, StaffRole
from portal.audit import Actor, record
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import locked


@action
def appoint_staff(
    *, person: Person, role: StaffRole, by: Actor, since: datetime | None = None
) -> StaffAppointment:
    """Make ``person`` ITQ's agent or administrator from ``since`` (now by default, D-05)."""
    hat = require(by, StaffMay.APPOINT_STAFF, on=WHOLE_GROUP)
    appointment = StaffAppointment(
        person=person, role=role, period=DateTimeTZRange(since or database_clock(), None)
    )
    try:
        with transaction.atomic():
            appointment.save()
    except IntegrityError as error:
        raise ValidationError(_("Cette personne a déjà une fonction à ITQ.")) from error
    record(events.STAFF_APPOINTED, by=by, on=appointment, hat=hat, role=role)
    return appointment


@action
def open_staff_account(
    *,
    email: str,
    given_name: str,
    family_name: str,
    role: StaffRole,
    by: Actor,
    password: str | None = None,
) -> User:
    """Open the account of ITQ's agent or administrator; SYSTEM opens the first one (D-05).

    Without a password the account waits for a link that lets its holder choose one.
    """
    hat = require(by, StaffMay.APPOINT_STAFF, on=WHOLE_GROUP)
    if User.objects.filter(email=email.lower()).exists():
        raise ValidationError({"email": _("Un compte existe déjà à cette adresse.")})
    person = Person.objects.create(given_name=given_name, family_name=family_name, email=email)
    user = create_account(person=person, email=email, password=password)
    record(events.ACCOUNT_OPENED, by=by, on=user, hat=hat)
    appoint_staff(person=person, role=role, by=by)
    return user


@action
def end_appointment(*, appointment: StaffAppointment, by: Actor) -> StaffAppointment:
    """End a function at ITQ now; it acts on the next request. Nobody ends their own."""
    hat = require(by, StaffMay.APPOINT_STAFF, on=WHOLE_GROUP)
    fresh = locked(appointment)
    if isinstance(by, User) and fresh.person_id == by.person_id:
        raise ValidationError(_("Une autre administratrice ou un autre administrateur doit agir."))
    if fresh.period.upper is not None:
        raise ValidationError(_("Cette fonction a déjà pris fin."))
    fresh.period = DateTimeTZRange(fresh.period.lower, database_clock())
    fresh.save(update_fields=["period"])
    record(events.STAFF_ENDED, by=by, on=fresh, hat=hat)
    return fresh
