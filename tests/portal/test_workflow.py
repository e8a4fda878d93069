"""A life: only a transition of the table writes a state, under the row's lock, with its event."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from orders.kinds import OrderState
from orders.models import Order
from orders.states import CANCEL, ORDER_TRANSITIONS, RECEIVE, SUBMIT
from portal.audit import SYSTEM
from portal.models import AuditEvent
from portal.workflow import TransitionRefused, advance, open_transitions
from tests.orders.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_the_state_its_fields_and_its_event_are_written_together():
    order = OrderFactory()
    fresh = advance(
        CANCEL, on=order, by=SYSTEM, hat="Chapeau", cancel_reason="Poste aboli", note="mot"
    )
    assert Order.objects.get().cancel_reason == fresh.cancel_reason == "Poste aboli"
    event = AuditEvent.objects.get()
    assert (event.code, event.actor_label, event.hat) == ("order.cancelled", "SYSTEM", "Chapeau")
    assert event.branch_id == order.branch_id
    assert event.data == {"note": "mot", "before": "draft", "after": "cancelled"}


def test_a_transition_from_another_state_is_refused_with_the_state_it_found():
    with pytest.raises(TransitionRefused, match="« Brouillon »"):
        advance(RECEIVE, on=OrderFactory(), by=SYSTEM)
    assert Order.objects.get().state == OrderState.DRAFT
    assert not AuditEvent.objects.exists()


def test_the_row_decides_and_not_what_memory_holds():
    order = OrderFactory()
    Order.objects.update(state=OrderState.CANCELLED)
    with pytest.raises(TransitionRefused, match="Annulée"):
        advance(CANCEL, on=order, by=SYSTEM)
    other = OrderFactory()
    other.state = OrderState.SENT
    assert advance(CANCEL, on=other, by=SYSTEM).state == OrderState.CANCELLED


def test_the_row_is_locked_while_it_advances(django_assert_num_queries):
    order = OrderFactory()
    with django_assert_num_queries(3) as seen:
        advance(CANCEL, on=order, by=SYSTEM)
    assert "FOR UPDATE" in seen[0]["sql"]


def test_only_a_transition_advances():
    with pytest.raises(ImproperlyConfigured):
        advance("cancel", on=OrderFactory(), by=SYSTEM)


def test_buttons_are_drawn_from_what_starts_here():
    names = {row.name for row in open_transitions(ORDER_TRANSITIONS, OrderFactory())}
    assert {SUBMIT.name, CANCEL.name} <= names
    assert RECEIVE.name not in names
