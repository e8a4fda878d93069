"""Taxes that a provider computes for the account as a whole: its statement tells them."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from billing.bills import bills_of, charged, counted
from billing.formats.canonical import COLUMNS, Category, Entity
from billing.formats.definition import parse_definition
from billing.formats.shipped import shipped_definitions
from billing.rollups import charge_rollup

ACCOUNT, DAYS = "123456789", {"period_start": date(2026, 1, 3), "period_end": date(2026, 1, 20)}


def bill(level, **taxes):
    """The bill of one charge of 100 $, with these taxes, beside a statement that has them all."""
    definition = shipped_definitions()["telus_text_bill"]
    definition["parts"][0]["meaning"]["tax_level"] = level
    row = {
        "account": ACCOUNT,
        "amount": Decimal("100.00"),
        "category": Category.RECURRING_PLAN.value,
        **DAYS,
        **taxes,
    }
    rows = pl.DataFrame([row], schema=dict(COLUMNS[Entity.CHARGE])).with_columns(
        pl.lit(1, dtype=pl.Int64).alias("line")
    )
    told = {
        "account": ACCOUNT,
        "new_charges_amount": Decimal("100.00"),
        "tps_amount": Decimal("5.00"),
        "tvq_amount": Decimal("9.98"),
        "total_due_amount": Decimal("114.98"),
    }
    statements = pl.DataFrame([told], schema=dict(COLUMNS[Entity.STATEMENT]))
    rollup = charge_rollup()
    rollup.add(rows)
    return bills_of(parse_definition(definition), {}, statements, charged(rollup.frame()))[ACCOUNT]


@pytest.mark.parametrize(
    ("level", "taxes", "due"),
    [
        ("account", {}, "114.98"),
        ("account", {"tps_amount": Decimal("4.99")}, "114.97"),
        ("charge", {}, "100.00"),
    ],
)
def test_taxes_of_the_whole_account_are_those_of_its_statement(level, taxes, due):
    """Where charges carry none: what they carry is ours, and is compared (A04)."""
    one = bill(level, **taxes)
    assert one.due_amount == Decimal(due)
    assert one.stated["due_amount"] == Decimal("114.98")


@pytest.mark.parametrize("category", Category)
def test_a_row_is_shown_as_it_is_counted(category):
    told = {
        "amount": Decimal("7.00"),
        "tps_amount": Decimal("0.35"),
        "tvq_amount": Decimal("0.70"),
        "other_tax_amount": None,
    }
    frame = pl.DataFrame(
        [{"category": str(category), **told}],
        schema_overrides=dict.fromkeys(told, pl.Decimal(14, 2)),
    )
    (row,) = charged(frame).iter_rows(named=True)
    shown = counted(category, told)
    assert {name: row[name] or 0 for name in told} == {n: a or 0 for n, a in shown.items()}
