"""How a provider receives orders: fixed by date, on ITQ's page, by an administrator alone."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from members.roles import StaffRole
from orders import tasks
from orders.actions.submission import submit_order
from orders.kinds import OrderState, SendingMode
from orders.models import Dispatch, DispatchMode, Order
from orders.queries.console import console_entries
from portal.clock import today
from portal.queue import TryLater
from tests.members.factories import ProviderFactory, StaffAppointmentFactory, UserFactory
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


def test_a_mode_that_clashes_is_told_beside_its_day(client):
    sign_in(client, StaffRole.ADMIN)
    provider, day = ProviderFactory(), date(2030, 1, 1)
    client.post(reverse(NEW), typed(provider, day))
    response = client.post(reverse(NEW), typed(provider, day))
    assert response.status_code == 422
    assert response.context["form"].errors["since"]
    assert DispatchMode.objects.count() == 1


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
