"""Promised work: ``later()`` writes it with the act, Celery hears of it, a lease runs it once."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from celery import current_app
from django.db import connection, connections, transaction
from django.db.models import Count, F, Q

from portal.clock import database_clock
from portal.models import ClockTimestamp, QueuedTask, WorkerBeat

LEASE = timedelta(seconds=15)
HEARTBEAT = 5  # seconds
MAX_ATTEMPTS = 5
BACKOFF = (5, 15, 60, 120)  # seconds before the 2nd, 3rd, 4th, 5th attempt
LONGEST_WAIT = timedelta(minutes=30)
"""Between two tries of what has an end."""
LATE = timedelta(seconds=60)
"""Work that nobody took this long after it was due is late: six sweeps went by."""
SILENCE = 5  # seconds without a word to a broker that did not answer
_silent_until = 0.0

log = structlog.get_logger(__name__)


class TryLater(Exception):
    """Raised by a task that failed in a way that time may mend; it does not count as poison.

    With ``until``, it waits twice as long each time, and is a dead letter that long after it was
    promised (X-21); without, it is tried for ever.
    """

    def __init__(self, reason: str, *, after: timedelta, until: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after, self.until = after, until

    def wait(self, age: timedelta) -> timedelta | None:
        """How long until the next try of work of that age; None when it is given up."""
        if self.until is None:
            return self.after
        if age >= self.until:
            return None
        return max(self.after, min(age, LONGEST_WAIT))


class WorkerLost(Exception):
    """Every attempt killed its worker (X-03)."""


def later(task_name: str, *, after: timedelta | None = None, **ids: object) -> QueuedTask:
    """Promise ``task_name(**ids)`` inside the caller's transaction; hint Celery once committed.

    ``ids`` are plain JSON values (ids, never objects). With the broker down the promise stands
    and the sweep keeps it (X-05).
    """
    row = QueuedTask(task_name=task_name, kwargs=ids)
    if after:
        row.due_at = ClockTimestamp() + after  # type: ignore[assignment]
    row.save()
    if not after:
        transaction.on_commit(lambda: hint(row.pk))
    return row


def was_promised(task_name: str, **ids: object) -> bool:
    """Whether such work was promised already; told for as long as done work is kept."""
    return QueuedTask.objects.filter(task_name=task_name, kwargs__contains=ids).exists()


def hint(queued_id: int) -> bool:
    """Tell the broker that a row waits; False when it does not answer, or did not just now.

    A page that promises fifty tasks waits for a dead broker once (X-05).
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task("portal.run_queued", kwargs={"queued_id": queued_id}, retry=False)
    except Exception as error:  # the broker's client raises many kinds; none may reach the user
        _silent_until = time.monotonic() + SILENCE
        log.warning("broker_unreachable", queued_id=queued_id, error=str(error))
        return False
    return True


def sweep() -> int:
    """Hint every row that is due and that nobody holds; return how many (X-07, X-24)."""
    due = QueuedTask.objects.filter(_free(), due_at__lte=ClockTimestamp())
    ids = list(due.order_by("due_at").values_list("pk", flat=True)[:1000])
    return sum(hint(pk) for pk in ids)


def sign_in_worker() -> None:
    """A worker that runs is seen by ``/sante``."""
    WorkerBeat.objects.update_or_create(pk=1, defaults={"seen_at": ClockTimestamp()})


def run_queued(queued_id: int) -> bool:
    """Lease the row, run its task, mark it done; False when another copy holds it (X-04)."""
    lease = uuid.uuid4()
    taken = QueuedTask.objects.filter(_free(), pk=queued_id, due_at__lte=ClockTimestamp()).update(
        lease=lease, leased_until=ClockTimestamp() + LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return False
    row = QueuedTask.objects.get(pk=queued_id)
    mine = QueuedTask.objects.filter(pk=queued_id, lease=lease)
    try:
        if row.attempts > MAX_ATTEMPTS:
            raise WorkerLost(f"{MAX_ATTEMPTS} attempts, none came back")
        with _heartbeat(queued_id, lease):
            current_app.tasks[row.task_name].run(**row.kwargs)
    except Exception as error:
        _put_back(row, lease, error)
    else:
        mine.update(done_at=ClockTimestamp(), lease=None, leased_until=None, last_error="")
    return True


def replay(queued_id: int) -> None:
    """Give a dead letter a new life: five more attempts, or its whole time again, from now."""
    QueuedTask.objects.filter(pk=queued_id, dead_at__isnull=False).update(
        dead_at=None, attempts=0, created_at=ClockTimestamp(), due_at=ClockTimestamp()
    )
    transaction.on_commit(lambda: hint(queued_id))


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many rows wait for their instant, run now, are late, were given up."""

    waiting: int
    running: int
    late: int
    dead: int


def queue_state() -> QueueState:
    """The queue as it stands, at the database's clock; rows done are not read."""
    still = QueuedTask.objects.filter(done_at__isnull=True)
    counted = {name: Count("pk", filter=standing) for name, standing in standings().items()}
    return QueueState(**still.aggregate(**counted))


def standings() -> dict[str, Q]:
    """Where a row that is not done stands, by the names of ``QueueState``."""
    late = Q(due_at__lt=ClockTimestamp() - LATE)
    return {
        "waiting": _free() & ~late,
        "running": Q(dead_at__isnull=True, leased_until__gte=ClockTimestamp()),
        "late": _free() & late,
        "dead": Q(dead_at__isnull=False),
    }


def _free() -> Q:
    """Rows that are open and not held by a live lease."""
    unheld = Q(leased_until__isnull=True) | Q(leased_until__lt=ClockTimestamp())
    return unheld & Q(done_at__isnull=True, dead_at__isnull=True)


def _put_back(row: QueuedTask, lease: uuid.UUID, error: Exception) -> None:
    """After a failure: due again later, or a dead letter for the console (X-25)."""
    if connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()
    cause = None if isinstance(error, TryLater) else error
    log.warning(
        "task_failed", task=row.task_name, queued_id=row.pk, error=repr(error), exc_info=cause
    )
    changes: dict[str, object] = {"lease": None, "leased_until": None, "last_error": repr(error)}
    if isinstance(error, TryLater):
        wait = error.wait(database_clock() - row.created_at)
        changes["attempts"] = row.attempts - 1
        changes |= {"due_at": ClockTimestamp() + wait} if wait else {"dead_at": ClockTimestamp()}
    elif row.attempts >= MAX_ATTEMPTS:
        changes["dead_at"] = ClockTimestamp()
    else:
        changes["due_at"] = ClockTimestamp() + timedelta(seconds=BACKOFF[row.attempts - 1])
    QueuedTask.objects.filter(pk=row.pk, lease=lease).update(**changes)


@contextmanager
def _heartbeat(queued_id: int, lease: uuid.UUID) -> Iterator[None]:
    """Renew the lease every five seconds while the task runs, on a connection of its own."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT):
            try:
                QueuedTask.objects.filter(pk=queued_id, lease=lease).update(
                    leased_until=ClockTimestamp() + LEASE
                )
                sign_in_worker()
            except Exception as error:  # a missed beat is not the task's failure
                connections.close_all()
                log.warning("heartbeat_missed", queued_id=queued_id, error=repr(error))
        connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
