"""Arithmetic of dated acts, on plain dates."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from orders.fleet_changes import Placement, ends_on, months_later, place

SINCE = date(2026, 3, 1)
TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("on", "placement"),
    [
        (SINCE, Placement.REPLACES),
        (SINCE + timedelta(days=1), Placement.FOLLOWS),
        (TODAY, Placement.FOLLOWS),
    ],
)
def test_an_act_replaces_on_the_first_day_and_follows_later(on, placement):
    assert place(on=on, since=SINCE, today=TODAY) is placement


@pytest.mark.parametrize(
    ("on", "word"),
    [(TODAY + timedelta(days=1), "jour venu"), (SINCE - timedelta(days=1), "2026-03-01")],
)
def test_a_day_to_come_and_a_closed_version_are_refused(on, word):
    with pytest.raises(ValidationError, match=word):
        place(on=on, since=SINCE, today=TODAY)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 22), 24, date(2028, 11, 22)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day, months, later):
    assert months_later(day, months) == later


def test_no_commitment_has_no_end():
    assert ends_on(SINCE, 0) is None
    assert ends_on(SINCE, 24) == date(2028, 3, 1)
