"""An order whose derogation is there and that another rule holds goes on once mended (D-11)."""

from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse

from members.models import ProviderAccount
from members.powers import DerogationKind
from orders import tasks
from orders.actions.submission import submit_order
from orders.kinds import LineStatus, OrderKind, OrderState
from orders.models import Draw, LineVersion, Order, Reliance
from portal.clock import database_clock
from portal.models import AuditEvent, QueuedTask
from tests.members.factories import MembershipFactory, UserFactory
from tests.orders.factories import ServiceLineFactory, signed_derogation

pytestmark = pytest.mark.django_db
DEAR = [DerogationKind.NON_ZERO_COST]
SPACES = {0xA0: " ", 0x202F: " "}
ON_SIGNING = "Elle part d'elle-même dès que la dérogation est signée"


def waiting(world, **changes) -> Order:
    """An order submitted for want of a derogation."""
    line = world.line(**{"device": world.dear, **changes})
    order = submit_order(order=world.draft(line), by=world.alice, attested=True)
    assert order.state == OrderState.AWAITING_DEROGATION
    return order


def sign(world, offer=None, **fields):
    """Sign what such orders lack, as the signing room does: they are examined at once."""
    rank = (offer or world.dear).version.rank
    derogation = signed_derogation(rank, world.root, **{"kinds": DEAR, "quantity": 9, **fields})
    tasks.draw_on_derogation(derogation.pk)
    return derogation


def lapse(world) -> None:
    world.organisation.memberships.all().delete()


def join(world) -> None:
    contract = world.dear.version.rank.contract
    MembershipFactory(organisation=world.organisation, contract=contract)


def state_of(order) -> str:
    order.refresh_from_db()
    return order.state


def shown(world, client, order) -> str:
    client.force_login(world.alice)
    address = reverse("orders:order_detail", args=["val-fictif", order.number])
    return unescape(client.get(address).content.decode()).translate(SPACES)


@pytest.fixture
def held(world):
    """Its derogation was signed while the membership had lapsed."""
    order = waiting(world)
    lapse(world)
    sign(world)
    return order


def test_it_leaves_by_itself_once_the_membership_is_mended(world, held):
    tasks.continue_held()
    assert state_of(held) == OrderState.AWAITING_DEROGATION
    join(world)
    tasks.continue_held()
    assert state_of(held) == OrderState.SUBMITTED
    assert Draw.objects.get().order_line.order == held
    event = AuditEvent.objects.get(code="order.continued")
    assert (event.actor_label, event.object_id) == ("SYSTEM", held.pk)
    assert QueuedTask.objects.filter(task_name="orders.prepare_sheet").count() == 1


def test_it_leaves_by_itself_once_the_account_is_confirmed(world):
    order = waiting(world, device=world.rogers_phone, plan=world.rogers_plan)
    accounts = ProviderAccount.objects.filter(provider=order.rank.provider)
    accounts.update(confirmed_at=None, confirmed_by=None)
    sign(world, world.rogers_phone, kinds=[DerogationKind.NETWORK])
    order.refresh_from_db()
    assert [need["rule"] for need in order.needs] == ["R-17"]
    accounts.update(confirmed_at=database_clock(), confirmed_by=UserFactory())
    tasks.continue_held()
    assert state_of(order) == OrderState.SUBMITTED


def test_examined_again_it_writes_only_what_differs(world, held):
    tasks.continue_held()
    before = AuditEvent.objects.count(), QueuedTask.objects.count()
    tasks.continue_held()
    assert (AuditEvent.objects.count(), QueuedTask.objects.count()) == before
    join(world)
    tasks.continue_held()
    after = AuditEvent.objects.count(), QueuedTask.objects.count()
    tasks.continue_held()
    assert (AuditEvent.objects.count(), QueuedTask.objects.count()) == after
    assert Draw.objects.count() == 1


def test_one_that_lacks_its_derogation_is_not_examined(world, django_assert_num_queries):
    order = waiting(world)
    with django_assert_num_queries(1):
        tasks.continue_held()
    lapse(world)
    sign(world, quantity=9, device_model="Un autre téléphone")
    order.refresh_from_db()
    assert [need["rule"] for need in order.needs] == ["R-03", "R-14"]
    with django_assert_num_queries(1):
        tasks.continue_held()


def test_one_whose_derogation_fell_keeps_the_reason(world, signed_then_withdrawn):
    reason = signed_then_withdrawn.needs
    tasks.continue_held()
    signed_then_withdrawn.refresh_from_db()
    assert signed_then_withdrawn.needs == reason


