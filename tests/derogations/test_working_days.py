"""Québec's working days and the delays of recall (F-20)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derogations.working_days import (
    DEFAULT_DELAYS,
    delays_reached,
    is_working_day,
    working_days_between,
)

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 6, 24),  # fête nationale
        date(2026, 5, 18),  # Journée nationale des patriotes
        date(2026, 7, 1),
        date(2026, 12, 25),
        date(2026, 11, 21),  # a Saturday
    ],
)
def test_nobody_is_recalled_for_a_holiday(day):
    assert not is_working_day(day)


def test_a_week_has_five_working_days():
    assert working_days_between(date(2026, 11, 2), date(2026, 11, 9)) == 5
    assert working_days_between(date(2026, 11, 9), date(2026, 11, 2)) == 0
    assert working_days_between(date(2026, 11, 6), date(2026, 11, 8)) == 0  # Friday to Sunday


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_days_add_up(first, near, far):
    middle, last = first + timedelta(days=near), first + timedelta(days=near + far)
    assert working_days_between(first, last) == working_days_between(
        first, middle
    ) + working_days_between(middle, last)


def test_delays_are_reached_one_after_the_other():
    monday = date(2026, 11, 2)
    reached = [
        delays_reached(monday, monday + timedelta(days=n), DEFAULT_DELAYS) for n in (1, 2, 7)
    ]
    assert reached == [[], [(2, False)], [(2, False), (5, False)]]
    assert delays_reached(monday, monday + timedelta(days=30), DEFAULT_DELAYS)[-1] == (8, True)
