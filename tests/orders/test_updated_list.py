"""What a list published later does to a draft: nothing, or its new terms told (R-11, R-18)."""

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from orders.actions.submission import submit_order
from orders.kinds import OrderState
from orders.models import Order
from portal.clock import today
from portal.models import AuditEvent
from tests.catalogue.factories import CatalogueVersionFactory
from tests.orders.factories import RelianceFactory

pytestmark = pytest.mark.django_db


def publish(world, **changes):
    """Publish the first rank's list again: each article's changes by its name, None to leave it."""
    rank = world.phone.version.rank
    version = CatalogueVersionFactory(rank=rank, number=99, effective_on=today())
    told = {world.phone.pk: "phone", world.plan.pk: "plan"}
    for offer in list(world.phone.version.offers.all()):
        values = changes.get(told.get(offer.pk, ""), {})
        offer.pk, offer.version, offer._state.adding = None, version, True
        for name, value in (values or {}).items():
            setattr(offer, name, value)
        if values is not None:
            offer.save()
    return version


def url(name, order, *args):
    return reverse(f"orders:{name}", args=[order.branch.organisation.slug, order.number, *args])


def test_a_draft_goes_on_when_the_new_list_says_the_same(world):
    order = world.draft()
    version = publish(world)
    submitted = submit_order(order=order, by=world.alice, attested=True)
    assert submitted.state == OrderState.SUBMITTED
    assert {line.plan.version for line in order.lines.all()} == {version}


def test_a_new_price_is_told_and_taken_in_one_act(world, client):
    order = world.draft()
    RelianceFactory(order_line=order.lines.first())
    publish(world, plan={"monthly_amount": Decimal("21.00")})
    told = "19,50.\\$ par mois auparavant, 21,00.\\$ par mois aujourd'hui"
    with pytest.raises(ValidationError) as refused:
        submit_order(order=order, by=world.alice, attested=True)
    assert re.search(told, refused.value.messages[0])
    client.force_login(world.alice)
    page = client.get(url("order_detail", order)).content.decode()
    assert "Mettre le brouillon à jour" in page
    page = client.post(url("order_update", order), follow=True).content.decode()
    assert "Le brouillon est à jour" in page
    assert "63,00\u00a0$" in page
    assert "Mettre le brouillon à jour" not in page
    assert AuditEvent.objects.filter(code="order.updated").count() == 1
    assert order.lines.first().reliances.exists()
    submitted = submit_order(order=order, by=world.alice, attested=True)
    assert submitted.monthly_amount == Decimal("63.00")


def test_other_terms_at_the_same_price_are_told_too(world):
    order = world.draft()
    publish(world, phone={"commitment_months": 36})
    with pytest.raises(ValidationError, match="au même prix"):
        submit_order(order=order, by=world.alice, attested=True)


def test_what_left_the_list_is_refused_and_stays_when_the_draft_is_updated(world, client):
    order = world.draft()
    publish(world, phone=None)
    client.force_login(world.alice)
    page = client.get(url("order_detail", order)).content.decode()
    assert "n'est plus au catalogue" in page.replace("&#x27;", "'")
    assert "Mettre le brouillon à jour" not in page
    client.post(url("order_update", order))
    assert {line.device for line in order.lines.all()} == {world.phone}


def test_the_page_of_a_line_still_shows_what_was_chosen(world, client):
    order = world.draft()
    version = publish(world, plan={"monthly_amount": Decimal("21.00")})
    client.force_login(world.alice)
    page = client.get(url("line_edit", order, 1)).content.decode()
    plan = version.offers.get(code=world.plan.code)
    assert f'<option value="{plan.pk}" selected>' in page


def test_only_a_draft_is_updated(world, client):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    client.force_login(world.alice)
    assert client.post(url("order_update", order)).status_code == 422
    assert Order.objects.get().state == OrderState.SUBMITTED
