"""Faults of the network around a submission: lost, doubled, returned to (X-09)."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from orders.kinds import OrderState
from orders.models import Order
from portal.models import AuditEvent, IdempotencyKey, QueuedTask
from tests.faults.browser import Answer, Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually

THREADS = 20


def shown(stand: Stand, alice: Browser, order: Order) -> tuple[str, dict[str, str]]:
    """Where the submission of an order is posted, and its fields as the page shows them."""
    action = stand.address(order, "soumettre")
    return action, {**alice.form(stand.address(order), action), "attested": "on"}


def extra_effects(order: Order) -> int:
    """How many events and promises there are beyond one each."""
    events = AuditEvent.objects.filter(code="order.submitted", object_id=order.pk).count()
    promises = QueuedTask.objects.filter(
        task_name="orders.prepare_sheet", kwargs={"order_id": order.pk}
    ).count()
    order.refresh_from_db()
    expect(order.state != OrderState.DRAFT, "the order was not submitted")
    return abs(events - 1) + abs(promises - 1)


@fault("X-09", "lost answer, 20 at once, back button, two tabs: one order", unit="extra", at_most=0)
def x_09(stand: Stand) -> float:
    ways = (lost_answer, twenty_at_once, back_button, two_tabs, other_content, while_in_progress)
    return sum(extra_effects(way(stand, stand.browser())) for way in ways) + repeated(stand)


def lost_answer(stand: Stand, alice: Browser) -> Order:
    """The connection drops before the answer; the same form again tells the truth."""
    order = stand.draft()
    action, fields = shown(stand, alice, order)
    dropped = {**fields}
    alice.drop(action, dropped)
    key = IdempotencyKey.objects.filter(key=uuid.UUID(fields["submission_key"]))
    eventually(key.exists, 10, "the dropped request was not committed")
    leads_to_order(stand, order, alice.post(action, fields))
    return order


def twenty_at_once(stand: Stand, alice: Browser) -> Order:
    """Each is told the order's address, or that another is at it."""
    order = stand.draft()
    action, fields = shown(stand, alice, order)
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda _: alice.post(action, fields), range(THREADS)))
    told = {answer.status for answer in answers}
    expect(302 in told and told <= {302, 409}, f"answers {sorted(told)}")
    return order


def back_button(stand: Stand, alice: Browser) -> Order:
    """The form of the page before, sent again a moment later."""
    order = stand.draft()
    action, fields = shown(stand, alice, order)
    for _ in range(2):
        leads_to_order(stand, order, alice.post(action, fields))
        time.sleep(0.5)
    return order


def two_tabs(stand: Stand, alice: Browser) -> Order:
    """Two pages, two keys: the second is told that it is done."""
    order = stand.draft()
    (action, first), (_, second) = shown(stand, alice, order), shown(stand, alice, order)
    leads_to_order(stand, order, alice.post(action, first))
    answer = alice.post(action, second)
    expect(answer.status == 409, f"the second tab is answered {answer.status}")
    return order


def other_content(stand: Stand, alice: Browser) -> Order:
    """The key of a form already sent, under another content."""
    order = stand.draft()
    action, fields = shown(stand, alice, order)
    leads_to_order(stand, order, alice.post(action, fields))
    answer = alice.post(action, {**fields, "attested": "yes"})
    expect(answer.status == 422, f"another content is answered {answer.status}")
    return order


def while_in_progress(stand: Stand, alice: Browser) -> Order:
    """The same key while the first is still at work: told to wait, at once."""
    order = stand.draft()
    action, fields = shown(stand, alice, order)
    with ThreadPoolExecutor(1) as thread:
        with stand.owner() as holding:
            holding.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order.pk])
            first = thread.submit(alice.post, action, fields)
            eventually(lambda: waits_for_lock(stand), 10, "the first does not wait")
            second = alice.post(action, fields)
            expect(second.status == 409, f"the second is answered {second.status}")
            expect(second.seconds < 2, f"the second waits {second.seconds:.1f} s")
        leads_to_order(stand, order, first.result())
    return order


def waits_for_lock(stand: Stand) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def repeated(stand: Stand) -> int:
    """« Refaire » sent twenty times at once opens one draft; how many more there are."""
    order, alice = stand.draft(), stand.browser()
    action, fields = shown(stand, alice, order)
    alice.post(action, fields)
    repeat = stand.address(order, "refaire")
    fields = {**fields, "submission_key": str(uuid.uuid4())}
    before = Order.objects.count()
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda _: alice.post(repeat, fields), range(THREADS)))
    answers.append(alice.post(repeat, fields))
    leads = {answer.location for answer in answers if answer.status == 302}
    expect(len(leads) == 1, f"« Refaire » leads to {leads}")
    return abs(Order.objects.count() - before - 1)


def leads_to_order(stand: Stand, order: Order, answer: Answer) -> None:
    where = (answer.status, answer.location)
    expect(where == (302, stand.address(order)), f"answered {where}")
