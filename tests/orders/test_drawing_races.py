"""Two orders, one derogation with one left, at once: one draws, the other waits (D-22)."""

import threading

import pytest
from django.db import connection

from derogations.kinds import DerogationState
from members.powers import DerogationKind
from orders import tasks
from orders.actions.submission import cancel_order, submit_order
from orders.kinds import OrderState
from orders.models import Draw, Order
from tests.orders.factories import signed_derogation
from tests.orders.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)
RACES = 25


def together(*acts) -> None:
    """Run the acts at once, each on its own connection; what one raises is raised here."""
    start = threading.Barrier(len(acts))
    raised = []

    def run(act):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE portal_app")
            start.wait()
            act()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def dear_draft(world) -> Order:
    return world.draft(world.line(device=world.dear))


def test_two_submissions_at_once_draw_the_last_one_once():
    world = make_world()
    rank = world.dear.version.rank
    counts = {"drawn": 0, "waits": 0}
    for _race in range(RACES):
        derogation = signed_derogation(
            rank, world.root, kinds=[DerogationKind.NON_ZERO_COST], quantity=1
        )
        orders = [dear_draft(world), dear_draft(world)]
        together(
            *(
                lambda order=order: submit_order(order=order, by=world.alice, attested=True)
                for order in orders
            )
        )
        states = sorted(Order.objects.get(pk=order.pk).state for order in orders)
        assert states == [OrderState.AWAITING_DEROGATION, OrderState.SUBMITTED]
        assert Draw.objects.filter(derogation=derogation, released_at=None).count() == 1
        derogation.refresh_from_db()
        assert derogation.state == DerogationState.EXHAUSTED
        counts["drawn"] += 1
        counts["waits"] += 1
    print(f"parallel draws: {RACES} races, {counts}")


def test_a_cancellation_and_a_submission_at_once_never_draw_twice():
    world = make_world()
    rank = world.dear.version.rank
    for _race in range(RACES):
        derogation = signed_derogation(
            rank, world.root, kinds=[DerogationKind.NON_ZERO_COST], quantity=1
        )
        first = submit_order(order=dear_draft(world), by=world.alice, attested=True)
        second = dear_draft(world)
        together(
            lambda first=first: cancel_order(order=first, by=world.alice, reason="Erreur"),
            lambda second=second: submit_order(order=second, by=world.alice, attested=True),
        )
        assert Draw.objects.filter(derogation=derogation, released_at=None).count() <= 1
        tasks.draw_on_derogation(derogation.pk)
        second.refresh_from_db()
        assert second.state == OrderState.SUBMITTED
        assert Draw.objects.get(derogation=derogation, released_at=None).order_line.order == second
