"""Québec's working days, and when a request that waits is recalled (F-20)."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

import holidays

VERSION_LIFE = timedelta(days=60)
"""How long a submitted version may be signed; the date is frozen on the row (E9)."""
DRAFT_LIFE = timedelta(days=90)
"""How long an untouched draft is kept (F-28)."""
DEFAULT_DELAYS = ((2, False), (5, False), (8, True))
"""Working days after submission, and whether the request then passes to the next post (F-20)."""
_ONE_DAY = timedelta(days=1)


@cache
def _holidays(year: int) -> frozenset[date]:
    """Québec's holidays of a year."""
    return frozenset(holidays.country_holidays("CA", subdiv="QC", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday, Québec's holidays apart."""
    return day.weekday() < 5 and day not in _holidays(day.year)


def working_days_between(first: date, last: date) -> int:
    """How many working days passed after ``first``, ``last`` included; 0 when it is before."""
    days = (first + _ONE_DAY * n for n in range(1, max(0, (last - first).days) + 1))
    return sum(is_working_day(day) for day in days)


def delays_reached(
    submitted_on: date, day: date, delays: Iterable[tuple[int, bool]]
) -> list[tuple[int, bool]]:
    """The delays that are reached, shortest first: (working days, steps up)."""
    passed = working_days_between(submitted_on, day)
    return sorted(delay for delay in delays if delay[0] <= passed)
