"""Faults of the database: restarted, crashed, deadlocked, cut off (X-08, X-10, X-31)."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import connection

from orders.events import ORDER_LINE_CHANGED
from orders.models import Order
from portal.audit import record
from portal.commands import action
from portal.models import AuditEvent
from portal.queue import later
from tests.faults.broker import sent_once
from tests.faults.browser import Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, children, eventually
from tests.faults.submission import extra_effects, shown, waits_for_lock


@fault("X-08", "503, nothing partial, recovers without an app restart", unit="s", at_most=10)
def x_08(stand: Stand) -> float:
    before = processes(stand)
    slowest = max(restarted(stand, crash) for crash in (False, True))
    expect(processes(stand) == before, "a process was replaced")
    return slowest


def processes(stand: Stand) -> list[tuple[int, list[int]]]:
    """The web's, the worker's and the beat's, with their children."""
    pids = [process.popen.pid for process in stand.portal.processes if process.popen]
    return [(pid, children(pid)) for pid in pids]


@dataclass
class Visitor:
    """Somebody who submits an order until it is taken, and what they were answered."""

    stand: Stand
    order: Order
    alice: Browser
    until: threading.Event

    def __post_init__(self) -> None:
        self.action, self.fields = shown(self.stand, self.alice, self.order)

    def insist(self) -> Counter[int]:
        """The list, then the form, again and again; the form's key stays the same."""
        told: Counter[int] = Counter()
        taken = False
        while not (taken and self.until.is_set()):
            told[self.alice.get(self.stand.address(self.order)).status] += 1
            answer = self.alice.post(self.action, self.fields).status
            told[answer] += 1
            taken = taken or answer == 302
            time.sleep(0.05)
        return told


def restarted(stand: Stand, crash: bool) -> float:
    """Restart under four visitors and a working worker; seconds from its return to ours."""
    back = threading.Event()
    visitors = [Visitor(stand, stand.draft(), stand.browser(), back) for _ in range(4)]
    later("faults.work", mark=f"crash {crash}", seconds=4)
    eventually(lambda: stand.effects(f"crash {crash} began"), 10, "the worker did not begin")
    with ThreadPoolExecutor(len(visitors)) as threads:
        visits = [threads.submit(visitor.insist) for visitor in visitors]
        time.sleep(0.3)
        connection.close()
        stand.postgres.kill() if crash else stand.postgres.stop()
        stand.is_said_down("PostgreSQL ne répond pas")
        time.sleep(2)
        stand.postgres.start()
        seconds = stand.wait_until_whole()
        back.set()
        told = sum((visit.result(60) for visit in visits), Counter[int]())
    expect(set(told) <= {200, 302, 503}, f"answers {dict(told)}")
    expect(told[503] > 0, f"the fault was not felt: {dict(told)}")
    for visitor in visitors:
        expect(extra_effects(visitor.order) == 0, f"{visitor.order} is partial or doubled")
        sent_once(stand, visitor.order, 120)
    eventually(lambda: stand.effects(f"crash {crash} ended"), 60, "the worker did not resume")
    return seconds


@fault("X-10", "the whole command again, one effect", unit="lost or doubled", at_most=0)
def x_10(stand: Stand) -> float:
    wrong = 0
    for meet in (deadlocked, unserializable):
        meeting = meet(stand)
        expect(sum(meeting.tries.values()) > 2, f"{meet.__name__}: nothing was retried")
        wrong += meeting.wrong()
    return wrong + deadlocked_over_http(stand)


