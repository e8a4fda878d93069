"""What the ground throws away once it has served: done work, old answers, ended sessions."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from portal.models import ClockTimestamp, IdempotencyKey, QueuedTask

DONE_WORK_KEPT = timedelta(days=90)
ANSWERS_KEPT = timedelta(days=30)


def sweep_out() -> int:
    """Delete them and return how many rows went; dead letters stay until a person replays them."""
    now = ClockTimestamp()
    gone = (
        QueuedTask.objects.filter(done_at__lt=now - DONE_WORK_KEPT),
        IdempotencyKey.objects.filter(created_at__lt=now - ANSWERS_KEPT),
        Session.objects.filter(expire_date__lt=now),
    )
    return sum(rows.delete()[0] for rows in gone)
