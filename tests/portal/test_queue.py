"""Promised work: written with the act, leased, run once, tried five times, then a dead letter."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import current_app
from django.db import connection, transaction

from portal import queue
from portal.models import ClockTimestamp, QueuedTask, WorkerBeat
from portal.queue import BACKOFF, MAX_ATTEMPTS, TryLater, hint, later, replay, run_queued, sweep
from tests.portal.factories import QueuedTaskFactory

AGO, AHEAD = timedelta(seconds=-1), timedelta(minutes=5)


@pytest.fixture(autouse=True)
def heard(monkeypatch):
    """What the broker was told, instead of the broker; nothing is kept silent from another test."""
    told = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, kwargs, **options: told.append(kwargs["queued_id"])
    )
    monkeypatch.setattr(queue, "_silent_until", 0.0)
    return told


@pytest.fixture
def task(monkeypatch):
    """A task ``tests.act`` whose runs are noted; ``task.then`` is what it does."""
    made = SimpleNamespace(ran=[], then=lambda: None)

    def run(**ids):
        made.ran.append(ids)
        made.then()

    monkeypatch.setitem(current_app.tasks, "tests.act", SimpleNamespace(run=run))
    return made


def raising(error):
    def act():
        raise error

    return act


def promised(**fields):
    return QueuedTaskFactory(task_name="tests.act", **fields)


def seconds_to_wait(row):
    row.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return (row.due_at - cursor.fetchone()[0]).total_seconds()


pytestmark = pytest.mark.django_db


def test_the_broker_hears_of_a_promise_once_it_is_committed(
    heard, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = later("tests.act", order_id=7)
        assert heard == []
    assert heard == [row.pk]
    assert (row.task_name, row.kwargs) == ("tests.act", {"order_id": 7})


def test_what_is_undone_promises_nothing(heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        later("tests.act")
        transaction.set_rollback(True)
    assert heard == []
    assert not QueuedTask.objects.exists()


def test_a_promise_for_later_is_left_to_the_sweep(heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = later("tests.act", after=timedelta(minutes=5))
    assert heard == []
    assert 295 < seconds_to_wait(row) <= 300
    assert run_queued(row.pk) is False


def test_a_dead_broker_is_asked_once_then_left_in_peace(monkeypatch):
    asked = []

    def refuse(*args, **options):
        asked.append(args)
        raise ConnectionError("away")

    monkeypatch.setattr(current_app, "send_task", refuse)
    assert [hint(n) for n in range(50)] == [False] * 50
    assert len(asked) == 1
    monkeypatch.setattr(queue, "_silent_until", time.monotonic() - 1)
    hint(51)
    assert len(asked) == 2


def test_a_promise_runs_once_with_its_ids(task):
    row = promised(kwargs={"order_id": 7})
    assert run_queued(row.pk) is True
    assert run_queued(row.pk) is False
    row.refresh_from_db()
    assert task.ran == [{"order_id": 7}]
    assert row.done_at
    assert (row.attempts, row.lease, row.leased_until) == (1, None, None)


def test_a_second_copy_exits_while_the_first_holds_the_lease(task):
    row = promised()
    copies = []
    task.then = lambda: copies.append(run_queued(row.pk))
    run_queued(row.pk)
    assert copies == [False]
    assert len(task.ran) == 1


def test_a_lease_that_ended_is_taken_over(task):
    row = promised(lease="0" * 32, leased_until=ClockTimestamp() + AGO, attempts=1)
    assert run_queued(row.pk) is True
    row.refresh_from_db()
    assert (row.attempts, bool(row.done_at)) == (2, True)


def test_who_lost_its_lease_no_longer_writes_the_row(task):
    row = promised()

    def lose():
        QueuedTask.objects.filter(pk=row.pk).update(lease="1" * 32)

    task.then = lose
    run_queued(row.pk)
    row.refresh_from_db()
    assert row.done_at is None
    assert row.lease


def test_failures_wait_longer_each_time_then_make_a_dead_letter(task):
    row = promised()
    task.then = raising(ValueError("poison"))
    for wait in BACKOFF:
        run_queued(row.pk)
        assert wait - 2 < seconds_to_wait(row) <= wait
        QueuedTask.objects.update(due_at=ClockTimestamp() + AGO)
    assert row.dead_at is None
    run_queued(row.pk)
    row.refresh_from_db()
    assert row.dead_at
    assert (row.attempts, row.last_error) == (MAX_ATTEMPTS, "ValueError('poison')")
    assert run_queued(row.pk) is False


@pytest.mark.parametrize(
    ("name", "kwargs"), [("tests.unknown", {}), ("portal.ping", {"unknown": 1})]
)
def test_what_cannot_be_called_is_a_failure_like_another(name, kwargs):
    row = QueuedTaskFactory(task_name=name, kwargs=kwargs, attempts=MAX_ATTEMPTS - 1)
    run_queued(row.pk)
    row.refresh_from_db()
    assert row.dead_at
    assert row.last_error


def test_what_time_may_mend_is_no_poison(task):
    row = promised(attempts=MAX_ATTEMPTS - 1)
    task.then = raising(TryLater("the mail server is away", after=timedelta(minutes=5)))
    run_queued(row.pk)
    assert 295 < seconds_to_wait(row) <= 300
    assert (row.attempts, row.dead_at) == (MAX_ATTEMPTS - 1, None)


def test_a_task_that_kills_its_worker_is_not_run_a_sixth_time(task):
    row = promised(lease="0" * 32, leased_until=ClockTimestamp() + AGO, attempts=MAX_ATTEMPTS)
    run_queued(row.pk)
    row.refresh_from_db()
    assert task.ran == []
    assert row.dead_at
    assert "WorkerLost" in row.last_error


def test_a_dead_letter_replayed_has_five_more_attempts(
    task, heard, django_capture_on_commit_callbacks
):
    row = promised(dead_at=ClockTimestamp(), attempts=MAX_ATTEMPTS, last_error="poison")
    with django_capture_on_commit_callbacks(execute=True):
        replay(row.pk)
    assert heard == [row.pk]
    assert run_queued(row.pk) is True
    row.refresh_from_db()
    assert (row.attempts, bool(row.done_at), row.last_error) == (1, True, "")


def test_the_sweep_drives_what_is_due_and_free(heard):
    due = promised(due_at=ClockTimestamp() + AGO)
    abandoned = promised(lease="0" * 32, leased_until=ClockTimestamp() + AGO)
    promised(due_at=ClockTimestamp() + AHEAD)
    promised(lease="1" * 32, leased_until=ClockTimestamp() + AHEAD)
    promised(done_at=ClockTimestamp())
    promised(dead_at=ClockTimestamp())
    assert sweep() == 2
    assert sorted(heard) == [due.pk, abandoned.pk]


@pytest.mark.django_db(transaction=True)
def test_a_long_task_keeps_its_lease_and_shows_that_the_worker_lives(task, monkeypatch):
    monkeypatch.setattr(queue, "HEARTBEAT", 0.05)
    row = promised()
    leases = []

    def look_twice():
        for _ in range(2):
            time.sleep(0.3)
            leases.append(QueuedTask.objects.get(pk=row.pk).leased_until)

    task.then = look_twice
    run_queued(row.pk)
    assert leases[0] < leases[1]
    assert WorkerBeat.objects.exists()
