"""Serial, parallel and k-of-n signing on plain values (F-16, D-20)."""

import pytest

from derogations.slots import may_take, next_slot, places_left, post_due, unfilled
from members.signing_steps import Step, steps_of

CHIEF, HEAD = "Chef de service", "Direction générale"
SERIES = steps_of(4, [CHIEF, HEAD])


def test_posts_sign_in_their_order_then_the_others_in_any():
    assert (Step(1, CHIEF), Step(1, HEAD), Step(2)) == SERIES
    assert [next_slot(SERIES, given) for given in range(5)] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (3, 2),
        None,
    ]
    assert [post_due(SERIES, given) for given in range(5)] == [CHIEF, HEAD, "", "", ""]
    assert places_left(SERIES, 1) == [HEAD, "", ""]


@pytest.mark.parametrize(
    ("able", "missing"),
    [
        ({(1, CHIEF), (2, HEAD)}, []),
        ({(1, CHIEF), (2, CHIEF)}, [HEAD]),
        ({(1, CHIEF), (1, HEAD), (2, CHIEF)}, []),
        ({(1, CHIEF), (1, HEAD), (2, "Greffe")}, [HEAD]),
        (set(), [CHIEF, HEAD]),
    ],
)
def test_each_place_needs_a_person_of_its_own(able, missing):
    """Who bears two posts fills one of them only, that which leaves nobody short."""
    assert unfilled([CHIEF, HEAD], able) == missing


def test_a_place_for_whoever_has_the_power_is_filled_last():
    able = {(1, CHIEF), (2, HEAD), (3, HEAD)}
    assert unfilled(places_left(SERIES, 0), able) == [""]
    assert unfilled(places_left(SERIES, 0), {*able, (4, CHIEF)}) == []


def test_who_bears_two_posts_is_kept_for_the_one_that_nobody_else_fills():
    """The director stands in for the chief: the chief signs first, or nobody could end it."""
    able = {(1, CHIEF), (2, CHIEF), (2, HEAD)}
    assert may_take([CHIEF, HEAD], able, 1, CHIEF)
    assert not may_take([CHIEF, HEAD], able, 2, CHIEF)
    assert may_take([CHIEF, HEAD], {*able, (3, HEAD)}, 2, CHIEF)
    assert may_take([HEAD], able - {(1, CHIEF)}, 2, HEAD)
    assert not may_take([HEAD, CHIEF], able, 1, CHIEF)
    assert not may_take([], able, 1, CHIEF)
