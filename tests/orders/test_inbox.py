"""What orders put under « Ce qui m'attend », and whose."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from members.models import Respondent
from members.roles import Role
from orders.actions.submission import submit_order
from orders.kinds import OrderState
from orders.models import Dispatch, Order
from orders.queries.orders import inbox_items
from portal.clock import database_clock
from portal.templatetags.portal import long_day
from tests.members.factories import LONG_AGO, BranchFactory, respondent_user
from tests.orders.factories import DispatchFactory

pytestmark = pytest.mark.django_db


def told(user):
    return [(item.kind, item.detail) for item in inbox_items(user)]


@pytest.fixture
def colleague(world):
    return respondent_user(Role.RCELL, world.root)


def let_go(user):
    over = DateTimeTZRange(LONG_AGO, database_clock() - timedelta(hours=1))
    Respondent.objects.filter(person=user.person).update(period=over)
    del user._rights


def sent(world, state=OrderState.SENT, days=6, **fields):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    at = database_clock() - timedelta(days=days)
    Order.objects.filter(pk=order.pk).update(
        state=state, submitted_at=at, **{"sent_at": at} | fields
    )


def test_the_open_work_of_who_leaves_awaits_whoever_orders_there(world, colleague):
    elsewhere = respondent_user(Role.RCELL, BranchFactory(organisation=world.organisation))
    world.draft()
    sent(world)
    assert told(colleague) == []
    assert len(told(world.alice)) == 2
    let_go(world.alice)
    opened = f"Ouverte par {world.alice.person}"
    assert told(colleague) == [
        ("À suivre : réponse du prestataire", opened),
        ("Commande à terminer", opened),
    ]
    assert told(world.alice) == told(elsewhere) == []


def test_who_orders_for_the_whole_member_keeps_what_she_opened_below(world, colleague):
    order = world.draft()
    Order.objects.filter(pk=order.pk).update(branch=BranchFactory(organisation=world.organisation))
    assert told(colleague) == []
    let_go(world.alice)
    assert len(told(colleague)) == 1


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (OrderState.SENT, "À suivre : réponse du prestataire"),
        (OrderState.ACKNOWLEDGED, "À suivre : réception"),
    ],
)
def test_a_sent_order_is_followed_once_it_has_been_gone_for_days(world, state, kind):
    sent(world, state)
    (item,) = inbox_items(world.alice)
    assert (item.kind, item.detail, item.since) == (kind, "", Order.objects.get().sent_at)
    Order.objects.update(sent_at=database_clock() - timedelta(days=4))
    assert inbox_items(world.alice) == []
    Order.objects.update(sent_at=LONG_AGO, state=OrderState.DELIVERED)
    assert inbox_items(world.alice) == []


def test_a_sheet_that_the_provider_has_not_taken_is_told_before_its_link_ends(world):
    sent(world)
    dispatch = DispatchFactory(
        order=Order.objects.get(),
        outcome="sent",
        link_expires_at=database_clock() + timedelta(days=8),
    )
    (item,) = inbox_items(world.alice)
    assert item.kind == "Bon non téléchargé par le prestataire"
    assert item.detail == f"Fin du lien le {long_day(dispatch.link_expires_at)}"
    assert not item.urgent
    Dispatch.objects.update(link_expires_at=database_clock() + timedelta(days=4))
    assert inbox_items(world.alice)[0].urgent
    Dispatch.objects.update(downloaded_at=database_clock())
    assert told(world.alice) == [("À suivre : réponse du prestataire", "")]


def test_an_uncertain_sending_is_told_to_who_awaits_it(world):
    sent(world, OrderState.SENDING_UNKNOWN, sent_at=None)
    assert told(world.alice) == [("À suivre : transmission incertaine", "")]
