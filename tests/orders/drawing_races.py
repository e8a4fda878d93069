"""Two orders and one derogation with one left, in real threads, each outcome counted (D-22)."""

from collections import Counter
from collections.abc import Callable

from django.db import connection

from derogations.kinds import DerogationState
from derogations.models import Derogation
from members.powers import DerogationKind
from orders import tasks
from orders.actions.submission import cancel_order, submit_order
from orders.kinds import OrderState
from orders.models import Draw, Order
from tests.derogations.races import Act, at_once
from tests.orders.factories import signed_derogation
from tests.orders.world import World


def one_left(world: World) -> Derogation:
    """A derogation that lets one device through."""
    rank = world.dear.version.rank
    return signed_derogation(rank, world.root, kinds=[DerogationKind.NON_ZERO_COST], quantity=1)


def dear_draft(world: World) -> Order:
    """A draft that draws one."""
    return world.draft(world.line(device=world.dear))


def submitting(world: World, order: Order) -> Act:
    """Submit as the application's role does; the state that it reached."""

    def act() -> str:
        as_application()
        return str(submit_order(order=order, by=world.alice, attested=True).state)

    return act


def as_application() -> None:
    """The thread's connection, without the owner's rights."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_app")


def holders_of(derogation: Derogation) -> list[int]:
    """The orders that draw on it now."""
    held = Draw.objects.filter(derogation=derogation, released_at=None)
    return list(held.values_list("order_line__order", flat=True))


def two_submissions(world: World) -> str:
    """Two orders want the last one: one draws it, the other waits."""
    derogation = one_left(world)
    orders = [dear_draft(world), dear_draft(world)]
    told = sorted(at_once(*(submitting(world, order) for order in orders)))
    derogation.refresh_from_db()
    states = {order.pk: Order.objects.get(pk=order.pk).state for order in orders}
    drawn = [pk for pk, state in states.items() if state == OrderState.SUBMITTED]
    whole = (
        holders_of(derogation) == drawn
        and sorted(states.values()) == told
        and derogation.state == DerogationState.EXHAUSTED
    )
    for pk, state in states.items():
        if state == OrderState.AWAITING_DEROGATION:  # or the next race would serve it
            cancel_order(order=Order.objects.get(pk=pk), by=world.alice, reason="Course finie")
    return " + ".join(told) if whole else f"torn: {told}"


def given_back(world: World) -> str:
    """One gives its draw back while the other asks for it: never drawn twice, never lost."""
    derogation = one_left(world)
    first = submit_order(order=dear_draft(world), by=world.alice, attested=True)
    second = dear_draft(world)

    def cancel() -> str:
        as_application()
        cancel_order(order=first, by=world.alice, reason="Erreur")
        return "cancelled"

    told = sorted(at_once(cancel, submitting(world, second)))
    at_most_one = len(holders_of(derogation)) <= 1
    tasks.draw_on_derogation(derogation.pk)
    second.refresh_from_db()
    whole = second.state == OrderState.SUBMITTED and holders_of(derogation) == [second.pk]
    return " + ".join(told) if at_most_one and whole else f"torn: {told}"


def clock_and_signature(world: World) -> str:
    """Two orders that a lapsed membership held are asked again by three: one draws, once."""
    orders = [
        submit_order(order=dear_draft(world), by=world.alice, attested=True) for _ in range(2)
    ]
    joined = world.organisation.memberships.get()
    world.organisation.memberships.update(confirmed_at=None, confirmed_by=None)
    derogation = one_left(world)
    tasks.draw_on_derogation(derogation.pk)
    joined.save()

    def ask(task: Callable[..., None], *given: int) -> Act:
        def act() -> str:
            as_application()
            task(*given)
            return ""

        return act

    faults = "".join(
        at_once(
            *[ask(tasks.continue_held) for _ in range(2)],
            ask(tasks.draw_on_derogation, derogation.pk),
        )
    )
    states = {order.pk: Order.objects.get(pk=order.pk).state for order in orders}
    drawn = [pk for pk, state in states.items() if state == OrderState.SUBMITTED]
    for pk in states.keys() - set(drawn):
        cancel_order(order=Order.objects.get(pk=pk), by=world.alice, reason="Course finie")
    whole = len(drawn) == 1 and holders_of(derogation) == drawn and not faults
    return " + ".join(sorted(states.values())) if whole else f"torn: {states} {faults}"


DRAWING_RACES: dict[str, tuple[Callable[[World], str], frozenset[str]]] = {
    "two submissions": (two_submissions, frozenset({"awaiting_derogation + submitted"})),
    "clock and signature": (
        clock_and_signature,
        frozenset({"awaiting_derogation + submitted"}),
    ),
    "given back": (
        given_back,
        frozenset({"awaiting_derogation + cancelled", "cancelled + submitted"}),
    ),
}
"""Each race with the outcomes that are right."""


def run_drawing_race(name: str, times: int, world: World) -> Counter[str]:
    """The outcomes of a race, counted."""
    race, _right = DRAWING_RACES[name]
    return Counter(race(world) for _ in range(times))
