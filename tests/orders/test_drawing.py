"""Draws: what an order takes from a signed derogation, what goes on, what waits (D-11, D-12)."""

from datetime import timedelta

import pgtrigger
import pytest
from django.core.exceptions import ValidationError

from derogations.kinds import DerogationOrigin, DerogationState, HeadDecision
from derogations.states import WITHDRAW
from members.permissions import Refused
from members.powers import DerogationKind
from members.roles import Role
from orders import tasks
from orders.actions.derogations import ask_derogation, renew_derogation
from orders.actions.drafts import change_order_line
from orders.actions.drawing import choose_derogation
from orders.actions.milestones import record_milestone
from orders.actions.sending import record_provider_entry
from orders.actions.submission import cancel_order, reopen_order, submit_order
from orders.kinds import MilestoneKind, OrderKind, OrderState
from orders.models import Dispatch, Draw, Order, Reliance
from portal.audit import SYSTEM
from portal.clock import today
from portal.models import AuditEvent, QueuedTask
from portal.workflow import advance
from tests.catalogue.factories import CatalogueVersionFactory
from tests.derogations.factories import PlaceFactory
from tests.members.factories import respondent_user
from tests.orders.factories import signed_derogation

pytestmark = pytest.mark.django_db
DEAR = [DerogationKind.NON_ZERO_COST]


@pytest.fixture(autouse=True)
def sheet(monkeypatch):
    """A sheet without the two seconds of rendering."""
    from portal.files import store

    def rendered(order):
        return store(order.number.encode(), name="bon.pdf", content_type="application/pdf")

    monkeypatch.setattr(tasks, "render_sheet", rendered)


@pytest.fixture
def signed(world):
    """Sign a derogation for dear devices of the first rank, as the signing room does."""

    def sign(quantity=3, **fields):
        rank = world.dear.version.rank
        values = {"kinds": DEAR, "quantity": quantity, **fields}
        return signed_derogation(rank, world.root, **values)

    return sign


def submitted(world, *lines) -> Order:
    order = world.draft(*(lines or [world.line(device=world.dear)]))
    return submit_order(order=order, by=world.alice, attested=True)


def state_of(row) -> str:
    row.refresh_from_db()
    return row.state


def live(derogation) -> int:
    return sum(d.quantity for d in Draw.objects.filter(derogation=derogation, released_at=None))


def test_submission_draws_on_the_derogation_that_covers(world, signed):
    derogation = signed(3)
    order = submitted(world)
    assert order.state == OrderState.SUBMITTED
    draw = Draw.objects.get()
    assert (draw.derogation, draw.quantity, draw.kinds) == (derogation, 1, DEAR)
    assert state_of(derogation) == DerogationState.SIGNED
    assert AuditEvent.objects.get(code="draw.made").data["derogation"] == derogation.number


def test_the_last_one_drawn_uses_the_derogation_up(world, signed):
    derogation = signed(1)
    submitted(world)
    assert state_of(derogation) == DerogationState.EXHAUSTED
    second = submitted(world)
    assert second.state == OrderState.AWAITING_DEROGATION
    assert live(derogation) == 1


def test_an_order_draws_whole_or_not_at_all(world, signed):
    derogation = signed(1)
    lines = [world.line(device=world.dear, holder=holder) for holder in world.holders[:2]]
    order = submitted(world, *lines)
    assert order.state == OrderState.AWAITING_DEROGATION
    assert live(derogation) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"state": DerogationState.SUBMITTED},
        {"state": DerogationState.EXPIRED},
        {"state": DerogationState.WITHDRAWN},
        {"ends_on": today() - timedelta(days=1)},
        {"kinds": [DerogationKind.NETWORK]},
        {"device_model": "Un autre téléphone"},
        {"one_off_amount": 100},
        {"origin": DerogationOrigin.EARLIER},
    ],
)
def test_what_was_not_signed_for_covers_nothing(world, signed, fields):
    derogation = signed(3, **fields)
    assert submitted(world).state == OrderState.AWAITING_DEROGATION
    assert live(derogation) == 0


