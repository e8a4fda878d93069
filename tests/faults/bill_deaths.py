"""An import whose worker dies or sleeps, beyond the fifty kills (X-02, X-03, X-04)."""

import os
import signal

from django.db.models import QuerySet

from billing.kinds import ImportPart, ImportState
from billing.models import BillFile, Invoice
from portal.models import AuditEvent, QueuedTask
from portal.queue import MAX_ATTEMPTS, replay
from tests.faults.bill_loop import shown_in
from tests.faults.bill_rows import differences, rows_of
from tests.faults.bills import Member, make_member, published
from tests.faults.kills import PARTS, READING, prepared, undisturbed
from tests.faults.points import DIE, END, STOP, order_of
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually
from tests.faults.worker import is_given_up

ELSEWHERE = "entre les mains d'un autre processus"


def sent(stand: Stand, part: ImportPart, what: str, point: int) -> tuple[Member, BillFile]:
    """A new member's file, whose import of one part stops or dies at a point."""
    member = make_member(stand)
    name, content = prepared(member, part)
    order = order_of(name, part, what)
    order.parent.mkdir(parents=True, exist_ok=True)
    order.write_text(str(point))
    return member, member.send(name, content)


def sent_to_its_middle(stand: Stand, what: str) -> tuple[Member, BillFile]:
    """The same for charges, half-way."""
    middle = undisturbed(stand, ImportPart.CHARGES)[1] // 2
    return sent(stand, ImportPart.CHARGES, what, middle)


def readings(bill_file: BillFile) -> QuerySet[QueuedTask]:
    """The promises to read a file."""
    ids = list(bill_file.imports.values_list("pk", flat=True))
    return QueuedTask.objects.filter(task_name=READING, kwargs__import_id__in=ids)


def told(bill_file: BillFile, code: str) -> int:
    """How many times the journal says it of a file's imports."""
    ids = list(bill_file.imports.values_list("pk", flat=True))
    events = AuditEvent.objects.filter(object_type="billing.import", object_id__in=ids)
    return events.filter(code=f"bill_import.{code}").count()


def shown(member: Member) -> int:
    """How many invoices the member is shown."""
    mine = Invoice.objects.filter(branch__organisation=member.organisation)
    return mine.filter(current__isnull=False).count()


def require_same(stand: Stand, member: Member, part: ImportPart) -> None:
    """The member's rows are those that the same file comes to in peace."""
    found = differences(undisturbed(stand, part)[0], rows_of(member))
    expect(not found, f"{part}: {found}")


@fault(
    "X-02i",
    "an import killed after it is shown, before the queue knows: shown once",
    unit="repeated",
    at_most=0,
)
def x_02_import(stand: Stand) -> float:
    repeated = 0
    for part in PARTS:
        member, bill_file = sent(stand, part, STOP, END)
        mark = f"{bill_file.name} {part} stopped"
        eventually(lambda mark=mark: stand.effects(mark), 60, f"{mark}: never")
        expect(bill_file.imports.get().state == ImportState.PUBLISHED, "it is not shown yet")
        waiting = readings(bill_file).filter(done_at__isnull=True)
        expect(waiting.count() == 1, f"{waiting.count()} promises wait")
        stand.worker.kill()
        stand.worker.start()
        eventually(lambda rows=waiting: not rows.exists(), 60, "the promise is not kept")
        repeated += told(bill_file, "published") - 1
        require_same(stand, member, part)
    return repeated


@fault(
    "X-03i",
    "an import whose process is killed at every try: tried again, a dead letter after 5, others go "
    "on, and it is read whole once replayed",
    unit="s",
    at_most=30,
)
def x_03_import(stand: Stand) -> float:
    part = ImportPart.CHARGES
    member, bill_file = sent_to_its_middle(stand, DIE)
    deaths = lambda: len(stand.effects(f"{bill_file.name} {part} died"))  # noqa: E731
    eventually(deaths, 30, "it does not die")
    again = eventually(lambda: deaths() == 2, 60, "not tried again")
    shown_in(stand)
    # The wait was measured above.
    eventually(lambda: is_given_up(readings(bill_file)), 90, "no dead letter")
    expect(deaths() == MAX_ATTEMPTS, f"{deaths()} tries")
    expect(not shown(member), "something of it is shown")
    shown_in(stand)
    order_of(bill_file.name, part, DIE).unlink()
    for pk in readings(bill_file).values_list("pk", flat=True):
        replay(pk)
    published(bill_file)
    require_same(stand, member, part)
    return again


@fault(
    "X-04i",
    "an import asleep beyond its lease: the second copy leaves, and the first goes on to its end",
    unit="copies",
    at_most=1,
)
def x_04_import(stand: Stand) -> float:
    part = ImportPart.CHARGES
    member, bill_file = sent_to_its_middle(stand, STOP)
    mark = f"{bill_file.name} {part} stopped"
    eventually(lambda: stand.effects(mark), 60, "it does not stop")
    pid = int(stand.effects(mark)[0].rsplit(" ", 1)[1])
    try:
        # Nobody renews its lease; the sweep hands the work to another process.
        left = lambda: ELSEWHERE in readings(bill_file).get().last_error  # noqa: E731
        eventually(left, 60, "no second copy came and left")
        expect(not shown(member), "something of it is shown")
    finally:
        os.kill(pid, signal.SIGCONT)
    published(bill_file)
    done = readings(bill_file).filter(done_at__isnull=False)
    eventually(done.exists, 60, "the promise is not kept")
    require_same(stand, member, part)
    return told(bill_file, "begun") + told(bill_file, "published") - 1
