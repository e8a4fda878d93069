"""Which lists are open, which version is current, what is offered on a day (R-17, R-18)."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from catalogue.queries import (
    current_version,
    offers_for,
    offers_on,
    open_ranks,
    rank_on,
    tax_rates,
)
from catalogue.queries.offers import hidden_ranks, lists_for
from members.models import ContractPhase
from members.permissions import Unseen
from members.roles import Role
from tests.catalogue.factories import CatalogueVersionFactory, OfferFactory, TaxRateFactory
from tests.members.factories import (
    BranchFactory,
    ContractPhaseFactory,
    ContractRankFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    ProviderFactory,
    respondent_user,
)

DAY = date(2026, 6, 15)


def seen(user, world, day=DAY):
    return set(offers_for(user, world.organisation, day))


def test_without_an_account_a_member_sees_the_first_rank_only(world):
    assert open_ranks(world.organisation, DAY) == [world.first.rank]
    assert seen(world.alice, world) == {world.phone}
    assert hidden_ranks([world.first.rank], DAY) == [world.second.rank]


@pytest.mark.parametrize(
    ("dates", "opens"),
    [
        ({"opened_on": DAY}, True),
        ({"opened_on": DAY, "confirmed": False}, False),
        ({"opened_on": date(2026, 6, 16)}, False),
        ({"opened_on": None, "asked_on": DAY}, False),
        ({"opened_on": date(2024, 1, 1), "closed_on": date(2026, 6, 16)}, True),
        ({"opened_on": date(2024, 1, 1), "closed_on": DAY}, False),
    ],
)
def test_an_account_open_that_day_opens_the_list(world, dates, opens):
    world.open_account(**dates)
    assert (world.second.rank in open_ranks(world.organisation, DAY)) is opens
    assert rank_on(world.second.rank, world.organisation, DAY).is_open is opens
    assert (world.other in seen(world.alice, world)) is opens


def test_an_account_of_a_subdivision_opens_the_list_to_the_member(world):
    below = BranchFactory(organisation=world.organisation)
    ProviderAccountFactory(branch=below, provider=world.second.rank.provider, confirmed=True)
    assert open_ranks(world.organisation, DAY) == [world.first.rank, world.second.rank]


def test_another_member_s_account_opens_nothing(world):
    ProviderAccountFactory(
        branch=OrganisationFactory().branches.get(),
        provider=world.second.rank.provider,
        confirmed=True,
    )
    assert open_ranks(world.organisation, DAY) == [world.first.rank]


def test_an_account_at_the_first_rank_opens_no_other(world):
    ProviderAccountFactory(branch=world.root, provider=world.first.rank.provider, confirmed=True)
    assert open_ranks(world.organisation, DAY) == [world.first.rank]


def test_itq_sees_every_list(world):
    assert seen(world.agent, world) == {world.phone, world.other}


def test_those_without_the_catalogue_do_not_see_it(world):
    reader = respondent_user(Role.READER, world.root)
    stranger = respondent_user(Role.RCELL, OrganisationFactory().branches.get())
    for user in (reader, stranger):
        with pytest.raises(Unseen):
            offers_for(user, world.organisation, DAY)


def test_a_contract_without_a_phase_that_day_offers_nothing(world):
    ContractPhase.objects.update(valid=DateRange(date(2020, 1, 1), DAY))
    assert open_ranks(world.organisation, DAY) == []
    assert rank_on(world.first.rank, world.organisation, DAY) is None
    assert open_ranks(world.organisation, date(2026, 6, 14)) == [world.first.rank]


def test_a_rank_says_what_the_phase_of_the_day_accepts(world):
    contract = world.first.rank.contract
    ContractPhase.objects.update(valid=DateRange(date(2020, 1, 1), DAY))
    ContractPhaseFactory(contract=contract, valid=DateRange(DAY, None), order_kinds=["plan_change"])
    before = rank_on(world.first.rank, world.organisation, date(2026, 6, 14))
    assert before.order_kinds != ["plan_change"]
    assert rank_on(world.first.rank, world.organisation, DAY).order_kinds == ["plan_change"]


def test_a_successor_contract_stands_beside_the_first(world):
    successor = ContractRankFactory(provider=ProviderFactory(code="autre", name="Autre"))
    ContractPhaseFactory(contract=successor.contract, valid=DateRange(DAY, None))
    assert set(open_ranks(world.organisation, DAY)) == {world.first.rank, successor}
    assert open_ranks(world.organisation, date(2026, 6, 14)) == [world.first.rank]


def test_the_latest_version_that_took_effect_is_current(world):
    rank = world.first.rank
    later = CatalogueVersionFactory(rank=rank, number=900, effective_on=DAY)
    CatalogueVersionFactory(rank=rank, number=901, effective_on=date(2027, 1, 1))
    assert current_version(rank, date(2026, 6, 14)) == world.first
    assert current_version(rank, DAY) == later
    same_day = CatalogueVersionFactory(rank=rank, number=902, effective_on=DAY)
    assert current_version(rank, DAY) == same_day
    assert [one.version for one in lists_for(world.alice, world.organisation, DAY)] == [same_day]


def test_an_offer_is_there_between_its_days(world):
    OfferFactory(version=world.first, valid=DateRange(date(2026, 1, 1), DAY))
    assert set(offers_on(world.first.rank, DAY)) == {world.phone}
    assert offers_on(world.first.rank, date(2026, 6, 14)).count() == 2


def test_a_rank_without_a_version_offers_nothing(world):
    rank = ContractRankFactory(rank=2, contract__title="Sans liste")
    assert not offers_on(rank, DAY).exists()


def test_tax_rates_are_those_of_the_day(world):
    TaxRateFactory(rate="0.06", valid=DateRange(date(2020, 1, 1), DAY))
    TaxRateFactory(rate="0.05", valid=DateRange(DAY, None))
    assert str(tax_rates(DAY)["tps"]) == "0.05000"
    assert str(tax_rates(date(2026, 6, 14))["tps"]) == "0.06000"


def test_the_open_lists_cost_one_query(world, django_assert_num_queries):
    world.open_account()
    with django_assert_num_queries(1):
        for rank in open_ranks(world.organisation, DAY):
            assert rank.provider.name
            assert rank.contract.title