def test_a_refused_head_covers_nothing(world, signed):
    with pgtrigger.ignore("derogations.Head:head_frozen"):
        signed(3).heads.update(decision=HeadDecision.REFUSED)
    assert submitted(world).state == OrderState.AWAITING_DEROGATION


def test_the_last_day_of_a_derogation_still_covers(world, signed):
    signed(3, ends_on=today())
    assert submitted(world).state == OrderState.SUBMITTED


def test_a_blocked_order_goes_on_by_itself_once_the_derogation_is_signed(world, signed):
    order = submitted(world)
    request = ask_derogation(
        order_line=order.lines.get(), kind=DerogationKind.NON_ZERO_COST, by=world.alice
    )
    assert (request.offer, request.quantity) == (world.dear, 1)
    request.heads.update(decision=HeadDecision.SIGNED)
    type(request).objects.filter(pk=request.pk).update(
        state=DerogationState.SIGNED, version=signed(state=DerogationState.CANCELLED).version
    )
    tasks.draw_on_derogation(request.pk)
    assert state_of(order) == OrderState.SUBMITTED
    event = AuditEvent.objects.get(code="order.continued")
    assert (event.actor_label, event.object_id) == ("SYSTEM", order.pk)
    tasks.draw_on_derogation(request.pk)
    assert Draw.objects.count() == 1
    tasks.prepare_sheet(order.pk)
    tasks.transmit(order.pk)
    assert state_of(order) == OrderState.SENT


def test_what_was_signed_during_the_submission_is_drawn_on_once_it_is_over(world, signed):
    order = submitted(world)
    derogation = signed(1)  # its own task ran before the order was seen to wait
    promised = QueuedTask.objects.get(task_name="orders.examine_held")
    tasks.examine_held(**promised.kwargs)
    assert state_of(order) == OrderState.SUBMITTED
    assert live(derogation) == 1
    tasks.examine_held(**promised.kwargs)
    assert live(derogation) == 1


def test_the_order_that_asked_is_served_before_those_that_did_not(world, signed):
    first, second = submitted(world), submitted(world)
    derogation = signed(1)
    Reliance.objects.create(
        order_line=second.lines.get(), derogation=derogation, recorded_by=world.alice
    )
    tasks.draw_on_derogation(derogation.pk)
    assert (state_of(first), state_of(second)) == (
        OrderState.AWAITING_DEROGATION,
        OrderState.SUBMITTED,
    )


def test_rules_run_again_before_a_held_order_goes_on(world, signed):
    order = submitted(world)
    world.organisation.memberships.all().delete()
    derogation = signed(3)
    tasks.draw_on_derogation(derogation.pk)
    assert state_of(order) == OrderState.AWAITING_DEROGATION
    assert [need["rule"] for need in order.needs] == ["R-03"]
    assert live(derogation) == 0
    count = AuditEvent.objects.filter(code="order.left_waiting").count()
    tasks.draw_on_derogation(derogation.pk)
    assert AuditEvent.objects.filter(code="order.left_waiting").count() == count == 1


def test_a_frozen_order_keeps_its_article_when_the_list_changes(world, signed):
    """Even on the very day it was submitted."""
    order = submitted(world)
    CatalogueVersionFactory(rank=order.rank, number=99, effective_on=today())
    derogation = signed(3)
    tasks.draw_on_derogation(derogation.pk)
    assert state_of(order) == OrderState.SUBMITTED
    with pytest.raises(ValidationError, match="plus au catalogue"):
        submitted(world)


def test_cancelling_gives_back_and_the_next_order_goes_on(world, signed):
    derogation = signed(1)
    first, second = submitted(world), submitted(world)
    cancel_order(order=first, by=world.alice, reason="Erreur")
    assert state_of(derogation) == DerogationState.SIGNED
    promised = QueuedTask.objects.get(task_name="orders.draw_on_derogation")
    tasks.draw_on_derogation(**promised.kwargs)
    assert state_of(second) == OrderState.SUBMITTED
    assert state_of(derogation) == DerogationState.EXHAUSTED
    assert Draw.objects.get(order_line__order=first).release_reason == "Commande annulée : Erreur"


