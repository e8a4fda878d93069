"""What a request opened from an order or from a line in service already says (F-22, F-28)."""

import pytest
from django.urls import reverse

from derogations.models import Derogation
from members.powers import DerogationKind
from orders.actions.derogations import ask_derogation
from orders.queries.dependents import irregular_lines
from tests.catalogue.factories import OfferFactory
from tests.derogations.factories import DerogationFactory
from tests.orders.factories import ServiceLineFactory

pytestmark = pytest.mark.django_db
NETWORK, DEVICE = DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST


@pytest.fixture
def client(client, world):
    client.force_login(world.alice)
    return client


def in_region(world, region: str) -> None:
    world.organisation.administrative_region = region
    world.organisation.save()


def asked(world, device, kind) -> Derogation:
    plan = world.rogers_plan if device == world.rogers_phone else world.plan
    lines = (world.line(device=device, plan=plan, holder=one) for one in world.holders[:2])
    order = world.draft(*lines)
    return ask_derogation(order_line=order.lines.first(), kind=kind, by=world.alice)


def test_a_dear_device_names_the_nearest_one_that_costs_nothing(world):
    OfferFactory(version=world.phone.version, name="Téléphone Z", monthly_amount=1)
    request = asked(world, world.dear, DEVICE)
    assert request.nearest_zero_cost == world.phone.name
    assert not request.places.exists()
    assert f"{world.dear.name}, {world.plan.name}" in request.need
    assert request.external_reference in request.need
    for holder in world.holders:
        assert holder.name not in request.need


def test_a_network_request_begins_with_the_place_of_delivery(world):
    in_region(world, "Outaouais")
    request = asked(world, world.rogers_phone, NETWORK)
    (place,) = request.places.all()
    told = (place.address, place.municipality, place.administrative_region)
    assert told == (world.address.street, world.address.city, "Outaouais")
    assert request.nearest_zero_cost == ""


def test_without_a_known_region_no_place_is_guessed(world):
    in_region(world, "")
    assert not asked(world, world.rogers_phone, NETWORK).places.exists()


def test_a_line_in_service_asks_with_its_number(client, world):
    provider = world.rogers_phone.version.rank.provider
    line = ServiceLineFactory(branch=world.root, provider=provider)
    number = line.versions.get().number
    url = reverse("orders:line_detail", args=["val-fictif", line.pk])
    shown = client.get(url).content.decode()
    new = reverse("derogations:request_new", args=["val-fictif"])
    link = f"{new}?numbers={number}&amp;branch={world.root.pk}&amp;provider={provider.pk}"
    assert link in shown
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert form.initial["rank"].provider == provider


def test_lines_to_put_in_order_are_chosen_for_their_earlier_derogation(client, world):
    provider = world.rogers_phone.version.rank.provider
    lines = ServiceLineFactory.create_batch(2, branch=world.root, provider=provider)
    numbers = sorted(line.versions.get().number for line in lines)
    shown = client.get(reverse("orders:irregular_line_list", args=["val-fictif"])).content.decode()
    for number in numbers:
        assert f'name="numbers" value="{number}"' in shown
    derogation = DerogationFactory(
        branch=world.root, provider=provider, origin="earlier", service_numbers=[numbers[0]]
    )
    derogation.heads.update(decision="signed")
    Derogation.objects.filter(pk=derogation.pk).update(state="signed")
    left = irregular_lines(world.alice, world.organisation)
    assert [version.number for version in left] == [numbers[1]]
