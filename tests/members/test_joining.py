"""The joining rule as a table (R-03, F-09)."""

from datetime import date

import pytest

from members.joining import (
    Joining,
    Outcome,
    Rule,
    authorisation_needed,
    contract_years,
    joining_verdict,
)

BLOCK = Rule(mode="block", source="FAQ, question 7")
SIGNED = {"has_left": False, "has_membership": True, "agreement_on": date(2020, 1, 1)}
JOINED = SIGNED | {"confirmed": True}


@pytest.mark.parametrize(
    ("municipality", "population", "years", "needed"),
    [
        (True, 99_999, 10, True),
        (True, 100_000, 10, False),
        (True, None, 10, True),
        (True, 5_000, 5, False),
        (True, 5_000, 5.01, True),
        (False, 5_000, 10, False),
    ],
)
def test_the_authorisation_is_needed_by_small_municipalities_for_long_contracts(
    municipality, population, years, needed
):
    answer = authorisation_needed(
        is_municipality=municipality, population=population, years=years, rule=BLOCK
    )
    assert answer is needed


def test_the_2015_2025_contract_is_longer_than_five_years():
    assert contract_years(date(2015, 10, 1), date(2025, 10, 1)) > 5
    assert contract_years(date(2021, 1, 1), date(2026, 1, 1)) <= 5
    assert contract_years(date(2015, 10, 1), None) > 1000


@pytest.mark.parametrize(
    ("joining", "mode", "outcome", "manages", "word"),
    [
        (JOINED | {"authorisation": "obtained"}, "block", Outcome.ALLOWED, True, "en règle"),
        (JOINED | {"authorisation": "not_required"}, "block", Outcome.ALLOWED, True, "en règle"),
        (JOINED | {"authorisation": "required"}, "block", Outcome.BLOCKED, False, "pas au dossier"),
        (JOINED | {"authorisation": "filed"}, "block", Outcome.BLOCKED, False, "confirmation"),
        (JOINED | {"authorisation": "required"}, "warn", Outcome.WARNED, True, "pas au dossier"),
        (JOINED | {"authorisation": "required"}, "off", Outcome.ALLOWED, True, "en règle"),
        (
            JOINED | {"authorisation": "required", "taken_over": True},
            "block",
            Outcome.BLOCKED,
            True,
            "MAMH",
        ),
        (SIGNED | {"authorisation": "obtained"}, "off", Outcome.BLOCKED, False, "ITQ"),
        (
            {"has_left": False, "has_membership": True, "confirmed": True},
            "off",
            Outcome.BLOCKED,
            False,
            "entente",
        ),
        ({"has_left": False, "has_membership": False}, "off", Outcome.BLOCKED, False, "adhéré"),
        (
            JOINED | {"authorisation": "obtained", "has_left": True},
            "off",
            Outcome.BLOCKED,
            False,
            "quitté",
        ),
    ],
)
def test_the_verdict_follows_the_table(joining, mode, outcome, manages, word):
    verdict = joining_verdict(Joining(**joining), Rule(mode=mode, source="FAQ"))
    assert (verdict.outcome, verdict.may_manage_lines) == (outcome, manages)
    assert verdict.may_order is (outcome != Outcome.BLOCKED)
    assert word in verdict.sentence
    assert verdict.source
