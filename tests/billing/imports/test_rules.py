"""A02 to A10, A13, B01 to B03: each finds what it is there to find, and only that (billing §4)."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.formats.faults import Fault
from billing.kinds import Severity
from billing.rules import BilledLine, Judged, Neighbour, judge_invoice

OURS = {
    "charges_amount": Decimal("100.00"),
    "tps_amount": Decimal("5.00"),
    "tvq_amount": Decimal("9.98"),
    "other_taxes_amount": Decimal("0.00"),
    "due_amount": Decimal("114.98"),
    "line_count": 2,
    "charge_count": 7,
}
BEFORE = Neighbour(date(2025, 12, 1), date(2026, 1, 1), "F1", Decimal("80.00"))
CLEAN = Judged(
    start=date(2026, 1, 1),
    end=date(2026, 2, 1),
    invoice_number="F2",
    issued_on=date(2026, 2, 3),
    previous_balance=Decimal("80.00"),
    ours=OURS,
    stated=dict(OURS),
    neighbours=[BEFORE],
    lines=[BilledLine("5145550000", Decimal("50.00"), 3, True)],
)
CASES = {
    "A02": (
        {"drifts": [Fault("unknown_column", "f.csv", "Une colonne est inconnue.", False)]},
        "B",
    ),
    "A03": ({"stated": {"line_count": 3}}, "B"),
    "A04": ({"stated": {"due_amount": Decimal("114.99")}}, "B"),
    "A05": ({"rejected_count": 2, "rejected_rows": [5, 9]}, "B"),
    "A06": ({"is_period_told": False}, "I"),
    "A07": ({"issued_on": date(2026, 2, 6)}, "I"),
    "A08": ({"invoice_number": "F1"}, "B"),
    "A09": ({"neighbours": [replace(BEFORE, end=date(2026, 1, 2))]}, "B"),
    "A10": ({"previous_balance": Decimal("80.01")}, "B"),
    "A13": ({"unclassified": (1, Decimal("4.00"), 8)}, "I"),
    "B01": ({"account_fault": "Le compte est fermé."}, "B"),
    "B02": ({"lines": [BilledLine("5145550000", Decimal("50.00"), 3, False)]}, "I"),
    "B03": ({"unbilled": ["5145550009"]}, "I"),
}


def test_a_clean_invoice_has_no_finding():
    assert judge_invoice(CLEAN) == []


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_finds_its_fault_alone(rule):
    changes, severity = CASES[rule]
    (found,) = judge_invoice(replace(CLEAN, **changes))
    assert (found.rule, found.severity) == (rule, Severity(severity))
    assert found.message.endswith(".")


@pytest.mark.parametrize(
    "rule", sorted({r for r, case in CASES.items() if case[1] == "B"} - {"B01"})
)
def test_what_blocks_says_how_to_mend(rule):
    (found,) = judge_invoice(replace(CLEAN, **CASES[rule][0]))
    assert re.search(r"\b(demandez|importez|contestez)", found.message, re.IGNORECASE)


def test_the_rows_of_the_group_s_file_are_asked_of_itq():
    """Its page opens to ITQ alone: nobody is sent there."""
    (found,) = judge_invoice(replace(CLEAN, rejected_count=2, is_group_file=True))
    assert "demandez à ITQ" in found.message
    assert "page du fichier" not in found.message


def test_a_hole_in_the_periods_is_found_and_no_balance_is_judged_across_it():
    gone = replace(BEFORE, start=date(2025, 11, 1), end=date(2025, 12, 1))
    found = judge_invoice(replace(CLEAN, neighbours=[gone], previous_balance=Decimal("1.00")))
    assert [one.rule for one in found] == ["A09"]
    assert "2025-12-01 au 2025-12-31" in found[0].message


def test_what_is_at_stake_is_the_gap():
    (found,) = judge_invoice(replace(CLEAN, stated={"tps_amount": Decimal("5.01")}))
    assert found.at_stake == Decimal("0.01")
    (found,) = judge_invoice(replace(CLEAN, previous_balance=Decimal("70.00")))
    assert found.at_stake == Decimal("-10.00")


def test_a_provider_that_states_nothing_is_not_contradicted():
    quiet = replace(CLEAN, stated={}, previous_balance=None, issued_on=None, invoice_number="")
    assert judge_invoice(quiet) == []
