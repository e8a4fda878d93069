"""One member's import that goes round for ever (X-28)."""

import time
from statistics import median

from billing.kinds import ImportPart
from billing.models import BillFile
from portal.models import ClockTimestamp, QueuedTask
from portal.queue import hint, replay
from tests.faults.bills import TELUS, UNDER_WAY, left_of, make_member, published
from tests.faults.kills import READING
from tests.faults.points import LOOP, order_of
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually

LIMIT = 12
"""Seconds that a task may take on the stand, instead of ten minutes."""
OTHERS = 3


@fault(
    "X-28",
    "one member's import loops, is killed and tried again: those of others are shown as usual",
    unit="s more",
    at_most=5,
)
def x_28(stand: Stand) -> float:
    usual = median(shown_in(stand) for _ in range(3))
    stand.restart(stand.worker, FAULTS_LIMIT=str(LIMIT))
    order = order_of("telus-boucle.zip", ImportPart.CHARGES, LOOP)
    order.parent.mkdir(parents=True, exist_ok=True)
    order.touch()
    try:
        member = make_member(stand)
        looping = member.send("telus-boucle.zip", member.file(TELUS))
        loops = lambda: stand.effects("telus-boucle.zip charges loops")  # noqa: E731
        eventually(loops, 30, "it does not loop")
        beside = [shown_in(stand) for _ in range(OTHERS)]
        eventually(
            lambda: killed_once(stand, looping), 90, "the loop is not killed, or not tried again"
        )
        beside += [shown_in(stand) for _ in range(OTHERS)]
        expect(is_hidden(looping), "something of the loop is shown")
        order.unlink()
        replay_dead(looping)
        published(looping, 120)
    finally:
        order.unlink(missing_ok=True)
        stand.restart(stand.worker)
    return max(beside) - usual


def shown_in(stand: Stand) -> float:
    """Seconds until a new member's small file is shown."""
    member = make_member(stand)
    content, began = member.file(TELUS), time.monotonic()
    published(member.send("telus-autre.zip", content))
    return time.monotonic() - began


def killed_once(stand: Stand, looping: BillFile) -> bool:
    """Whether it began a second time; the wait before that is cut short."""
    task = QueuedTask.objects.filter(
        task_name=READING, kwargs__import_id=looping.imports.get().pk, done_at__isnull=True
    )
    for pk in task.filter(leased_until__lt=ClockTimestamp()).values_list("pk", flat=True):
        hint(pk)
    return len(stand.effects("telus-boucle.zip charges loops")) > 1


def replay_dead(looping: BillFile) -> None:
    """Where the loop took its five tries, the console gives it others."""
    dead = QueuedTask.objects.filter(
        task_name=READING, kwargs__import_id=looping.imports.get().pk, dead_at__isnull=False
    )
    for pk in dead.values_list("pk", flat=True):
        replay(pk)


def is_hidden(looping: BillFile) -> bool:
    """Nothing of it is shown, nothing of it is settled."""
    states = set(looping.imports.values_list("state", flat=True))
    return states <= {*UNDER_WAY} and left_of(looping) == 0
