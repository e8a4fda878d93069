"""B03 is judged on the period that is billed, not on the day of the invoice (billing.md §4)."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from billing.models import Finding, Invoice
from tests.billing.imports.test_clean import fleet_line, published
from tests.billing.imports.world import LINES, specimen
from tests.orders.factories import LineVersionFactory

ACCOUNT = "123456789"
SERVED = {
    "5145559901": DateRange(date(2026, 1, 31), None),
    "5145559902": DateRange(date(2026, 2, 1), None),
    "5145559903": DateRange(date(2025, 1, 1), date(2026, 2, 1)),
    "5145559904": DateRange(date(2025, 1, 1), date(2026, 1, 31)),
}
"""When each was in service; January is billed on a day of February."""


def test_a_line_in_service_to_the_end_of_the_period_is_awaited_and_no_other(world, tmp_path):
    for number, days in SERVED.items():
        fleet_line(world, "telus", number, ACCOUNT, valid=days)
    published(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path)
    told = Invoice.objects.get(account__number=ACCOUNT)
    assert told.period == DateRange(date(2026, 1, 1), date(2026, 2, 1))
    assert told.current.issued_on > date(2026, 2, 1)
    unbilled = Finding.objects.filter(rule="B03").order_by("number")
    assert [finding.number for finding in unbilled] == ["5145559901", "5145559903"]


def test_a_line_billed_under_the_number_that_it_had_in_the_period_is_billed(world, tmp_path):
    """On the invoice's date it has another."""
    january = DateRange(date(2025, 1, 1), date(2026, 2, 1))
    old = fleet_line(world, "telus", LINES[ACCOUNT][0], ACCOUNT, valid=january)
    LineVersionFactory(
        service_line=old.service_line,
        branch=old.branch,
        account=old.account,
        number="5145559999",
        valid=DateRange(january.upper, None),
    )
    published(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path)
    assert not Finding.objects.filter(rule="B03").exists()
