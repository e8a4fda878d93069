"""The orders' tasks: produce the sheet, then send it; each loads an id and calls actions."""

from datetime import timedelta

from celery import shared_task

from orders.actions.sending import (
    abandon_dispatch,
    begin_dispatch,
    conclude_sent,
    conclude_unknown,
    store_sheet,
)
from orders.couriers import NotSent, Uncertain, carry
from orders.documents import render_sheet
from orders.kinds import SendingMode
from orders.models import Order
from portal.audit import SYSTEM
from portal.documents import require_renderer
from portal.queue import TryLater

NEXT_TRY = timedelta(minutes=5)


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