def test_a_line_that_the_provider_refuses_gives_back_what_it_drew(world, signed):
    derogation = signed(1)
    order = submitted(world)
    tasks.prepare_sheet(order.pk)
    tasks.transmit(order.pk)
    record_milestone(
        order_line=order.lines.get(),
        kind=MilestoneKind.REFUSED,
        reached_on=today(),
        by=world.alice,
    )
    assert live(derogation) == 0
    assert state_of(derogation) == DerogationState.SIGNED


@pytest.fixture(params=["withdrawn", "over"])
def fall(request, monkeypatch):
    """What takes a derogation down: its signature withdrawn, or its end past."""

    def withdraw(derogation):
        advance(WITHDRAW, on=derogation, by=SYSTEM)

    def pass_its_end(derogation):
        after = derogation.ends_on + timedelta(days=1)
        monkeypatch.setattr("orders.actions.drawing.today", lambda: after)

    return withdraw if request.param == "withdrawn" else pass_its_end


def test_what_is_not_sent_waits_again_when_its_derogation_falls(world, signed, fall):
    derogation = signed(3, ends_on=today())
    order = submitted(world)
    fall(derogation)
    tasks.stop_on_derogation(derogation.pk)
    assert state_of(order) == OrderState.AWAITING_DEROGATION
    assert derogation.number in order.needs[0]["sentence"]
    assert live(derogation) == 0
    assert reopen_order(order=order, by=world.alice, reason="Autre besoin").state == "draft"


def test_sending_asks_again_under_the_lock(world, signed, fall):
    derogation = signed(3, ends_on=today())
    order = submitted(world)
    tasks.prepare_sheet(order.pk)
    fall(derogation)
    tasks.transmit(order.pk)
    assert state_of(order) == OrderState.AWAITING_DEROGATION
    assert not Dispatch.objects.exists()
    assert order.sheet is None


def test_a_derogation_used_up_holds_what_was_drawn_on_it(world, signed):
    derogation = signed(1)
    order = submitted(world)
    tasks.stop_on_derogation(derogation.pk)
    tasks.prepare_sheet(order.pk)
    tasks.transmit(order.pk)
    assert state_of(order) == OrderState.SENT


def test_an_order_to_key_in_is_not_entered_once_its_derogation_fell(world, fall):
    rank = world.rogers_phone.version.rank
    derogation = signed_derogation(rank, world.root, quantity=3, ends_on=today())
    order = submitted(
        world,
        world.line(kind=OrderKind.NEW_LINE, device=world.rogers_phone, plan=world.rogers_plan),
    )
    tasks.prepare_sheet(order.pk)
    tasks.transmit(order.pk)
    fall(derogation)
    with pytest.raises(ValidationError, match=derogation.number):
        record_provider_entry(order=order, confirmation="R-1", by=world.alice)
    tasks.stop_on_derogation(derogation.pk)
    assert state_of(order) == OrderState.AWAITING_DEROGATION
    assert Dispatch.objects.get().outcome == Dispatch.Outcome.VOID


def test_one_request_stands_for_every_like_line_of_the_order(world):
    lines = [world.line(device=world.dear, holder=holder) for holder in world.holders]
    order = world.draft(*lines, world.line())
    request = ask_derogation(
        order_line=order.lines.first(), kind=DerogationKind.NON_ZERO_COST, by=world.alice
    )
    assert request.quantity == 3
    assert list(request.heads.values_list("kind", flat=True)) == DEAR
    assert (str(request.one_off_amount), str(request.monthly_amount)) == ("329.00", "19.50")
    assert request.device_model == world.dear.name
    assert request.external_reference == order.number
    assert sorted(r.order_line.position for r in Reliance.objects.all()) == [1, 2, 3]
    with pytest.raises(ValidationError, match=request.number):
        ask_derogation(order_line=order.lines.first(), kind="", by=world.alice)


