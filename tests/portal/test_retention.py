"""What has served is thrown away, and nothing else."""

import os
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.models import IdempotencyKey, QueuedTask
from portal.retention import ANSWERS_KEPT, DONE_WORK_KEPT, UPLOADS_KEPT, sweep_out
from tests.portal.factories import IdempotencyKeyFactory, QueuedTaskFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_work_done_long_ago_goes_and_the_rest_stays():
    old = timezone.now() - DONE_WORK_KEPT - DAY
    gone = QueuedTaskFactory(done_at=old)
    kept = [
        QueuedTaskFactory(done_at=old + 2 * DAY),
        QueuedTaskFactory(due_at=old),
        QueuedTaskFactory(dead_at=old),
    ]
    assert sweep_out() == 1
    assert set(QueuedTask.objects.all()) == set(kept)
    assert not QueuedTask.objects.filter(pk=gone.pk).exists()


def test_old_answers_and_ended_sessions_go():
    now = timezone.now()
    IdempotencyKeyFactory(created_at=now - ANSWERS_KEPT - DAY)
    fresh = IdempotencyKeyFactory()
    Session.objects.create(session_key="ended", session_data="", expire_date=now - DAY)
    Session.objects.create(session_key="open", session_data="", expire_date=now + DAY)
    assert sweep_out() == 2
    assert list(IdempotencyKey.objects.all()) == [fresh]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_what_a_killed_process_was_receiving_goes_a_day_later(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    cut, running = tmp_path / "tmpa.upload.zip", tmp_path / "tmpb.upload.zip"
    for path in (cut, running):
        path.write_bytes(b"PK")
    old = (timezone.now() - UPLOADS_KEPT - timedelta(minutes=1)).timestamp()
    os.utime(cut, (old, old))
    assert sweep_out() == 1
    assert list(tmp_path.iterdir()) == [running]