@pytest.fixture
def signed_then_withdrawn(world):
    """A submitted order, put back to wait when what it rested on was withdrawn (R-22)."""
    derogation = signed_derogation(world.dear.version.rank, world.root, kinds=DEAR, quantity=9)
    draft = world.draft(world.line(device=world.dear))
    order = submit_order(order=draft, by=world.alice, attested=True)
    type(derogation).objects.filter(pk=derogation.pk).update(state="withdrawn")
    tasks.stop_on_derogation(derogation.pk)
    order.refresh_from_db()
    assert [need["rule"] for need in order.needs] == ["R-23"]
    return order


def test_what_was_drawn_meanwhile_is_lacking_again(world, held):
    type(sign(world)).objects.update(state="withdrawn")
    join(world)
    tasks.continue_held()
    assert state_of(held) == OrderState.AWAITING_DEROGATION
    assert [need["rule"] for need in held.needs] == ["R-14"]


def test_a_few_at_a_time_and_the_next_ones_in_a_task_of_their_own(world, monkeypatch):
    monkeypatch.setattr(tasks, "HELD_AT_ONCE", 2)
    orders = [waiting(world) for _ in range(3)]
    lapse(world)
    sign(world)
    join(world)
    tasks.continue_held()
    assert [state_of(order) for order in orders] == ["submitted"] * 2 + ["awaiting_derogation"]
    promised = QueuedTask.objects.get(task_name="orders.continue_held")
    assert promised.kwargs == {"beyond": orders[1].pk}
    tasks.continue_held(**promised.kwargs)
    assert state_of(orders[2]) == OrderState.SUBMITTED
    assert QueuedTask.objects.filter(task_name="orders.continue_held").count() == 1


def test_the_order_that_asked_is_served_before_those_that_did_not(world):
    first, second = waiting(world), waiting(world)
    lapse(world)
    derogation = sign(world, quantity=1)
    Reliance.objects.create(
        order_line=second.lines.get(), derogation=derogation, recorded_by=world.alice
    )
    join(world)
    tasks.continue_held()
    assert (state_of(first), state_of(second)) == ("awaiting_derogation", "submitted")
    assert [need["rule"] for need in first.needs] == ["R-14"]


def test_the_clock_asks_every_ten_minutes_as_the_page_says():
    beat = settings.CELERY_BEAT_SCHEDULE["continue-held-orders"]
    assert (beat["task"], beat["schedule"]) == ("orders.continue_held", 600.0)


def test_its_page_says_what_holds_it_and_that_it_leaves_once_mended(world, client, held):
    page = shown(world, client, held)
    assert ON_SIGNING not in page
    assert "La dérogation est là ; autre chose retient cette commande" in page
    assert "Elle part d'elle-même dans les dix minutes" in page
    held.refresh_from_db()
    assert held.needs[0]["sentence"] in page
    join(world)
    page = shown(world, client, held)
    assert "Plus rien ne retient cette commande" in page
    assert held.needs[0]["sentence"] not in page


def test_a_page_of_one_that_only_lacks_its_derogation_says_so(world, client):
    order = waiting(world)
    page = shown(world, client, order)
    assert "Cette commande attend une dérogation" in page
    assert ON_SIGNING in page
    assert order.needs[0]["sentence"] in page


def test_a_page_names_both_when_a_rule_holds_it_too(world, client):
    order = waiting(world)
    lapse(world)
    page = shown(world, client, order)
    assert ON_SIGNING not in page
    assert "une fois la dérogation signée et le reste réglé" in page
    assert order.needs[0]["sentence"] in page
    assert "L'organisme n'a pas adhéré à ce contrat." in page


def test_a_page_tells_to_reopen_it_when_a_line_is_to_be_changed(world, client):
    line = ServiceLineFactory(branch=world.root, provider=world.dear.version.rank.provider)
    order = waiting(world, kind=OrderKind.UPGRADE, service_line=line, plan=None, sim_kind="")
    LineVersion.objects.filter(service_line=line).update(status=LineStatus.CANCELLED)
    sign(world)
    order.refresh_from_db()
    assert [need["rule"] for need in order.needs] == ["F-40"]
    page = shown(world, client, order)
    assert "remettez la commande en brouillon" in page
    assert ON_SIGNING not in page


def test_a_page_keeps_why_its_derogation_fell(world, client, signed_then_withdrawn):
    page = shown(world, client, signed_then_withdrawn)
    assert "Cette commande attend une dérogation" in page
    assert "est retirée : demandez-en une autre" in page
