"""What a page says of how an article is ordered (F-22)."""

import pytest

from catalogue.ways import Article, attributes_explained, ways_to_order

PHONE = {"is_device": True, "is_flexible": False, "is_subsidised": False, "provider": "X"}
PLAN = {"is_device": False, "is_zero_cost": False, "is_subsidised": False, "provider": "X"}


@pytest.mark.parametrize(
    ("facts", "needs"),
    [
        (PHONE | {"is_zero_cost": True, "rank": 1}, []),
        (PHONE | {"is_zero_cost": False, "rank": 1}, ["R-14"]),
        (PHONE | {"is_zero_cost": True, "rank": 2}, ["R-13"]),
        (PHONE | {"is_zero_cost": False, "rank": 2}, ["R-13", "R-14"]),
        (PLAN | {"is_flexible": False, "rank": 1}, []),
        (PLAN | {"is_flexible": False, "rank": 2}, ["R-13"]),
    ],
)
def test_each_derogation_is_told_with_its_rule(facts, needs):
    ways = ways_to_order(Article(**facts))
    assert [way.number for way in ways if way.verdict == "needs_derogation"] == needs
    assert all(way.sentence and way.rule and way.source for way in ways)


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (PLAN | {"is_flexible": True, "rank": 1}, "non subventionné"),
        (PHONE | {"is_zero_cost": True, "is_subsidised": True, "rank": 1}, "flexible"),
    ],
)
def test_the_flexible_plan_and_the_subsidy_exclude_each_other(facts, word):
    last = ways_to_order(Article(**facts))[-1]
    assert (last.number, word in last.title) == ("R-16", True)


def test_an_unsubsidised_device_says_that_the_flexible_plan_is_open():
    facts = PHONE | {"is_zero_cost": False, "rank": 1}
    assert "flexible est possible" in attributes_explained(Article(**facts))[1][1]
