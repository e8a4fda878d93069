"""What a request lacks: fields, dates, proof, the provider's form (F-33)."""

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derogations.completeness import (
    PARTS,
    Proof,
    RequestFacts,
    missing,
    parts_of,
    required_fields,
)
from members.powers import DerogationKind

NETWORK, TECHNOLOGICAL, DEVICE = DerogationKind
FIELDS = {name for _title, names in PARTS.values() for name in names}
LABELS = {name: name for name in FIELDS}
ALL_KINDS = [
    kinds for size in (1, 2, 3) for kinds in combinations((NETWORK, TECHNOLOGICAL, DEVICE), size)
]


def facts(kinds=(DEVICE,), **given_):
    values = dict.fromkeys(required_fields(kinds), "dit")
    values |= {"wanted_on": date(2026, 1, 1), "ends_on": date(2026, 2, 1)}
    values |= {"one_off_amount": Decimal(0), "monthly_amount": Decimal("40.00")}
    return RequestFacts(kinds=kinds, **{"values": values, **given_})


@pytest.mark.parametrize("kinds", ALL_KINDS)
def test_a_filled_and_proven_request_lacks_nothing(kinds):
    whole = facts(kinds, places=1, tests=1)
    assert missing(whole, LABELS) == []


@given(st.sets(st.sampled_from(sorted(required_fields(list(DerogationKind))))))
def test_each_empty_field_is_named_once_on_its_own_page(empty):
    whole = facts(tuple(DerogationKind), places=1, tests=1)
    lacks = missing(
        RequestFacts(
            kinds=whole.kinds,
            values={name: "" if name in empty else v for name, v in whole.values.items()},
            places=1,
            tests=1,
        ),
        LABELS,
    )
    assert sorted(lack.field for lack in lacks) == sorted(empty)
    assert all(lack.field in PARTS[lack.part][1] for lack in lacks)


@pytest.mark.parametrize(
    ("one_off", "monthly", "lacking"),
    [
        (Decimal(0), Decimal(0), ["monthly_amount"]),
        (None, None, ["monthly_amount"]),
        (Decimal(-5), Decimal(0), ["monthly_amount"]),
        (Decimal("0.01"), Decimal(0), []),
        (Decimal(0), Decimal("0.01"), []),
    ],
)
def test_a_request_says_what_it_commits(one_off, monthly, lacking):
    whole = facts()
    told = {**whole.values, "one_off_amount": one_off, "monthly_amount": monthly}
    lacks = missing(RequestFacts(kinds=(DEVICE,), values=told), LABELS)
    assert [lack.field for lack in lacks] == lacking
    assert all(lack.part == "couts" for lack in lacks)


def test_an_article_that_costs_nothing_commits_nothing():
    free = {"one_off_amount": Decimal(0), "monthly_amount": Decimal(0)}
    told = {**facts().values, **free}
    assert missing(RequestFacts(kinds=(DEVICE,), values=told, is_free=True), LABELS) == []


def test_an_end_before_the_beginning_is_told():
    whole = facts()
    wrong = {**whole.values, "ends_on": date(2025, 12, 31)}
    lacks = missing(RequestFacts(kinds=(DEVICE,), values=wrong), LABELS)
    assert [lack.field for lack in lacks] == ["ends_on"]


@pytest.mark.parametrize("proof", list(Proof))
def test_each_proof_that_a_rule_asks_is_named(proof):
    lacks = missing(facts(rules={DEVICE: [[proof]]}), LABELS)
    assert len(lacks) == 1
    assert str(Proof(proof).label) in lacks[0].sentence


@pytest.mark.parametrize(
    ("wanted", "given_"),
    [
        (Proof.PLACE, {"places": 1}),
        (Proof.TEST, {"tests": 1}),
        (Proof.COVERAGE_MAP, {"papers": {"coverage_map"}}),
        (Proof.TICKET_ANSWER, {"papers": {"ticket_answer"}}),
        (Proof.SECOND_RANK, {"papers": {"rogers_coverage"}}),
        (Proof.OTHER_PAPER, {"papers": {"other"}}),
        (Proof.CREDIT_CERTIFICATE, {"papers": {"credit_certificate"}}),
    ],
)
def test_each_proof_is_met_by_its_own_thing(wanted, given_):
    assert missing(facts(rules={DEVICE: [[wanted]]}, **given_), LABELS) == []


def test_one_proof_of_a_set_is_enough_and_one_sentence_names_the_set():
    rules = {DEVICE: [[Proof.TEST, Proof.COVERAGE_MAP]]}
    assert missing(facts(rules=rules, papers={"coverage_map"}), LABELS) == []
    (lack,) = missing(facts(rules=rules), LABELS)
    assert "essai" in lack.sentence
    assert "carte" in lack.sentence


def test_the_same_set_of_two_kinds_is_named_once():
    rules = {NETWORK: [[Proof.PLACE]], DEVICE: [[Proof.PLACE]]}
    assert len(missing(facts((NETWORK, DEVICE), rules=rules), LABELS)) == 1


def test_the_provider_s_form_is_asked_only_where_there_is_one():
    assert missing(facts(), LABELS) == []
    (lack,) = missing(facts(forms_needed=1), LABELS)
    assert lack.part == "pieces"
    assert missing(facts(forms_needed=1, forms_joined=1), LABELS) == []
    (one,) = missing(facts(forms_needed=2, forms_joined=1), LABELS)
    assert one.sentence.endswith("un par genre (1 sur 2).")
    assert missing(facts(forms_needed=2, forms_joined=2), LABELS) == []


def test_a_request_shows_the_pages_of_its_kinds_only():
    assert "lieux" in parts_of([NETWORK])
    assert "lieux" not in parts_of([DEVICE])
    assert "appareil" not in parts_of([NETWORK])
    assert parts_of(list(DerogationKind)) == list(PARTS)