def test_another_article_leaves_the_request_and_may_ask_its_own(world):
    order = world.draft(world.line(device=world.dear))
    line = order.lines.get()
    asked = ask_derogation(order_line=line, kind="", by=world.alice)
    change_order_line(
        order_line=line, draft=world.line(device=world.dear, quantity=2), by=world.alice
    )
    assert line.reliances.get().derogation == asked
    change_order_line(order_line=line, draft=world.line(), by=world.alice)
    assert not line.reliances.exists()


def test_a_second_rank_dear_device_makes_one_request_with_two_heads(world):
    world.rogers_phone.is_zero_cost = False
    world.rogers_phone.save()
    order = world.draft(world.line(device=world.rogers_phone, plan=world.rogers_plan))
    request = ask_derogation(
        order_line=order.lines.get(), kind=DerogationKind.TECHNOLOGICAL, by=world.alice
    )
    assert set(request.heads.values_list("kind", flat=True)) == {
        DerogationKind.TECHNOLOGICAL,
        DerogationKind.NON_ZERO_COST,
    }
    assert request.provider == world.rogers_phone.version.rank.provider


def test_a_line_that_needs_nothing_asks_nothing(world):
    order = world.draft()
    with pytest.raises(ValidationError, match="aucune autre"):
        ask_derogation(order_line=order.lines.first(), kind="", by=world.alice)
    with pytest.raises(Refused):
        ask_derogation(
            order_line=order.lines.first(),
            kind="",
            by=respondent_user(Role.MANDA, world.root),
        )


def test_where_two_would_do_the_soonest_end_serves_unless_rcell_chooses(world, signed):
    late = signed(3, ends_on=today() + timedelta(days=90))
    soon = signed(3, ends_on=today() + timedelta(days=9))
    order = world.draft(world.line(device=world.dear))
    submit_order(order=order, by=world.alice, attested=True)
    assert live(soon) == 1
    other = world.draft(world.line(device=world.dear))
    choose_derogation(order_line=other.lines.get(), derogation=late, by=world.alice)
    submit_order(order=other, by=world.alice, attested=True)
    assert (live(soon), live(late)) == (1, 1)


def test_a_derogation_for_elsewhere_covers_only_when_rcell_says_so(world, signed):
    derogation = signed(3)
    PlaceFactory(derogation=derogation, municipality="Lac-Fictif")
    order = submitted(world)
    assert order.state == OrderState.AWAITING_DEROGATION
    choose_derogation(order_line=order.lines.get(), derogation=derogation, by=world.alice)
    assert state_of(order) == OrderState.SUBMITTED
    near = signed(3)
    PlaceFactory(derogation=near, municipality="saint fictif")
    assert submitted(world).state == OrderState.SUBMITTED
    assert live(near) == 1


def test_a_derogation_that_would_not_do_cannot_be_chosen(world, signed):
    spent = signed(3, state=DerogationState.EXPIRED)
    order = world.draft(world.line(device=world.dear))
    with pytest.raises(ValidationError, match="ne couvre pas"):
        choose_derogation(order_line=order.lines.get(), derogation=spent, by=world.alice)


def test_a_renewal_is_filled_with_what_the_derogation_said(world, signed):
    derogation = signed(3, ends_on=today() + timedelta(days=30), need="Besoin spécialisé")
    PlaceFactory(derogation=derogation)
    renewal = renew_derogation(derogation=derogation, by=world.alice)
    assert (renewal.renews, renewal.need) == (derogation, "Besoin spécialisé")
    assert renewal.wanted_on == derogation.ends_on + timedelta(days=1)
    assert renewal.ends_on is None
    assert renewal.places.get().municipality == "Saint-Fictif"
    with pytest.raises(ValidationError, match=renewal.number):
        renew_derogation(derogation=derogation, by=world.alice)
