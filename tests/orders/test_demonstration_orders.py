"""The demonstration's orders: one leaves, one is a draft, one waits for its derogation."""

import pytest
from django.core.management import call_command

from derogations.kinds import DerogationState
from members.powers import DerogationKind
from orders.kinds import OrderState
from orders.models import Order, Reliance

pytestmark = pytest.mark.django_db


def test_an_order_waits_with_its_request_asked_and_filled(settings):
    settings.DEMONSTRATION = True
    call_command("seed_demonstration")
    states = sorted(Order.objects.values_list("state", flat=True))
    assert states == [OrderState.AWAITING_DEROGATION, OrderState.DRAFT, OrderState.SUBMITTED]
    waiting = Order.objects.get(state=OrderState.AWAITING_DEROGATION)
    request = Reliance.objects.get(order_line__order=waiting).derogation
    assert request.state == DerogationState.DRAFT
    assert [head.kind for head in request.heads.all()] == [DerogationKind.NON_ZERO_COST]
    assert request.nearest_zero_cost
