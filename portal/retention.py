"""What the ground throws away once it has served: done work, answers, sessions, cut uploads."""

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session

from portal.models import ClockTimestamp, IdempotencyKey, QueuedTask

DONE_WORK_KEPT = timedelta(days=90)
ANSWERS_KEPT = timedelta(days=30)
UPLOADS_KEPT = timedelta(days=1)


def sweep_out() -> int:
    """Delete them and return how many went; dead letters stay until a person replays them."""
    now = ClockTimestamp()
    gone = (
        QueuedTask.objects.filter(done_at__lt=now - DONE_WORK_KEPT),
        IdempotencyKey.objects.filter(created_at__lt=now - ANSWERS_KEPT),
        Session.objects.filter(expire_date__lt=now),
    )
    return sum(rows.delete()[0] for rows in gone) + _sweep_uploads()


def _sweep_uploads() -> int:
    """A web process that was killed leaves what it was receiving."""
    oldest = time.time() - UPLOADS_KEPT.total_seconds()
    gone = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        with suppress(FileNotFoundError):  # the one that ends just now
            if path.stat().st_mtime < oldest:
                path.unlink()
                gone += 1
    return gone
