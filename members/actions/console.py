"""What ITQ does about the portal's own work: give a dead letter a new life."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members import events
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import Actor, record
from portal.commands import action
from portal.models import QueuedTask
from portal.queue import replay


@action
def replay_tasks(*, tasks: Sequence[QueuedTask], by: Actor) -> list[QueuedTask]:
    """Five more attempts for each dead letter, all or none (X-25).

    Raises ValidationError when none is given, or when one of them is no longer given up.
    """
    hat = require(by, StaffMay.REPLAY_TASKS, on=WHOLE_GROUP)
    asked = sorted(task.pk for task in tasks)
    if not asked:
        raise ValidationError(_("Cochez au moins une tâche à relancer."))
    dead = QueuedTask.objects.select_for_update().filter(pk__in=asked, dead_at__isnull=False)
    found = list(dead.order_by("pk"))
    if len(found) != len(asked):
        raise ValidationError(
            _("Une autre personne vient de relancer l'une de ces tâches : relisez la liste.")
        )
    for task in found:
        replay(task.pk)
        record(
            events.TASK_REPLAYED,
            by=by,
            on=task,
            hat=hat,
            task=task.task_name,
            attempts=task.attempts,
            error=task.last_error[:300],
        )
    return found
