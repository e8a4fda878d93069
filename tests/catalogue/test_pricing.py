"""A flexible plan's arithmetic (R-42)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.pricing import FlexiblePlan, Tier, flexible_cost

PLAN = FlexiblePlan(
    Decimal(14),
    [
        Tier(Decimal(5), Decimal(0)),
        Tier(Decimal(50), Decimal(18)),
        Tier(Decimal(10_000), Decimal(900)),
    ],
    Decimal("1.50"),
)


@pytest.mark.parametrize(
    ("used", "total"),
    [
        ("0", "14.00"),
        ("5", "14.00"),
        ("5.01", "32.00"),
        ("50", "32.00"),
        ("50.01", "914.00"),
        ("10000", "914.00"),
        ("10000.01", "915.50"),
        ("10001", "915.50"),
        ("10001.5", "917.00"),
    ],
)
def test_a_month_costs_its_base_its_tier_and_each_gigabyte_begun_beyond(used, total):
    assert flexible_cost(PLAN, Decimal(used)).total_amount == Decimal(total)


def test_a_pool_pays_the_base_for_each_line_and_its_tier_once():
    cost = flexible_cost(PLAN, Decimal(40), lines=12)
    assert (cost.base_amount, cost.tier.amount, cost.total_amount) == (168, 18, 186)


@pytest.mark.parametrize(
    ("plan", "used", "lines"),
    [
        (FlexiblePlan(Decimal(1), [], Decimal(1)), "1", 1),
        (PLAN, "-1", 1),
        (PLAN, "1", 0),
    ],
)
def test_what_has_no_cost_is_an_error(plan, used, lines):
    with pytest.raises(ValueError, match="flexible plan"):
        flexible_cost(plan, Decimal(used), lines=lines)


cents = st.decimals(0, 2_000, places=2)


@st.composite
def plans(draw):
    """Tiers that rise in bound and in price, as the import holds them to."""
    bounds = sorted(draw(st.sets(st.integers(1, 10_000), min_size=1, max_size=8)))
    amounts = sorted(draw(st.lists(cents, min_size=len(bounds), max_size=len(bounds))))
    tiers = [Tier(Decimal(b), a) for b, a in zip(bounds, amounts, strict=True)]
    return FlexiblePlan(draw(cents), tiers, draw(cents))


uses = st.decimals(0, 12_000, places=2)


@given(plans(), uses, uses)
def test_using_more_never_costs_less(plan, one, other):
    low, high = sorted([one, other])
    assert flexible_cost(plan, low).total_amount <= flexible_cost(plan, high).total_amount


@given(plans(), uses, st.integers(1, 500))
def test_the_parts_add_up_and_nothing_is_extra_below_the_last_tier(plan, used, lines):
    cost = flexible_cost(plan, used, lines=lines)
    assert cost.total_amount == (
        lines * plan.base_amount + cost.tier.amount + cost.extra_gb * plan.extra_gb_amount
    )
    assert cost.tier in plan.tiers
    last = plan.tiers[-1].up_to_gb
    assert (cost.extra_gb == 0) is (used <= last)
    if used > last:
        assert 0 <= cost.extra_gb - (used - last) < 1


@given(plans())
def test_a_tier_holds_its_own_bound(plan):
    for tier in plan.tiers:
        assert flexible_cost(plan, tier.up_to_gb).tier == tier
