"""A member's catalogue pages: what they show, find, filter, export, and how much they ask."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse

from members.roles import Role
from tests.catalogue.factories import OfferFactory, PlanTierFactory
from tests.members.factories import OrganisationFactory, respondent_user


def page(world, client, user=None, **parameters):
    client.force_login(user or world.alice)
    return client.get(reverse("catalogue:offer_list", args=[world.organisation.slug]), parameters)


def names(answer):
    return [offer.name for offer in answer.context["listing"].page]


def test_the_list_shows_its_date_its_phase_and_no_second_rank(world, client):
    answer = page(world, client)
    assert names(answer) == ["Téléphone du premier rang"]
    text = answer.content.decode()
    assert "2020-01-01" in text
    assert "durée ferme" in text
    assert "Téléphone du second rang" not in text
    assert "La liste de Rogers n'est pas ouverte" in text


def test_with_an_account_both_lists_show_and_nothing_is_said_to_be_closed(world, client):
    world.open_account()
    answer = page(world, client)
    assert len(names(answer)) == 2
    assert "n'est pas ouverte" not in answer.content.decode()


@pytest.mark.parametrize("words", ["etui renf", "ÉTUI", "renforce etui", "xcov"])
def test_the_search_ignores_accents_case_and_order_and_finds_prefixes(world, client, words):
    OfferFactory(version=world.first, name="Étui renforcé pour XCover7")
    assert names(page(world, client, q=words)) == ["Étui renforcé pour XCover7"]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"genre": "plan"}, {"Forfait"}),
        ({"genre": "accessory"}, {"Étui"}),
        ({"marque": "Chère"}, {"Cher"}),
        ({"cout_nul": "oui"}, {"Téléphone du premier rang"}),
        ({"cout_nul": "non", "genre": "device"}, {"Cher"}),
        ({"subvention": "non"}, {"Forfait", "Étui"}),
        ({"prix_min": "25"}, {"Cher"}),
        ({"prix_max": "20", "genre": "plan"}, {"Forfait"}),
        ({"prix_max": "19,49", "genre": "plan"}, set()),
        ({"prix_max": "19,50", "genre": "plan"}, {"Forfait"}),
        ({"prix_min": "24", "prix_max": "24"}, {"Étui"}),
        ({"prestataire": "telus"}, {"Téléphone du premier rang", "Cher", "Forfait", "Étui"}),
    ],
)
def test_the_filters_narrow_the_list(world, client, parameters, found):
    OfferFactory(version=world.first, dear=True, name="Cher", brand="Chère")
    OfferFactory(version=world.first, plan=True, name="Forfait")
    OfferFactory(version=world.first, accessory=True, name="Étui")
    assert set(names(page(world, client, **parameters))) == found


def test_the_list_is_in_french_order_and_sorts_by_price(world, client):
    OfferFactory(version=world.first, name="Zoo")
    OfferFactory(version=world.first, dear=True, name="Écran")
    assert names(page(world, client)) == ["Écran", "Téléphone du premier rang", "Zoo"]
    assert names(page(world, client, tri="-prix"))[0] == "Écran"


def test_a_list_that_a_member_does_not_see_is_not_exported(world, client):
    answer = page(world, client, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert [row["Article"] for row in rows] == ["Téléphone du premier rang"]
    assert rows[0]["Libellé de facture (anglais)"] == "PHONE MODEL"
    assert rows[0]["À coût nul"] == "oui"


@pytest.mark.parametrize("name", ["offer_list", "request_list", "request_new"])
def test_another_member_s_catalogue_is_not_found(world, client, name):
    client.force_login(respondent_user(Role.RCELL, OrganisationFactory().branches.get()))
    answer = client.get(reverse(f"catalogue:{name}", args=[world.organisation.slug]))
    assert answer.status_code == 404


def test_the_page_costs_the_same_for_two_articles_and_for_twenty(
    world, client, django_assert_max_num_queries
):
    OfferFactory(version=world.first)
    client.force_login(world.alice)
    address = reverse("catalogue:offer_list", args=[world.organisation.slug])
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as asked:
            client.get(address)
        counts.append(len(asked))
        OfferFactory.create_batch(18, version=world.first)
    assert counts[0] == counts[1]


def detail(world, client, offer, **parameters):
    client.force_login(world.alice)
    address = reverse("catalogue:offer_detail", args=[world.organisation.slug, offer.pk])
    return client.get(address, parameters)


def test_a_zero_cost_phone_of_the_first_rank_orders_plainly(world, client):
    answer = detail(world, client, world.phone)
    assert [way.verdict for way in answer.context["ways"]] == ["allowed", "allowed"]
    assert f"?appareil={world.phone.pk}" in answer.content.decode()


def test_a_dear_phone_of_the_second_rank_says_both_derogations(world, client):
    world.open_account()
    dear = OfferFactory(version=world.second, dear=True)
    ways = detail(world, client, dear).context["ways"]
    assert [way.number for way in ways if way.verdict == "needs_derogation"] == ["R-13", "R-14"]


def test_an_article_of_a_closed_list_is_not_found(world, client):
    assert detail(world, client, world.other).status_code == 404


def test_a_flexible_plan_shows_its_tiers_and_the_cost_of_a_use(world, client):
    plan = OfferFactory(version=world.first, flexible=True)
    PlanTierFactory(offer=plan, up_to_gb=5, monthly_amount=0)
    PlanTierFactory(offer=plan, up_to_gb=10_000, monthly_amount=900)
    assert detail(world, client, plan).context["cost"] is None
    answer = detail(world, client, plan, go="10 001,2".replace(" ", ""))
    assert answer.context["cost"].total_amount == Decimal("14.00") + 900 + 2 * Decimal("1.50")
    assert "10\u00a0000\u00a0Go" in answer.content.decode()


def test_a_use_that_is_no_number_is_told(world, client):
    plan = PlanTierFactory(offer__version=world.first).offer
    answer = detail(world, client, plan, go="beaucoup")
    assert answer.context["cost"] is None
    assert answer.context["use_form"].errors


def test_the_page_of_an_article_asks_little(world, client, django_assert_max_num_queries):
    client.force_login(world.alice)
    address = reverse("catalogue:offer_detail", args=[world.organisation.slug, world.phone.pk])
    with django_assert_max_num_queries(15):
        client.get(address)
