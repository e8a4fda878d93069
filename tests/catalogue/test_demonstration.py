"""The demonstration's catalogue loads once, whole, and says that its prices are fictitious."""

from decimal import Decimal

import pytest

from catalogue.demonstration import load
from catalogue.models import CatalogueImport, CatalogueVersion, Offer, TaxRate
from catalogue.queries import offers_on, open_ranks, tax_rates
from members import demonstration as members_demonstration
from members.models import Organisation
from portal.clock import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(settings):
    settings.DEMONSTRATION = True
    members_demonstration.load()
    load()


def test_about_sixty_offers_of_both_providers_are_fictitious(loaded):
    assert 55 <= Offer.objects.count() <= 70
    assert not Offer.objects.filter(is_fictitious=False).exists()
    assert set(Offer.objects.values_list("version__rank__provider__code", flat=True)) == {
        "telus",
        "rogers",
    }


def test_every_sort_of_offer_is_there(loaded):
    for facts in (
        {"kind": "device", "is_zero_cost": True, "is_subsidised": True},
        {"kind": "device", "is_zero_cost": True, "is_subsidised": False},
        {"kind": "device", "is_zero_cost": False, "is_subsidised": True},
        {"kind": "device", "is_zero_cost": False, "is_subsidised": False},
        {"kind": "plan", "is_flexible": True, "tier_basis": "line"},
        {"kind": "plan", "is_flexible": True, "tier_basis": "pool"},
        {"kind": "plan", "is_data_only": True},
        {"kind": "accessory"},
    ):
        assert Offer.objects.filter(**facts).exists(), facts


def test_tiers_of_a_flexible_plan_go_up_to_ten_thousand_gigabytes(loaded):
    for plan in Offer.objects.filter(is_flexible=True):
        assert plan.tiers.last().up_to_gb == Decimal(10_000)
        assert plan.extra_gb_amount


def test_loading_again_changes_nothing(loaded):
    load()
    assert CatalogueVersion.objects.count() == 2
    assert CatalogueImport.objects.filter(state="published").count() == 2
    assert TaxRate.objects.count() == 2


def test_today_both_lists_are_seen_but_by_the_village_that_has_no_account(loaded):
    """R-17."""
    for name in (members_demonstration.CITY, members_demonstration.SCHOOL):
        seen = open_ranks(Organisation.objects.get(name=name), today())
        assert [rank.provider.code for rank in seen] == ["telus", "rogers"]
    village = Organisation.objects.get(name=members_demonstration.VILLAGE)
    assert [rank.provider.code for rank in open_ranks(village, today())] == ["telus"]
    assert offers_on(open_ranks(village, today())[0], today()).count() > 30
    assert tax_rates(today()) == {"tps": Decimal("0.05"), "tvq": Decimal("0.09975")}
