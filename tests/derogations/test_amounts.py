"""What a request commits: months, taxes, fiscal years."""

import calendar
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derogations.amounts import Commitment, fiscal_year_end, months_between, within_fiscal_year

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
SPANS = st.integers(min_value=0, max_value=4000)
AMOUNTS = st.decimals(min_value=0, max_value=99_999, places=2)


def after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@given(DAYS, SPANS)
def test_a_begun_month_counts_whole_and_a_whole_one_once(first, span):
    last = first + timedelta(days=span)
    months = months_between(first, last)
    assert last <= after(first, months)
    assert months == 1 or last > after(first, months - 1)


@given(DAYS, SPANS, SPANS)
def test_a_later_end_never_commits_less(first, one, other):
    near, far = sorted((one, other))
    assert months_between(first, first + timedelta(days=near)) <= months_between(
        first, first + timedelta(days=far)
    )


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 1, 15), date(2028, 1, 15), 24),
        (date(2026, 1, 15), date(2028, 1, 16), 25),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 3, 1), 2),
        (date(2026, 1, 15), date(2026, 1, 15), 1),
        (date(2026, 1, 15), date(2026, 1, 14), 0),
    ],
)
def test_months_that_people_would_count(first, last, months):
    assert months_between(first, last) == months


@given(st.integers(1, 5000), AMOUNTS, AMOUNTS, DAYS, SPANS)
def test_the_total_is_the_quantity_times_the_unit(quantity, one_off, monthly, first, span):
    last = first + timedelta(days=span)
    asked = Commitment(quantity, one_off, monthly, first, last)
    assert asked.total_amount == quantity * (one_off + monthly * months_between(first, last))
    assert asked.total_amount >= Commitment(1, one_off, monthly, first, last).total_amount


@given(st.integers(1, 500), AMOUNTS, AMOUNTS)
def test_taxes_are_added_once_to_the_whole(quantity, one_off, monthly):
    rates = (("TPS", Decimal("0.05")), ("TVQ", Decimal("0.09975")))
    day = date(2026, 1, 1)
    bare = Commitment(quantity, one_off, monthly, day, day)
    taxed = Commitment(quantity, one_off, monthly, day, day, rates)
    exact = bare.total_amount * Decimal("1.14975")
    assert abs(taxed.total_amount - exact) <= Decimal("0.01")
    assert taxed.total_amount == taxed.total_amount.quantize(Decimal("0.01"))


def test_the_arithmetic_is_written_out():
    asked = Commitment(
        3,
        Decimal("329.00"),
        Decimal("40.00"),
        date(2026, 1, 15),
        date(2028, 1, 15),
        (("TPS", Decimal("0.05")),),
    )
    assert asked.arithmetic.replace("\u00a0", " ") == (
        "3 × (329,00 $ + 40,00 $ × 24 mois) = 3 867,00 $"
        " + TPS 193,35 $ = 4 060,35 $ taxes comprises"
    )
    bare = Commitment(1, Decimal(10), Decimal(0), date(2026, 1, 15), date(2026, 1, 20))
    assert bare.arithmetic.replace("\u00a0", " ") == (
        "1 × (10,00 $ + 0,00 $ × 1 mois) = 10,00 $ avant taxes"
    )


@pytest.mark.parametrize(
    ("day", "ends", "expected"),
    [
        (date(2026, 3, 31), "03-31", date(2026, 3, 31)),
        (date(2026, 4, 1), "03-31", date(2027, 3, 31)),
        (date(2026, 7, 1), "12-31", date(2026, 12, 31)),
        (date(2026, 1, 1), "02-29", date(2026, 2, 28)),
    ],
)
def test_a_fiscal_year_ends_on_its_day_included(day, ends, expected):
    assert fiscal_year_end(day, ends) == expected
    assert within_fiscal_year(day, expected, ends)
    assert not within_fiscal_year(day, expected + timedelta(days=1), ends)
