"""The worker killed at fifty points of imports, from the first to the last (X-01)."""

import time
from dataclasses import dataclass, field
from itertools import count

from django.db import connection

from billing.kinds import ImportPart
from billing.models import BillFile
from portal.models import ClockTimestamp, QueuedTask
from portal.queue import hint
from tests.faults.bill_rows import Rows, differences, rows_of, rows_of_nobody
from tests.faults.bills import CHARGES, TELUS, UNDER_WAY, USAGE, Member, make_member, published
from tests.faults.points import STOP, order_of
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually

LIVES = {"0": 13, "200000": 12}
"""Above how many rows a file has a table of its own, and how often the worker is killed then."""
AT_ONCE = 2
"""Imports that it holds each time: as many as its processes."""
KILLS = AT_ONCE * sum(LIVES.values())
PARTS = (ImportPart.CHARGES, ImportPart.USAGE)
BLOCK = "6000"
"""Bytes read at once, so that small files are laid in several COPY."""
LINES, USE = (20, 8), 300
READING = "billing.read_import"
WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
    AND state_change < clock_timestamp() - interval '1 second'
"""

_names = count(1)


@dataclass
class Stopped:
    """A file of a member of its own, and whether the import of one part stopped at its point."""

    member: Member
    bill_file: BillFile
    part: ImportPart
    point: int
    is_alive: bool


@dataclass
class Told:
    """What the kills came to: whose files they were; seconds from a kill to the end of what it cut,
    by itself or with the lease's wait cut short.
    """

    addresses: list[str] = field(default_factory=list)
    alive: int = 0
    different: list[str] = field(default_factory=list)
    alone: float = 0
    helped: float = 0


@fault(
    "X-01",
    f"killed at {KILLS} points of an import of charges and one of use: resumed by itself, the "
    "final rows are those of an undisturbed run, and its mails",
    unit="s",
    at_most=60,
)
def x_01(stand: Stand) -> float:
    told = Told()
    try:
        for above, lives in LIVES.items():
            stand.restart(stand.worker, FAULTS_ALONE=above, FAULTS_BLOCK=BLOCK)
            kill_often(stand, lives, told)
    finally:
        stand.restart(stand.worker)
    sent = mails_to(stand, told.addresses)
    print(
        f"  {told.alive} of {KILLS} kills met their import alive; resumed in {told.alone:.1f} s at "
        f"most, {told.helped:.1f} s where the lease was cut short; {sent} mails, none is due",
        flush=True,
    )
    expect(not told.different, f"{len(told.different)} differ: {told.different[:3]}")
    expect(told.alive >= KILLS * 0.9, f"{told.alive} kills only met their import alive")
    expect(rows_of_nobody() == 0, f"{rows_of_nobody()} rows that no import has")
    expect(sent == 0, f"{sent} mails")
    return max(told.alone, told.helped)


def mails_to(stand: Stand, addresses: list[str]) -> int:
    """How many mails were written to any of them."""
    mails = [path.read_text() for path in (stand.data / "mail").glob("*")]
    return sum(any(address in mail for address in addresses) for mail in mails)


def kill_often(stand: Stand, lives: int, told: Told) -> None:
    """Kill the worker so many times while it holds two imports, and compare what they come to."""
    for part in PARTS:
        undisturbed(stand, part)  # it makes the tables that the others share
    peace, points = {}, {}
    for part in PARTS:
        (peace[part], first), (again, second) = undisturbed(stand, part), undisturbed(stand, part)
        points[part] = min(first, second)  # a slow run tells its progress more often
        found = differences(peace[part], again)
        expect(not found, f"undisturbed runs differ: {found}")
    for life, group in enumerate(groups(points, lives)):
        stopped = [stop_at(stand, part, point) for part, point in group]
        if life == 0:
            told.alone = max(told.alone, killed(stand, stopped, helped=False))
        else:
            told.helped = max(told.helped, killed(stand, stopped, helped=True))
        for one in stopped:
            told.alive += one.is_alive
            told.addresses.append(one.member.factu.email)
            if found := differences(peace[one.part], rows_of(one.member)):
                told.different.append(f"{one.part}, point {one.point}: {found}")


def groups(points: dict[ImportPart, int], lives: int) -> list[list[tuple[ImportPart, int]]]:
    """Points of both parts, evenly from the first to the last, two for each life of the worker.

    One is in the first half, before its table is attached; the other, in the second, stops last: an
    import that stopped once it was attached keeps others from that.
    """
    wanted = lives * AT_ONCE // len(points)
    placed = sorted(
        (n / (wanted - 1), part, 1 + round(n * (last - 1) / (wanted - 1)))
        for part, last in points.items()
        for n in range(wanted)
    )
    return [[(part, point) for _, part, point in placed[life::lives]] for life in range(lives)]


def undisturbed(stand: Stand, part: ImportPart) -> tuple[Rows, int]:
    """The rows of a member whose bills were read in peace, and the points of the last import."""
    member = make_member(stand)
    name, content = prepared(member, part)
    published(member.send(name, content))
    (line,) = stand.effects(f"{name} {part} passed")
    rows = rows_of(member)
    expect(bool(rows["Charge"] and rows["CentreTotal"]), f"nothing is shown: {rows}")
    expect(bool(rows["Usage"] and rows["LineUse"]) == (part == ImportPart.USAGE), "what use?")
    return rows, int(line.rsplit(" ", 1)[1])


def prepared(member: Member, part: ImportPart) -> tuple[str, bytes]:
    """The name and the bytes of the file to drop: charges, or use whose charges are shown."""
    number = next(_names)
    if part == ImportPart.CHARGES:
        return f"telus-{number}.zip", member.file(TELUS, lines=LINES)
    published(member.send(f"rogers-{number}.csv", member.file(CHARGES, lines=LINES)))
    return f"rogers-use-{number}.csv", member.file(USAGE, lines=LINES, use=USE)


def stop_at(stand: Stand, part: ImportPart, point: int) -> Stopped:
    """Drop a file of a new member, and wait until its import stopped, or ended before."""
    member = make_member(stand)
    name, content = prepared(member, part)
    order = order_of(name, part, STOP)
    order.parent.mkdir(parents=True, exist_ok=True)
    order.write_text(str(point))
    bill_file = member.send(name, content)
    is_stopped = lambda: bool(stand.effects(f"{name} {part} stopped"))  # noqa: E731
    under_way = bill_file.imports.filter(state__in=UNDER_WAY)
    eventually(
        lambda: is_stopped() or not under_way.exists() or waits_for_another(),
        60,
        f"{name} goes nowhere",
    )
    order.unlink(missing_ok=True)  # one killed while it waited would stop once it is resumed
    return Stopped(member, bill_file, part, point, is_stopped() or under_way.exists())


def waits_for_another() -> bool:
    """Whether an import waits for a lock that one which stopped holds: it is killed there."""
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return bool(cursor.fetchone()[0])


def killed(stand: Stand, stopped: list[Stopped], *, helped: bool) -> float:
    """Kill -9, start again as a supervisor does; seconds from the kill until all is shown."""
    began = time.monotonic()
    stand.worker.kill()
    if helped:
        cut_leases_short(stopped)
    stand.worker.start()
    for one in stopped:
        published(one.bill_file, 120)
    return time.monotonic() - began


def cut_leases_short(stopped: list[Stopped]) -> None:
    """Nobody holds them any more: the wait for that is measured once, and cut short afterwards."""
    ids = [pk for one in stopped for pk in one.bill_file.imports.values_list("pk", flat=True)]
    waiting = QueuedTask.objects.filter(
        task_name=READING, kwargs__import_id__in=ids, done_at__isnull=True
    )
    waiting.update(due_at=ClockTimestamp())
    waiting.filter(lease__isnull=False).update(leased_until=ClockTimestamp())
    for pk in waiting.values_list("pk", flat=True):
        hint(pk)
