"""What time does to a request that waits: recalls, the next post, expiry (F-20, R-23)."""

from collections.abc import Collection

from django.db.models import QuerySet

from derogations import events
from derogations.eligibility import turn_of
from derogations.models import Derogation, Reminder, Version
from derogations.states import EXPIRE
from members.models import Person
from portal.audit import SystemActor, record
from portal.commands import action
from portal.queue import later
from portal.workflow import advance, locked


@action
def invite_to_sign(
    *, version: Version, people: Collection[Person], by: SystemActor
) -> list[Reminder]:
    """Tell a version to those who may sign it and were not told yet, once each (F-12, F-13)."""
    locked(version)
    known = version.reminders.filter(working_days=0)
    told = _noted(version, people, 0, known)
    if told:
        record(events.SIGNERS_TOLD, by=by, on=version.derogation, count=len(told))
    return told


@action
def remind_signers(
    *, version: Version, people: Collection[Person], working_days: int, by: SystemActor
) -> list[Reminder]:
    """Recall a version to its signers, once a turn, person and delay (F-20)."""
    locked(version)
    known = version.reminders.filter(working_days=working_days, turn=turn_of(version))
    reminders = _noted(version, people, working_days, known)
    if reminders:
        record(
            events.SIGNERS_REMINDED,
            by=by,
            on=version.derogation,
            working_days=working_days,
            count=len(reminders),
        )
    return reminders


@action
def expire_derogation(*, derogation: Derogation, by: SystemActor) -> Derogation:
    """Its last day is past: new draws are refused, lines in service stay regular (R-23)."""
    expired = advance(EXPIRE, on=derogation, by=by)
    later("orders.stop_on_derogation", derogation_id=expired.pk)
    return expired


def _noted(
    version: Version, people: Collection[Person], working_days: int, known: QuerySet[Reminder]
) -> list[Reminder]:
    """A row and a promised mail for each person not ``known``; 0 days is the first word."""
    told, turn = set(known.values_list("person", flat=True)), turn_of(version)
    rows = [
        Reminder(version=version, person=person, working_days=working_days, turn=turn)
        for person in people
        if person.pk not in told
    ]
    reminders = Reminder.objects.bulk_create(rows)
    for reminder in reminders:
        later("derogations.send_reminder", reminder_id=reminder.pk)
    return reminders
