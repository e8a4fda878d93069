"""Faults of the worker and of the clock: killed, late, doubled, poisoned (X-02 to X-25)."""

import time
from datetime import timedelta

import redis
from celery import current_app
from django.db.models import QuerySet

from launcher.processes import Process
from orders.actions.sending import store_sheet
from orders.actions.submission import submit_order
from portal.audit import SYSTEM
from portal.files import store
from portal.journal import write_head
from portal.journal_check import journal_faults
from portal.models import AuditEvent, ClockTimestamp, QueuedTask
from portal.queue import LEASE, MAX_ATTEMPTS, hint, later
from tests.faults.broker import sent_once
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually


def done(*rows: QueuedTask) -> bool:
    """Whether all are marked as done."""
    found = QueuedTask.objects.filter(pk__in=[row.pk for row in rows], done_at__isnull=False)
    return found.count() == len(rows)


def is_given_up(rows: QuerySet[QueuedTask]) -> bool:
    """Cut the leases of lost workers short; whether the tries are used up, a second later."""
    late = rows.filter(leased_until__isnull=False)
    for pk in late.values_list("pk", flat=True):
        rows.filter(pk=pk).update(leased_until=ClockTimestamp())
        hint(pk)
    time.sleep(1)
    return rows.filter(dead_at__isnull=False).exists()


def broker(stand: Stand) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(stand.valkey.socket))


@fault("X-02", "killed after the commit, before the acknowledgement", unit="repeated", at_most=0)
def x_02(stand: Stand) -> float:
    stand.worker.stop()
    order = submit_order(order=stand.draft(), by=stand.world.alice, attested=True)
    sheet = store(b"%PDF " + order.number.encode(), name="bon.pdf", content_type="application/pdf")
    store_sheet(order=order, sheet=sheet, by=SYSTEM)
    QueuedTask.objects.filter(kwargs={"order_id": order.pk}).delete()
    row = later("faults.transmit_then_die", mark="died", order_id=order.pk)
    stand.worker.start()
    eventually(lambda: not stand.worker.is_running, 30, "the worker lives")
    expect(not done(row), "the task was marked as done")
    stand.worker.kill()
    stand.worker.start()
    eventually(lambda: done(row), 60, "the task was not done again")
    expect(len(stand.effects("died")) == 2, f"ran {len(stand.effects('died'))} times")
    sent_once(stand, order)
    return AuditEvent.objects.filter(code="order.sent", object_id=order.pk).count() - 1


@fault("X-03", "a killed pool child: retried, a dead letter after 5 tries", unit="s", at_most=30)
def x_03(stand: Stand) -> float:
    row = later("faults.kill_child", mark="killed")
    eventually(lambda: stand.effects("killed"), 15, "the task did not begin")
    retried = eventually(lambda: len(stand.effects("killed")) == 2, 60, "not tried again")
    others = [later("faults.work", mark=f"other {n}") for n in range(5)]
    eventually(lambda: done(*others), 20, "the other tasks did not go on")

    # The wait was measured above.
    eventually(lambda: is_given_up(QueuedTask.objects.filter(pk=row.pk)), 90, "no dead letter")
    tries = len(stand.effects("killed"))
    expect(tries == MAX_ATTEMPTS, f"{tries} tries")
    expect(stand.worker.is_running, "the worker died")
    return retried


@fault("X-04", "a task longer than its lease runs once", unit="copies", at_most=1)
def x_04(stand: Stand) -> float:
    row = later("faults.work", mark="long", seconds=LEASE.total_seconds() + 12)
    eventually(lambda: stand.effects("long began"), 15, "the task did not begin")
    began = time.monotonic()
    while not done(row):
        hint(row.pk)  # as a redelivery does
        expect(time.monotonic() - began < 90, "the task did not end")
        time.sleep(1)
    expect(len(stand.effects("long ended")) == 1, "the task ended more than once")
    return len(stand.effects("long began"))


@fault("X-24", "two beats: one effect; none: the missed run is caught up", unit="s", at_most=20)
def x_24(stand: Stand) -> float:
    second = Process(
        "Seconde horloge",
        [*stand.beat.command[:-3], str(stand.data / "second-schedule"), "--pidfile", ""],
        stand.beat.log.with_name("second-beat.log"),
        env=stand.portal.env,
        cwd=stand.beat.cwd,
    )
    second.start()
    rows = [later("faults.work", mark=f"twice {n}", after=timedelta(seconds=n)) for n in range(15)]
    eventually(lambda: done(*rows), 60, "two beats: work is late")
    began = [len(stand.effects(f"twice {n} began")) for n in range(15)]
    expect(began == [1] * 15, f"two beats: {began} copies")
    second.stop()
    stand.beat.stop()
    missed = later("faults.work", mark="missed", after=timedelta(seconds=1))
    time.sleep(15)
    expect(not stand.effects("missed"), "something drives the work without a beat")
    stand.beat.start()
    caught_up = eventually(lambda: done(missed), 60, "the missed run is not caught up")
    expect(len(stand.effects("missed began")) == 1, "the missed run ran twice")
    write_head()
    expect(not list(journal_faults()), f"the journal: {list(journal_faults())}")
    return caught_up


@fault("X-25", "a dead letter, the worker alive, other work goes on", unit="tries", at_most=5)
def x_25(stand: Stand) -> float:
    pid = stand.worker.popen.pid if stand.worker.popen else 0
    poison_broker(stand)
    rows = [
        later("faults.always_raises", mark="poison"),
        later("faults.unknown"),
        later("faults.work", wrong="arguments"),
    ]
    others = [later("faults.work", mark=f"well {n}") for n in range(10)]
    eventually(lambda: done(*others), 60, "other work stopped")

    def are_dead() -> bool:
        # The waits between tries (5 s to 2 min) are cut short.
        open_rows = QueuedTask.objects.filter(pk__in=[row.pk for row in rows], dead_at=None)
        for pk in open_rows.filter(lease=None).values_list("pk", flat=True):
            QueuedTask.objects.filter(pk=pk).update(due_at=ClockTimestamp())
            hint(pk)
        time.sleep(0.5)
        return not open_rows.exists()

    eventually(are_dead, 90, "no dead letter")
    expect(stand.worker.is_running, "the worker died")
    expect(bool(stand.worker.popen and stand.worker.popen.pid == pid), "the worker was replaced")
    for row in rows:
        row.refresh_from_db()
        expect(row.attempts == MAX_ATTEMPTS and bool(row.last_error), f"{row}: {row.attempts}")
    return len(stand.effects("poison"))


def poison_broker(stand: Stand) -> None:
    """Bytes that are no message, messages of nothing known, hints of no row."""
    link = broker(stand)
    for queue in ("clock", "work"):
        for garbage in (b"\xff\xfe\x00garbage", b"{}", b"[1, 2]", b'{"body": 1}'):
            link.lpush(queue, garbage)
    current_app.send_task("faults.unknown_to_celery", queue="work")
    current_app.send_task("portal.run_queued", args=[1, 2, 3], queue="work")
    current_app.send_task("portal.run_queued", kwargs={"queued_id": "x"}, queue="work")
    current_app.send_task("portal.run_queued", kwargs={"queued_id": 2**70}, queue="work")
    hint(-1)