class Meeting:
    """Two commands that meet at their first try, in the middle."""

    def __init__(self, stand: Stand, marks_each: int) -> None:
        self.marks_each = marks_each
        self.barrier = threading.Barrier(2)
        self.orders = [stand.draft(), stand.draft()]
        self.alice = stand.world.alice
        self.tries: Counter[int] = Counter()

    def meet(self, who: int) -> None:
        self.tries[who] += 1
        if self.tries[who] == 1:
            self.barrier.wait(10)

    def hold(self, command: Callable[..., None]) -> "Meeting":
        """Run both at once."""

        def act(who: int) -> None:
            try:
                command(meeting=self, who=who, by=self.alice)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            for done in [threads.submit(act, who) for who in (0, 1)]:
                done.result(30)
        return self

    def wrong(self) -> int:
        """Marks and events lost or doubled, against one of each that a command makes."""
        pks = [order.pk for order in self.orders]
        events = AuditEvent.objects.filter(code=ORDER_LINE_CHANGED.code, object_id__in=pks)
        marks = "".join(Order.objects.filter(pk__in=pks).values_list("member_reference", flat=True))
        made = self.marks_each
        return sum(abs(marks.count(mark) - made) for mark in "ab") + abs(events.count() - 2 * made)


def deadlocked(stand: Stand) -> Meeting:
    """Each holds what the other asks for next."""

    @action
    def cross(*, meeting: Meeting, who: int, by: object) -> None:
        mark(meeting.orders[who], who, by)
        meeting.meet(who)
        mark(meeting.orders[1 - who], who, by)

    return Meeting(stand, marks_each=2).hold(cross)


def unserializable(stand: Stand) -> Meeting:
    """Each changes what the other has read."""

    @action
    def skew(*, meeting: Meeting, who: int, by: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        Order.objects.get(pk=meeting.orders[1 - who].pk)
        meeting.meet(who)
        mark(meeting.orders[who], who, by)

    return Meeting(stand, marks_each=1).hold(skew)


def mark(order: Order, who: int, by: object) -> None:
    """Add a letter to the order's reference, with its event."""
    fresh = Order.objects.select_for_update().get(pk=order.pk)
    fresh.member_reference += "ab"[who]
    fresh.save(update_fields=["member_reference"])
    record(ORDER_LINE_CHANGED, by=by, on=fresh)  # type: ignore[arg-type]


def deadlocked_over_http(stand: Stand) -> int:
    """A submission that loses a deadlock is done again under the same request."""
    order, alice = stand.draft(), stand.browser()
    action_url, fields = shown(stand, alice, order)
    with ThreadPoolExecutor(1) as thread, stand.owner() as other:
        other.execute("SELECT 1 FROM orders_orderline WHERE order_id = %s FOR UPDATE", [order.pk])
        answer = thread.submit(alice.post, action_url, fields)
        eventually(lambda: waits_for_lock(stand), 10, "the submission does not wait")
        other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order.pk])
        other.connection.rollback()
        expect(answer.result().status == 302, f"answered {answer.result().status}")
    expect("deadlock detected" in stand.postgres.log.read_text(), "no deadlock happened")
    return extra_effects(order)


@fault("X-31", "503 while the network is cut, then the pool recovers", unit="s", at_most=10)
def x_31(stand: Stand) -> float:
    order, alice = stand.draft(), stand.browser()
    told = subprocess.run(
        ["unshare", "--user", "--net", "--map-root-user", sys.executable, "-m", "tests.faults.cut"],
        input=json.dumps(
            {
                "postgres": str(stand.postgres.sockets / ".s.PGSQL.5432"),
                "path": stand.address(order),
                "cookies": alice.cookies,
                "env": {**stand.portal.env, "BASE_URL": "http://localhost:8000"},
                "folder": str(stand.postgres.sockets),
            }
        ),
        capture_output=True,
        text=True,
        env=os.environ,
        timeout=180,
        check=False,
    )
    expect(told.returncode == 0, f"the cut failed: {told.stderr[-500:]}")
    outcome = json.loads(told.stdout.splitlines()[-1])
    expect(outcome["before"] == 200, f"before the cut: {outcome}")
    expect(set(outcome["during"]) == {503}, f"during the cut: {outcome}")
    expect(outcome["after"] <= 10, f"recovered after {outcome['after']:.1f} s")
    return max(outcome["seconds"])
