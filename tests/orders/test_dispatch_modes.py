"""How a provider receives orders: fixed by date, on ITQ's page, by an administrator alone."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from members.roles import StaffRole
from orders import tasks
from orders.actions.dispatch_modes import set_dispatch_mode
from orders.actions.sending import begin_dispatch, conclude_sent, replace_link
from orders.actions.submission import submit_order
from orders.kinds import OrderState, SendingMode
from orders.models import Dispatch, DispatchMode, Order
from orders.queries.console import console_entries
from portal.audit import SYSTEM
from portal.clock import today
from portal.models import AuditEvent
from portal.queue import TryLater
from tests.derogations.races import at_once
from tests.members.factories import (
    ProviderFactory,
    StaffAppointmentFactory,
    UserFactory,
    staff_user,
)
from tests.orders.factories import DispatchModeFactory

pytestmark = pytest.mark.django_db
LIST = "orders:dispatch_mode_list"
NEW = "orders:dispatch_mode_new"


def sign_in(client, role):
    user = UserFactory()
    StaffAppointmentFactory(person=user.person, role=role)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return user


def typed(provider, since, **fields):
    mode = {"mode": "email", "email": "commandes@example.test", **fields}
    return {"provider": provider.pk, "since": since.isoformat(), **mode}


def test_a_mode_begins_where_the_one_before_ends(client):
    sign_in(client, StaffRole.ADMIN)
    provider, day = ProviderFactory(), today()
    client.post(reverse(NEW), typed(provider, day - timedelta(days=30)))
    later = typed(provider, day, mode="provider_portal", email="")
    response = client.post(reverse(NEW), later, follow=True)
    assert "Mode fixé pour TELUS" in response.content.decode()
    periods = [(m.mode, m.valid.lower, m.valid.upper) for m in DispatchMode.objects.all()]
    assert periods == [
        ("provider_portal", day, None),
        ("email", day - timedelta(days=30), day),
    ]


def periods():
    return [(m.email, m.valid.lower, m.valid.upper) for m in DispatchMode.objects.all()]


def replacements():
    events = AuditEvent.objects.filter(code="dispatch_mode.replaced").order_by("pk")
    return [(event.data["email"], event.data["since"]) for event in events]


def test_a_mode_fixed_today_with_a_wrong_address_is_mended_today(client):
    sign_in(client, StaffRole.ADMIN)
    provider, day = ProviderFactory(), today()
    DispatchModeFactory(provider=provider, email="avant@example.test")
    began = DispatchMode.objects.get().valid.lower
    client.post(reverse(NEW), typed(provider, day, email="fautif@example.test"))
    answer = client.post(reverse(NEW), typed(provider, day, email="juste@example.test"))
    assert answer.status_code == 302
    assert periods() == [
        ("juste@example.test", day, None),
        ("avant@example.test", began, day),
    ]
    assert replacements() == [("fautif@example.test", day.isoformat())]


def test_a_mode_to_come_typed_for_the_wrong_year_blocks_no_earlier_day(client):
    sign_in(client, StaffRole.ADMIN)
    provider, day = ProviderFactory(), today()
    DispatchModeFactory(provider=provider, email="avant@example.test")
    began = DispatchMode.objects.get().valid.lower
    wrong, right = date(day.year + 4, 1, 5), day + timedelta(days=9)
    client.post(reverse(NEW), typed(provider, wrong, email="apres@example.test"))
    assert client.post(reverse(NEW), typed(provider, right)).status_code == 302
    assert periods() == [
        ("commandes@example.test", right, None),
        ("avant@example.test", began, right),
    ]
    assert replacements() == [("apres@example.test", wrong.isoformat())]


def test_every_mode_that_begins_on_that_day_or_after_is_replaced(client):
    sign_in(client, StaffRole.ADMIN)
    provider, other, day = ProviderFactory(), ProviderFactory(code="rogers"), today()
    for since in (day, day + timedelta(days=3), day + timedelta(days=6)):
        client.post(reverse(NEW), typed(provider, since))
        client.post(reverse(NEW), typed(other, since))
    client.post(reverse(NEW), typed(provider, day + timedelta(days=3), email="un@example.test"))
    mended = DispatchMode.objects.filter(provider=provider)
    assert [(m.email, (m.valid.lower - day).days) for m in mended] == [
        ("un@example.test", 3),
        ("commandes@example.test", 0),
    ]
    assert DispatchMode.objects.filter(provider=other).count() == 3
    assert len(replacements()) == 2


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_day_before_a_mode_that_began_is_refused_beside_it(client, earlier):
    sign_in(client, StaffRole.ADMIN)
    provider, began = ProviderFactory(), today() - timedelta(days=1)
    client.post(reverse(NEW), typed(provider, began))
    client.post(reverse(NEW), typed(provider, today()))
    response = client.post(reverse(NEW), typed(provider, began - timedelta(days=earlier)))
    assert response.status_code == 422
    (said,) = response.context["form"].errors["since"]
    assert said == f"Un mode a commencé le {began.isoformat()} : choisissez un jour qui le suit."
    assert DispatchMode.objects.count() == 2
    assert replacements() == []


def test_what_left_by_a_mode_replaced_keeps_its_address(world, client):
    """A new link goes to the address of the day."""
    sign_in(client, StaffRole.ADMIN)
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    provider = order.rank.provider
    client.post(reverse(NEW), typed(provider, today(), email="fautif@example.test"))
    dispatch, _token = begin_dispatch(order=order, by=SYSTEM)
    conclude_sent(dispatch=dispatch, by=SYSTEM)
    client.post(reverse(NEW), typed(provider, today(), email="juste@example.test"))
    dispatch.refresh_from_db()
    assert dispatch.recipient == "fautif@example.test"
    assert replacements() == [("fautif@example.test", today().isoformat())]
    renewed, _token = replace_link(dispatch=dispatch, by=SYSTEM)
    assert renewed.recipient == "juste@example.test"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_leave_one_mode():
    provider, day = ProviderFactory(), today()
    DispatchModeFactory(provider=provider, valid=DateRange(day, None))
    admin = staff_user(StaffRole.ADMIN)

    def fix(email):
        def act():
            set_dispatch_mode(
                provider=provider, mode=SendingMode.EMAIL, email=email, since=day, by=admin
            )
            return "fixed"

        return act

    told = at_once(fix("un@example.test"), fix("deux@example.test"))
    assert told == ["fixed", "fixed"]
    assert DispatchMode.objects.count() == 1
    assert len(replacements()) == 2


def test_a_mode_by_mail_asks_for_an_address(client):
    sign_in(client, StaffRole.ADMIN)
    response = client.post(reverse(NEW), typed(ProviderFactory(), today(), email=""))
    assert response.status_code == 422
    assert response.context["form"].errors["email"]


@pytest.mark.parametrize("name", [LIST, NEW])
def test_an_agent_is_told_that_the_role_does_not_allow_it(client, name):
    sign_in(client, StaffRole.AGENT)
    assert client.get(reverse(name)).status_code == 403


def test_an_order_waits_until_its_provider_has_a_mode(world, client):
    DispatchMode.objects.all().delete()
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    with pytest.raises(TryLater, match="Aucun mode de transmission en vigueur pour TELUS"):
        tasks.transmit(order.pk)
    assert Order.objects.get().state == OrderState.SUBMITTED
    admin = sign_in(client, StaffRole.ADMIN)
    (waiting,) = [one for one in console_entries(admin) if "sans mode" in one.label]
    assert list(waiting.rows) == [order]
    told = "a aucun mode en vigueur"
    assert told in client.get(reverse(LIST)).content.decode()
    DispatchModeFactory(provider=order.rank.provider, mode=SendingMode.PROVIDER_PORTAL, email="")
    assert told not in client.get(reverse(LIST)).content.decode()
    tasks.transmit(order.pk)
    assert Dispatch.objects.get().outcome == Dispatch.Outcome.PENDING
