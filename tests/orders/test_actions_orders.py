"""Drafts, submission, sending and milestones, from the draft to the line in service."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from members.permissions import Refused, Unseen
from members.roles import Role, StaffRole
from orders import tasks
from orders.actions.drafts import add_lines, change_order_line, remove_order_line, repeat_order
from orders.actions.milestones import Activation, close_order, receive_order, record_milestone
from orders.actions.sending import (
    ask_new_link,
    record_placed_order,
    record_provider_entry,
    settle_sending,
)
from orders.actions.submission import cancel_order, reopen_order, submit_order
from orders.kinds import MilestoneKind, OrderKind, OrderState
from orders.models import Dispatch, DispatchMode, LineVersion, Order
from orders.queries.orders import offers_of_today
from portal.clock import midnight, today
from portal.models import AuditEvent, QueuedTask
from portal.queue import TryLater
from portal.workflow import TransitionRefused
from tests.members.factories import BranchFactory, OrganisationFactory, respondent_user, staff_user
from tests.orders.factories import (
    DeliveryAddressFactory,
    HolderFactory,
    LineVersionFactory,
    ServiceLineFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(monkeypatch):
    """A sheet without the two seconds of rendering; the real one is read in test_documents."""
    from portal.files import store

    def rendered(order):
        return store(order.number.encode(), name="bon.pdf", content_type="application/pdf")

    monkeypatch.setattr(tasks, "render_sheet", rendered)


def sent(world, *lines) -> Order:
    order = submit_order(order=world.draft(*lines), by=world.alice, attested=True)
    tasks.prepare_sheet(order.pk)
    tasks.transmit(order.pk)
    order.refresh_from_db()
    return order


def link_of(message) -> str:
    """The path of the link that a message carries."""
    link = next(word for word in message.body.split() if "/bon/" in word)
    return "/bon/" + link.split("/bon/")[1]


def test_three_phones_for_three_holders_freeze_their_prices(world):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    assert order.state == OrderState.SUBMITTED
    assert order.one_off_amount == 0
    assert str(order.monthly_amount) == "58.50"
    assert (str(order.monthly_tps_amount), str(order.monthly_tvq_amount)) == ("2.93", "5.84")
    assert [str(line.monthly_amount) for line in order.lines.all()] == ["19.50"] * 3
    assert QueuedTask.objects.get(task_name="orders.prepare_sheet").kwargs == {"order_id": order.pk}
    event = AuditEvent.objects.get(code="order.submitted")
    assert event.hat == f"Représentant cellulaire, {world.root}"
    assert event.data["after"] == "submitted"


def test_only_a_representative_of_the_branch_orders(world):
    order = world.draft()
    with pytest.raises(Refused):
        submit_order(order=order, by=respondent_user(Role.FACTU, world.root), attested=True)
    stranger = respondent_user(Role.RCELL, OrganisationFactory().branches.get())
    with pytest.raises(Unseen):
        add_lines(order=order, drafts=[world.line()], by=stranger)
    assert order.lines.count() == 3


def test_without_the_attestation_nothing_is_submitted(world):
    order = world.draft()
    with pytest.raises(ValidationError, match="usage professionnel"):
        submit_order(order=order, by=world.alice, attested=False)
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


def test_an_order_that_lacks_a_derogation_waits_and_sends_nothing(world):
    order = submit_order(
        order=world.draft(world.line(device=world.dear)), by=world.alice, attested=True
    )
    assert order.state == OrderState.AWAITING_DEROGATION
    assert [need["rule"] for need in order.needs] == ["R-14"]
    promised = QueuedTask.objects.filter(task_name__startswith="orders.")
    assert [task.task_name for task in promised] == ["orders.examine_held"]
    again = reopen_order(order=order, by=world.alice, reason="Autre modèle")
    assert again.state == OrderState.DRAFT


def test_a_flexible_plan_on_a_subsidised_phone_is_refused_with_its_sentence(world):
    with pytest.raises(ValidationError, match="non subventionné"):
        submit_order(
            order=world.draft(world.line(plan=world.flexible)), by=world.alice, attested=True
        )


def test_the_imei_of_a_device_still_subsidised_in_the_fleet_is_refused(world):
    """Whatever the plan; a device of another member says nothing, and neither does a past end."""
    imei = "490154203237518"
    line = ServiceLineFactory(branch=world.root, version__imei=imei)
    theirs = {"service_line__branch": OrganisationFactory().branches.get(), "imei": imei}
    LineVersionFactory(subsidy_ends_on=today() + timedelta(days=9), **theirs)
    card = world.line(kind=OrderKind.SIM_ONLY, device=None, own_imei=imei)

    def ends_on(day):
        line.versions.update(subsidy_ends_on=day)

    for day in (None, today()):
        ends_on(day)
        assert submit_order(order=world.draft(card), by=world.alice, attested=True).submitted_at
    ends_on(today() + timedelta(days=1))
    with pytest.raises(ValidationError, match="encore subventionné"):
        submit_order(order=world.draft(card), by=world.alice, attested=True)
    flexible = replace(card, plan=world.flexible)
    with pytest.raises(ValidationError, match="Le forfait flexible ne va"):
        submit_order(order=world.draft(flexible), by=world.alice, attested=True)


def test_what_a_line_names_stays_inside_its_order(world):
    sister = BranchFactory(organisation=world.organisation)
    strange = {
        "holder": HolderFactory(branch=sister),
        "address": DeliveryAddressFactory(branch=sister),
        "device": world.rogers_phone,
    }
    order = world.draft()
    for name, value in strange.items():
        with pytest.raises(ValidationError) as refusal:
            add_lines(order=order, drafts=[world.line(**{name: value})], by=world.alice)
        assert list(refusal.value.message_dict) == [name]
    with pytest.raises(ValidationError) as refusal:
        add_lines(order=order, drafts=[world.line(plan=None)], by=world.alice)
    assert list(refusal.value.message_dict) == ["plan"]


def test_lines_keep_their_order_when_one_is_changed_or_removed(world):
    order = world.draft()
    first, second, third = order.lines.all()
    remove_order_line(order_line=second, by=world.alice)
    assert [line.position for line in order.lines.all()] == [1, 2]
    change_order_line(order_line=first, draft=world.line(holder=third.holder), by=world.alice)
    assert order.lines.first().holder == third.holder


def test_a_risky_submission_asks_a_second_factor(world):
    world.address.confirmed_at = world.address.confirmed_by = None
    world.address.save()
    with pytest.raises(Refused, match="n'est pas confirmée"):
        submit_order(order=world.draft(), by=world.alice, attested=True)
    world.alice = respondent_user(Role.RCELL, world.root)
    assert submit_order(order=world.draft(), by=world.alice, attested=True).submitted_at


def test_a_submitted_order_changes_no_more(world):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    with pytest.raises(ValidationError, match="plus un brouillon"):
        add_lines(order=order, drafts=[world.line()], by=world.alice)
    with pytest.raises(TransitionRefused):
        submit_order(order=order, by=world.alice, attested=True)


@pytest.mark.usefixtures("sheet")
class TestSending:
    def test_the_provider_gets_a_link_and_no_holder_s_name(self, world, client):
        order = sent(world)
        assert order.state == OrderState.SENT
        (message,) = mail.outbox
        assert message.to == ["commandes@telus.test"]
        assert order.number in message.subject
        assert not any(holder.name in message.body for holder in world.holders)
        path = link_of(message)
        assert client.get(path).status_code == 200
        assert Dispatch.objects.get().downloaded_at is None
        assert b"".join(client.post(path).streaming_content) == order.number.encode()
        assert Dispatch.objects.get().downloaded_at
        Dispatch.objects.update(link_expires_at=order.created_at - timedelta(days=1))
        assert client.get(path).status_code == 404
        assert client.get("/bon/inconnu/").status_code == 404

    def test_a_new_link_opens_the_same_sheet_and_the_last_one_no_more(self, world, client):
        order = sent(world)
        DispatchMode.objects.filter(email__gt="").update(email="nouvelle@telus.test")
        with pytest.raises(Refused):
            ask_new_link(order=order, by=respondent_user(Role.FACTU, world.root))
        ask_new_link(order=order, by=world.alice)
        assert QueuedTask.objects.filter(task_name="orders.renew_link").count() == 1
        tasks.renew_link(Dispatch.objects.get().pk)
        first, second = (link_of(message) for message in mail.outbox)
        assert mail.outbox[1].to == ["nouvelle@telus.test"]
        assert client.get(first).status_code == 404
        assert b"".join(client.post(second).streaming_content) == order.number.encode()
        told = AuditEvent.objects.filter(code__startswith="dispatch.link_").order_by("pk")
        assert [(event.code, event.actor_id) for event in told] == [
            ("dispatch.link_asked", world.alice.pk),
            ("dispatch.link_renewed", None),
        ]
        receive_order(order=order, by=world.alice)
        with pytest.raises(ValidationError, match="pas encore reçue"):
            ask_new_link(order=order, by=world.alice)

    def test_a_new_link_is_mailed_again_until_it_leaves(self, world, monkeypatch):
        order = sent(world)
        ask_new_link(order=order, by=world.alice)

        def silence(*args):
            raise TimeoutError

        monkeypatch.setattr("orders.couriers.order_message", silence)
        with pytest.raises(TryLater):
            tasks.renew_link(Dispatch.objects.get().pk)
        order.refresh_from_db()
        assert order.state == OrderState.SENT

    def test_a_sending_is_done_once_however_often_it_is_driven(self, world):
        order = sent(world)
        tasks.prepare_sheet(order.pk)
        tasks.transmit(order.pk)
        assert len(mail.outbox) == 1
        assert Dispatch.objects.count() == 1

    def test_a_time_out_waits_for_a_person(self, world, monkeypatch):
        def silence(*args):
            raise TimeoutError("no answer")

        monkeypatch.setattr("orders.couriers.order_message", silence)
        order = sent(world)
        assert order.state == OrderState.SENDING_UNKNOWN
        tasks.transmit(order.pk)
        assert mail.outbox == []
        with pytest.raises(Refused):
            settle_sending(order=order, arrived=True, note="", by=world.alice)
        monkeypatch.undo()
        agent = staff_user(StaffRole.AGENT)
        settled = settle_sending(order=order, arrived=False, note="Rien reçu", by=agent)
        assert settled.state == OrderState.SUBMITTED
        tasks.transmit(order.pk)
        order.refresh_from_db()
        assert order.state == OrderState.SENT
        assert len(mail.outbox) == 1

    def test_a_refused_connection_is_tried_again(self, world, monkeypatch):
        def refused(*args):
            raise ConnectionRefusedError

        monkeypatch.setattr("orders.couriers.order_message", refused)
        order = submit_order(order=world.draft(), by=world.alice, attested=True)
        tasks.prepare_sheet(order.pk)
        with pytest.raises(TryLater):
            tasks.transmit(order.pk)
        monkeypatch.undo()
        tasks.transmit(order.pk)
        assert Order.objects.get().state == OrderState.SENT

    def test_a_worker_killed_while_sending_leaves_it_to_a_person(self, world, monkeypatch):
        order = submit_order(order=world.draft(), by=world.alice, attested=True)
        tasks.prepare_sheet(order.pk)
        monkeypatch.setattr(tasks, "carry", lambda *a: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            tasks.transmit(order.pk)
        with pytest.raises(ValidationError, match="en cours"):
            cancel_order(order=order, by=world.alice, reason="Erreur")
        tasks.transmit(order.pk)
        assert Order.objects.get().state == OrderState.SENDING_UNKNOWN

    def test_at_rogers_the_representative_keys_it_in(self, world):
        order = submit_order(
            order=world.draft(world.line(device=world.rogers_phone, plan=world.rogers_plan)),
            by=world.alice,
            attested=True,
        )
        assert order.state == OrderState.AWAITING_DEROGATION
        Order.objects.update(state=OrderState.SUBMITTED)
        tasks.prepare_sheet(order.pk)
        tasks.transmit(order.pk)
        tasks.transmit(order.pk)
        assert Order.objects.get().state == OrderState.SUBMITTED
        done = record_provider_entry(order=order, confirmation="R-778", by=world.alice)
        assert (done.state, done.provider_confirmation) == (OrderState.SENT, "R-778")
        assert mail.outbox == []

    def test_an_order_placed_at_the_provider_already_is_judged_and_goes_to_nobody(self, world):
        day = today() - timedelta(days=3)
        told = {"placed_on": day, "confirmation": "T-12", "attested": True, "by": world.alice}
        with pytest.raises(ValidationError, match="à venir"):
            record_placed_order(
                order=world.draft(), **{**told, "placed_on": today() + timedelta(days=1)}
            )
        with pytest.raises(ValidationError, match="usage professionnel"):
            record_placed_order(order=world.draft(), **{**told, "attested": False})
        dear = world.draft(world.line(device=world.dear))
        with pytest.raises(ValidationError, match="dérogation signée"):
            record_placed_order(order=dear, **told)
        dear.refresh_from_db()
        assert dear.state == OrderState.DRAFT
        order = record_placed_order(order=world.draft(), **told)
        assert (order.state, order.provider_confirmation) == (OrderState.SENT, "T-12")
        assert (order.sent_at, str(order.monthly_amount)) == (midnight(day), "58.50")
        tasks.prepare_sheet(order.pk)
        tasks.transmit(order.pk)
        order.refresh_from_db()
        assert order.sheet
        assert not QueuedTask.objects.filter(task_name="orders.transmit").exists()
        assert mail.outbox == []
        assert order.dispatches.get().detail == "T-12"
        event = AuditEvent.objects.get(code="order.sent")
        assert event.hat == f"Représentant cellulaire, {world.root}"
        record_milestone(
            order_line=order.lines.first(),
            kind=MilestoneKind.SHIPPED,
            reached_on=day,
            by=world.alice,
        )

    def test_a_file_is_dropped_whole(self, world, data_dir):
        DispatchMode.objects.filter(email__gt="").update(mode="file")
        order = sent(world)
        dropped = data_dir / "dispatch" / "telus" / f"{order.number}.pdf"
        assert dropped.read_bytes() == order.number.encode()

    def test_an_order_is_cancellable_until_sent(self, world):
        order = submit_order(order=world.draft(), by=world.alice, attested=True)
        cancelled = cancel_order(order=order, by=world.alice, reason="Poste aboli")
        assert cancelled.cancel_reason == "Poste aboli"
        with pytest.raises(TransitionRefused):
            cancel_order(order=sent(world), by=world.alice, reason="Trop tard")


@pytest.mark.usefixtures("sheet")
class TestMilestones:
    def test_an_activation_puts_the_line_in_service(self, world):
        order = sent(world, world.line())
        line = order.lines.get()
        for kind in (MilestoneKind.ACKNOWLEDGED, MilestoneKind.SHIPPED):
            record_milestone(order_line=line, kind=kind, reached_on=today(), by=world.alice)
        assert Order.objects.get().state == OrderState.ACKNOWLEDGED
        with pytest.raises(ValidationError, match="ni activée"):
            close_order(order=order, by=world.alice)
        record_milestone(
            order_line=line,
            kind=MilestoneKind.ACTIVATED,
            reached_on=today(),
            activation=Activation(number="418 555-0142", imei="490154203237518"),
            by=world.alice,
        )
        version = LineVersion.objects.get()
        assert (version.number, version.holder, version.cost_centre) == (
            "4185550142",
            line.holder,
            line.cost_centre,
        )
        assert version.subsidy_ends_on
        receive_order(order=order, by=world.alice)
        assert close_order(order=order, by=world.alice).state == OrderState.CLOSED

    def test_an_activation_says_its_number(self, world):
        line = sent(world, world.line()).lines.get()
        with pytest.raises(ValidationError):
            record_milestone(
                order_line=line, kind=MilestoneKind.ACTIVATED, reached_on=today(), by=world.alice
            )
        assert not line.milestones.exists()

    def test_a_milestone_is_neither_to_come_nor_before_the_sending_nor_twice(self, world):
        line = sent(world, world.line()).lines.get()
        for day in (today() + timedelta(days=1), today() - timedelta(days=1)):
            with pytest.raises(ValidationError):
                record_milestone(
                    order_line=line, kind=MilestoneKind.SHIPPED, reached_on=day, by=world.alice
                )
        agent = staff_user(StaffRole.AGENT)
        record_milestone(order_line=line, kind=MilestoneKind.REFUSED, reached_on=today(), by=agent)
        with pytest.raises(ValidationError, match="refusé"):
            record_milestone(
                order_line=line, kind=MilestoneKind.SHIPPED, reached_on=today(), by=world.alice
            )

    def test_an_order_refused_whole_is_not_confirmed_and_is_closed_as_refused(self, world, client):
        order = sent(world, world.line(), world.line(holder=world.holders[1]))
        first, second = order.lines.all()
        client.force_login(world.alice)
        page = f"/organismes/{world.organisation.slug}/commandes/{order.number}/"
        for line in (first, second):
            assert "Clore la commande refusée" not in client.get(page).content.decode()
            record_milestone(
                order_line=line, kind=MilestoneKind.REFUSED, reached_on=today(), by=world.alice
            )
        assert Order.objects.get().state == OrderState.SENT
        shown = client.get(page).content.decode()
        assert "TELUS a refusé toutes les lignes" in shown
        assert "Clore la commande refusée" in shown
        assert "Commande reçue" not in shown
        assert close_order(order=order, by=world.alice).state == OrderState.CLOSED
        assert AuditEvent.objects.filter(code="order.closed_refused").exists()

    def test_a_line_refused_beside_one_confirmed_leaves_the_order_confirmed(self, world):
        order = sent(world, world.line(), world.line(holder=world.holders[1]))
        kinds = (MilestoneKind.REFUSED, MilestoneKind.ACKNOWLEDGED)
        for line, kind in zip(order.lines.all(), kinds, strict=True):
            record_milestone(order_line=line, kind=kind, reached_on=today(), by=world.alice)
        assert Order.objects.get().state == OrderState.ACKNOWLEDGED

    def test_an_order_sent_in_the_evening_was_sent_that_day(self, world):
        """At 22 h here it is tomorrow in London."""
        order = sent(world, world.line())
        Order.objects.update(sent_at=midnight(today()) - timedelta(hours=2))
        shipped = record_milestone(
            order_line=order.lines.get(),
            kind=MilestoneKind.SHIPPED,
            reached_on=today() - timedelta(days=1),
            by=world.alice,
        )
        assert shipped.reached_on == today() - timedelta(days=1)


def test_the_last_order_is_made_again_at_today_s_offers(world):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    copy = repeat_order(order=order, offers=offers_of_today(order), by=world.alice)
    assert copy.pk != order.pk
    assert [line.holder for line in copy.lines.all()] == world.holders
    with pytest.raises(ValidationError, match="au catalogue"):
        repeat_order(order=order, offers={}, by=world.alice)


def test_a_holder_written_by_name_is_recorded_with_the_line(world):
    order = world.draft(world.line(holder=None, new_holder="Roxanne Côté"))
    assert order.lines.get().holder.name == "Roxanne Côté"
    assert order.lines.get().kind == OrderKind.NEW_LINE
