"""The orders' tasks: sheet, sending, and what a derogation sets free or stops."""

from datetime import timedelta

from celery import shared_task

from derogations.models import Derogation
from orders.actions.drawing import block_order, continue_order
from orders.actions.sending import (
    abandon_dispatch,
    begin_dispatch,
    conclude_sent,
    conclude_unknown,
    replace_link,
    store_sheet,
)
from orders.couriers import NotSent, Uncertain, carry
from orders.documents import render_sheet
from orders.kinds import SendingMode
from orders.models import Dispatch, Order
from orders.queries.dependents import to_renew
from orders.queries.derogations import (
    orders_held_by_a_rule,
    orders_that_wait_for,
    unsent_orders_on,
)
from portal.audit import SYSTEM
from portal.documents import require_renderer
from portal.queue import TryLater, later, was_promised

NEXT_TRY = timedelta(minutes=5)
HELD_AT_ONCE = 200
"""How many held orders one task examines."""


@shared_task(name="orders.prepare_sheet")
def prepare_sheet(order_id: int) -> None:
    """Render the order's PDF and keep it; the sending follows."""
    order = Order.objects.get(pk=order_id)
    if order.sheet_id is None:
        require_renderer()
        store_sheet(order=order, sheet=render_sheet(order), by=SYSTEM)


@shared_task(name="orders.transmit")
def transmit(order_id: int) -> None:
    """Send an order once, by its provider's mode of the day (R-19)."""
    begun = begin_dispatch(order=Order.objects.get(pk=order_id), by=SYSTEM)
    if begun is None:
        return
    dispatch, token = begun
    if dispatch.mode == SendingMode.PROVIDER_PORTAL:
        return  # a person keys it in, and says the provider's confirmation number
    try:
        carry(dispatch, token)
    except NotSent as error:
        abandon_dispatch(dispatch=dispatch, by=SYSTEM, detail=str(error))
        raise TryLater(str(error), after=NEXT_TRY) from error
    except Uncertain as error:
        conclude_unknown(dispatch=dispatch, by=SYSTEM, detail=str(error))
    else:
        conclude_sent(dispatch=dispatch, by=SYSTEM)


@shared_task(name="orders.renew_link")
def renew_link(dispatch_id: int) -> None:
    """Mail a new link to a sent order's sheet; tried again, since only the last one opens it."""
    dispatch, token = replace_link(dispatch=Dispatch.objects.get(pk=dispatch_id), by=SYSTEM)
    try:
        carry(dispatch, token)
    except (NotSent, Uncertain) as error:
        raise TryLater(str(error), after=NEXT_TRY) from error


@shared_task(name="orders.draw_on_derogation")
def draw_on_derogation(derogation_id: int) -> None:
    """A derogation was signed, or has something left again: the orders that wait for it go on."""
    derogation = Derogation.objects.get(pk=derogation_id)
    for order in orders_that_wait_for(derogation):
        continue_order(order=order, by=SYSTEM)


@shared_task(name="orders.examine_held")
def examine_held(order_id: int) -> None:
    """What was signed while the order was being submitted did not see it wait: it goes on."""
    continue_order(order=Order.objects.get(pk=order_id), by=SYSTEM)


@shared_task(name="orders.continue_held")
def continue_held(beyond: int = 0) -> None:
    """What another rule held goes on once that is mended: first what asked for its derogation.

    Those beyond ``HELD_AT_ONCE`` have a task of their own.
    """
    held = list(orders_held_by_a_rule(beyond)[:HELD_AT_ONCE])
    for order in sorted(held, key=lambda one: (not one.is_named, one.submitted_at)):
        continue_order(order=order, by=SYSTEM)
    if len(held) == HELD_AT_ONCE:
        later("orders.continue_held", beyond=held[-1].pk)


@shared_task(name="orders.stop_on_derogation")
def stop_on_derogation(derogation_id: int) -> None:
    """A derogation was withdrawn or is over: what was not sent on it goes back to wait."""
    derogation = Derogation.objects.get(pk=derogation_id)
    for order in unsent_orders_on(derogation):
        block_order(order=order, derogation=derogation, by=SYSTEM)


@shared_task(name="orders.tell_renewals")
def tell_renewals() -> None:
    """Who asked for a derogation that ends within sixty days is told, once (F-29)."""
    for derogation in to_renew(Derogation.objects.order_by("pk")):
        if not was_promised("derogations.tell_renewal", derogation_id=derogation.pk):
            later("derogations.tell_renewal", derogation_id=derogation.pk)
