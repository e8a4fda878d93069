"""Holders and lines of an order: a list where they are few, a search where they are many."""

import re
import uuid

import pytest

from orders.forms.picking import FEW
from orders.kinds import LineStatus, OrderKind
from orders.models import Holder, LineVersion, Order
from tests.orders.factories import HolderFactory, ServiceLineFactory
from tests.orders.test_views_orders import new_line, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(world, client):
    client.force_login(world.alice)
    return client


@pytest.fixture
def crowd(world):
    """More holders than a list shows; three of one name, told apart by their function."""
    HolderFactory.create_batch(FEW, branch=world.root)
    for function in ("Ingénieure", "Avocate", "Mécanicienne"):
        HolderFactory(branch=world.root, name="Hélène Côté", function=function)
    return Holder.objects.filter(name="Hélène Côté")


@pytest.fixture
def fleet(world):
    """More lines than a list shows."""
    return [
        ServiceLineFactory(
            branch=world.root,
            provider=world.phone.version.rank.provider,
            number=f"581555{n:04}",
            version__holder=world.holders[n % 3],
        )
        for n in range(FEW + 1)
    ]


def typed(world, words, **changes):
    data = new_line(world, world.holders[0], **changes)
    return {**data, "rows-0-holder": words}


def select_of(page, name="rows-0-holder"):
    return re.search(f'<select name="{name}".*?</select>', page, re.DOTALL).group()


def upgrade(world, **changes):
    usual = {
        "device": world.phone.pk,
        "address": world.address.pk,
        "submission_key": uuid.uuid4(),
    }
    return {**usual, **changes}


def test_a_part_of_a_name_finds_the_only_holder(world, signed_in, crowd):
    answer = signed_in.post(url("line_add", world, "new_line"), typed(world, "cote AVOCATE"))
    assert answer.status_code == 302
    assert Order.objects.get().lines.get().holder == crowd.get(function="Avocate")


def test_several_holders_of_the_name_are_a_list_and_the_one_picked_is_ordered_for(
    world, signed_in, crowd
):
    page = signed_in.post(url("line_add", world, "new_line"), typed(world, "cote"))
    assert page.status_code == 422
    told = page.content.decode()
    assert "Plusieurs choix correspondent à «\u00a0cote\u00a0»" in told
    assert "Choisissez un détenteur, ou" not in told
    shown = select_of(told)
    assert shown.count("<option") == 4
    assert '<option value="cote">' in shown
    picked = crowd.get(function="Mécanicienne")
    assert f'<option value="id:{picked.pk}">Hélène Côté, Mécanicienne</option>' in shown
    signed_in.post(url("line_add", world, "new_line"), typed(world, f"id:{picked.pk}"))
    assert Order.objects.get().lines.get().holder == picked


def test_words_that_find_nobody_or_too_many_are_kept_and_told(world, signed_in, crowd):
    page = signed_in.post(url("line_add", world, "new_line"), typed(world, "Tremblay"))
    assert page.status_code == 422
    assert "Rien ne correspond" in page.content.decode()
    assert 'value="Tremblay"' in page.content.decode()
    many = signed_in.post(url("line_add", world, "new_line"), typed(world, "détentrice"))
    assert "Trop de choix" in many.content.decode()
    assert select_of(many.content.decode()).count("<option") == 21


def test_more_rows_and_another_refusal_keep_who_was_picked_until_other_words(
    world, signed_in, crowd
):
    picked = crowd.get(function="Avocate")
    for changes in ({"more": "1"}, {"device": ""}):
        page = signed_in.post(
            url("line_add", world, "new_line"), typed(world, f"id:{picked.pk}", **changes)
        ).content.decode()
        assert f'<option value="id:{picked.pk}" selected>' in select_of(page)
    data = {**typed(world, f"id:{picked.pk}"), "rows-0-holder-q": "ingenieure"}
    signed_in.post(url("line_add", world, "new_line"), data)
    assert Order.objects.get().lines.get().holder.function == "Ingénieure"


def test_a_line_of_a_draft_shows_its_holder_and_keeps_it(world, signed_in, crowd):
    order = world.draft(world.line())
    address = url("line_edit", world, order.number, 1)
    key = f"id:{world.holders[0].pk}"
    assert f'value="{key}" selected' in select_of(signed_in.get(address).content.decode(), "holder")
    fields = {"holder": key, "cost_centre": world.cost_centre.pk, "plan": world.plan.pk}
    data = {**upgrade(world), **fields, "sim_kind": "sim"}
    assert signed_in.post(address, data).status_code == 302
    assert order.lines.get().holder == world.holders[0]


def test_a_line_is_found_by_its_number_or_by_who_carries_it(world, signed_in, fleet):
    address = url("line_add", world, "upgrade")
    answer = signed_in.post(address, upgrade(world, service_line="(581) 555-0007"))
    assert answer.status_code == 302
    assert Order.objects.get().lines.get().service_line == fleet[7]
    name = world.holders[0].name
    page = signed_in.post(address, upgrade(world, service_line=name)).content.decode()
    shown = select_of(page, "service_line")
    assert shown.count("<option") == 1 + 17
    assert f"581\u00a0555-0000, {name}" in shown
    LineVersion.objects.filter(service_line=fleet[7]).update(status=LineStatus.CANCELLED)
    gone = signed_in.post(address, upgrade(world, service_line="5815550007"))
    assert f'<option value="{fleet[8].pk}">' in gone.content.decode()
    assert f'<option value="{fleet[7].pk}">' not in gone.content.decode()


def test_the_page_of_a_line_leads_to_its_own_upgrade(world, signed_in, fleet):
    page = signed_in.get(url("line_add", world, "upgrade"), {"ligne": fleet[3].pk})
    assert f'value="id:{fleet[3].pk}" selected' in select_of(page.content.decode(), "service_line")


@pytest.mark.parametrize("kind", [OrderKind.NEW_LINE, OrderKind.UPGRADE])
def test_the_form_costs_the_same_whatever_the_fleet(
    world, signed_in, fleet, crowd, kind, django_assert_max_num_queries
):
    sizes, costs = [], []
    for _ in range(2):
        with django_assert_max_num_queries(15) as queries:
            page = signed_in.get(url("line_add", world, kind)).content.decode()
        sizes.append(page.count("<option"))
        costs.append(len(queries))
        HolderFactory.create_batch(30, branch=world.root)
        ServiceLineFactory.create_batch(30, branch=world.root)
    assert sizes[0] == sizes[1] < FEW
    assert costs[0] == costs[1]


def test_few_holders_stay_a_list_without_the_branch_s_former_ones(world, signed_in):
    HolderFactory(branch=world.root, is_active=False, name="Partie Avant")
    page = signed_in.get(url("line_add", world, "new_line")).content.decode()
    assert select_of(page).count("<option") == 1 + len(world.holders)
    assert "Une partie du nom" not in page
