"""Serial, parallel and k-of-n signing on plain values (F-16, D-20)."""

import pytest

from derogations.slots import is_turn_of, next_slot, places_left, post_due, unfilled
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
    assert [is_turn_of(HEAD, post_due(SERIES, given)) for given in range(3)] == [False, True, True]


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
