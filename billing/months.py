"""Months as bills count them: a period belongs to the month of its last day."""

from datetime import date, timedelta
from typing import Any

MONTHS_SHOWN = 13


def month_of(period: Any) -> date:
    """The first day of the month in which a period ``[from, to)`` ends."""
    last: date = period.upper - timedelta(days=1)
    return last.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def earlier(month: date, count: int) -> date:
    """The first day of the month ``count`` months before."""
    rank = month.year * 12 + month.month - 1 - count
    return date(rank // 12, rank % 12 + 1, 1)


def run_of(last: date, count: int = MONTHS_SHOWN) -> list[date]:
    """``count`` months that end with ``last``, the oldest first."""
    return [earlier(last, back) for back in range(count - 1, -1, -1)]


def read_month(text: str) -> date | None:
    """« 2026-10 » as its first day; None when it is no month."""
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1)
    except ValueError:
        return None
