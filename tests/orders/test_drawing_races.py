"""A short run of the races around the last unit of a derogation; `make faults` runs 200 (D-22)."""

import pytest

from tests.orders.drawing_races import DRAWING_RACES, run_drawing_race
from tests.orders.world import make_world

SHORT = 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(DRAWING_RACES))
def test_a_race_has_only_its_right_outcomes(name):
    counts = run_drawing_race(name, SHORT, make_world())
    print(name, dict(counts))
    assert counts.total() == SHORT
    assert set(counts) <= DRAWING_RACES[name][1], counts
