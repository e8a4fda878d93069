"""What time does to a request that waits: recalls, the next post, expiry (F-20, R-23)."""

from collections.abc import Collection

from derogations import events
from derogations.models import Derogation, Reminder, Version
from derogations.states import EXPIRE
from members.models import Person
from portal.audit import SystemActor, record
from portal.commands import action
from portal.queue import later
from portal.workflow import advance, locked


@action
def remind_signers(
    *, version: Version, people: Collection[Person], working_days: int, by: SystemActor
) -> list[Reminder]:
    """Recall a version to its signers, once a person and delay (F-20)."""
    locked(version)
    known = set(
        version.reminders.filter(working_days=working_days).values_list("person", flat=True)
    )
    rows = [
        Reminder(version=version, person=person, working_days=working_days)
        for person in people
        if person.pk not in known
    ]
    reminders = Reminder.objects.bulk_create(rows)
    if not reminders:
        return []
    record(
        events.SIGNERS_REMINDED,
        by=by,
        on=version.derogation,
        working_days=working_days,
        count=len(reminders),
    )
    for reminder in reminders:
        later("derogations.send_reminder", reminder_id=reminder.pk)
    return reminders


@action
def expire_derogation(*, derogation: Derogation, by: SystemActor) -> Derogation:
    """Its last day is past: new draws are refused, lines in service stay regular (R-23)."""
    expired = advance(EXPIRE, on=derogation, by=by)
    later("orders.stop_on_derogation", derogation_id=expired.pk)
    return expired
