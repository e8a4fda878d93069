"""The account on which an activated line is charged: the branch's only one, or the one chosen."""

from datetime import date

import pytest
from django.urls import reverse

from orders.kinds import OrderState
from orders.models import LineVersion, Order
from portal.clock import database_clock, today
from tests.members.factories import BranchFactory, ProviderAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(world, client):
    """A new line at the first rank, sent today."""
    made = world.draft(world.line())
    Order.objects.filter(pk=made.pk).update(
        state=OrderState.SENT,
        submitted_at=database_clock(),
        submitted_by=world.alice,
        one_off_amount=0,
        sent_at=database_clock(),
    )
    made.refresh_from_db()
    client.force_login(world.alice)
    return made


def url(name, order, *args):
    return reverse(f"orders:{name}", args=[order.branch.organisation.slug, order.number, *args])


def activate(client, order, **told):
    posted = {"kind": "activated", "reached_on": today().isoformat(), "number": "418 555-0142"}
    data = {f"m1-{name}": value for name, value in (posted | told).items()}
    return client.post(url("milestone_record", order, 1), data)


def page(client, order):
    return client.get(url("order_detail", order)).content.decode()


def account_of(world, **fields):
    provider = world.phone.version.rank.provider
    return ProviderAccountFactory(**{"branch": world.root, "provider": provider} | fields)


def test_the_only_account_of_the_branch_is_taken_without_asking(world, client, order):
    account_of(world, closed_on=date(2021, 1, 1))
    account_of(world, branch=BranchFactory(organisation=world.organisation))
    assert "Compte de facturation" not in page(client, order)
    assert activate(client, order).status_code == 302
    version = LineVersion.objects.get()
    assert version.account.branch == world.root
    assert (version.account.provider, version.account.closed_on) == (order.rank.provider, None)


def test_among_several_one_is_chosen(world, client, order):
    second = account_of(world)
    sister = account_of(world, branch=BranchFactory(organisation=world.organisation))
    assert f'<option value="{second.pk}">{second.number}</option>' in page(client, order)
    assert sister.number not in page(client, order)
    refused = activate(client, order)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Choisissez le compte auquel la ligne est facturée." in text
    assert 'value="418 555-0142"' in text
    assert not LineVersion.objects.exists()
    assert activate(client, order, account=second.pk).status_code == 302
    assert LineVersion.objects.get().account == second


def test_a_branch_without_its_own_is_offered_those_of_its_member_alone(world, client, order):
    provider = order.rank.provider
    own = world.root.provider_accounts.get(provider=provider)
    sister = account_of(world, branch=BranchFactory(organisation=world.organisation))
    own.branch = sister.branch
    own.save()
    stranger = ProviderAccountFactory(provider=provider)
    assert activate(client, order, account=stranger.pk).status_code == 422
    assert f'value="{stranger.pk}">{stranger.number}' not in page(client, order)
    assert activate(client, order, account=own.pk).status_code == 302


def test_another_milestone_asks_no_account(world, client, order):
    account_of(world)
    assert activate(client, order, kind="shipped").status_code == 302
