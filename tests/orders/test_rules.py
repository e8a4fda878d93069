"""The ordering rules, one sentence a test (R-03, R-10 to R-18)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.powers import DerogationKind
from orders.answers import PRINCIPLES, Outcome
from orders.coverage import DerogationFacts
from orders.facts import LineFacts, LineInServiceFacts, OfferFacts, OrderFacts
from orders.kinds import OrderKind
from orders.pricing import Priced, order_totals
from orders.rules import judge, second_factor_reasons

DAY = date(2026, 11, 22)
NETWORK, TECHNOLOGICAL, NON_ZERO_COST = (
    DerogationKind.NETWORK,
    DerogationKind.TECHNOLOGICAL,
    DerogationKind.NON_ZERO_COST,
)
PHONE = OfferFacts("Téléphone A", "TELUS", 1, is_zero_cost=True, is_subsidised=True)
BARE_PHONE = OfferFacts("Téléphone nu", "TELUS", 1, is_zero_cost=True)
DEAR_PHONE = OfferFacts("Téléphone B", "TELUS", 1)
ROGERS_PHONE = OfferFacts("Téléphone C", "Rogers", 2, is_zero_cost=True)
ROGERS_DEAR = OfferFacts("Téléphone D", "Rogers", 2)
PLAN = OfferFacts("Forfait 5 Go", "TELUS", 1)
FLEXIBLE = OfferFacts("Forfait flexible", "TELUS", 1, is_flexible=True)


def order(*lines: LineFacts, **facts: object) -> OrderFacts:
    usual = {
        "day": DAY,
        "orders_as_representative": True,
        "rank": 1,
        "provider": "TELUS",
        "has_account": True,
        "phase_kinds": frozenset(OrderKind.values),
    }
    return OrderFacts(**{**usual, **facts}, lines=lines)  # type: ignore[arg-type]


def said(*lines: LineFacts, **facts: object) -> list[tuple[str, str]]:
    return [(a.rule, a.outcome.value) for a in judge(order(*lines, **facts)).answers]


def test_zero_cost_phones_of_the_first_rank_go_freely():
    assert said(LineFacts(OrderKind.NEW_LINE, PHONE, PLAN)) == []


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (DEAR_PHONE, [("R-14", (NON_ZERO_COST,))]),
        (ROGERS_PHONE, [("R-13", (NETWORK, TECHNOLOGICAL))]),
        (ROGERS_DEAR, [("R-13", (NETWORK, TECHNOLOGICAL)), ("R-14", (NON_ZERO_COST,))]),
    ],
)
def test_what_is_not_free_to_order_names_the_derogations_it_needs(device, expected):
    verdict = judge(order(LineFacts(OrderKind.DEVICE_ONLY, device)))
    assert [(a.rule, a.kinds) for a in verdict.needs] == expected
    assert verdict.refusals == ()


def test_a_signed_derogation_lifts_the_need_it_covers_and_no_other():
    line = LineFacts(OrderKind.DEVICE_ONLY, ROGERS_DEAR)
    network = DerogationFacts(1, "D-2026-00012", frozenset({NETWORK}), "Rogers", left=3)
    verdict = judge(order(line, derogations=(network,)))
    assert [(a.rule, a.outcome) for a in verdict.answers] == [
        ("R-13", Outcome.COVERED),
        ("R-14", Outcome.NEEDS),
    ]
    assert "D-2026-00012 ; il en reste 3" in verdict.answers[0].sentence
    assert [a.rule for a in verdict.needs] == ["R-14"]


def test_a_change_to_a_line_that_a_derogation_holds_draws_nothing_more():
    network = DerogationFacts(1, "D-2026-00012", frozenset({NETWORK}), "Rogers", left=0)
    held = LineInServiceFacts("4185550142", rests_on=(network,))
    plan = OfferFacts("Forfait C", "Rogers", 2)
    verdict = judge(order(LineFacts(OrderKind.PLAN_CHANGE, plan=plan, line_in_service=held)))
    assert [(a.rule, a.outcome) for a in verdict.answers] == [("R-13", Outcome.COVERED)]
    assert verdict.covers[0].draws == {}
    dear = judge(order(LineFacts(OrderKind.UPGRADE, ROGERS_DEAR, line_in_service=held)))
    assert [a.rule for a in dear.needs] == ["R-14"]


def test_an_accessory_needs_no_derogation_at_the_first_rank():
    case = OfferFacts("Étui", "TELUS", 1, one_off_amount=Decimal(20))
    assert said(LineFacts(OrderKind.DEVICE_ONLY, accessory=case)) == []


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"orders_as_representative": False}, "R-10"),
        ({"membership": "Autorisation du MAMH manquante."}, "R-03"),
        ({"attested": False}, "R-12"),
        ({"rank": 2, "has_account": False}, "R-17"),
        ({"phase_kinds": None}, "R-18"),
        ({"phase_kinds": frozenset({"plan_change"})}, "R-18"),
    ],
)
def test_each_of_these_refuses_the_order(facts, rule):
    assert (rule, "refused") in said(LineFacts(OrderKind.NEW_LINE, PHONE, PLAN), **facts)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [(OrderKind.UPGRADE, False), (OrderKind.PLAN_CHANGE, False), (OrderKind.NEW_LINE, True)],
)
def test_a_member_taken_over_goes_on_managing_its_lines(kind, refused):
    answers = said(LineFacts(kind, plan=PLAN), membership="Non.", may_manage_lines=True)
    assert (("R-03", "refused") in answers) is refused
    assert ("R-03", "refused") in said(membership="Non.", may_manage_lines=True)


def test_a_membership_that_warns_does_not_refuse():
    verdict = judge(order(membership_warns="Vérifiez l'autorisation."))
    assert [a.outcome for a in verdict.answers] == [Outcome.WARNS]


def test_an_offer_that_left_the_catalogue_is_refused():
    gone = OfferFacts("Ancien", "TELUS", 1, is_current=False, is_zero_cost=True)
    assert said(LineFacts(OrderKind.DEVICE_ONLY, gone)) == [("R-11", "refused")]


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        (LineFacts(OrderKind.NEW_LINE, PHONE, FLEXIBLE), True),
        (LineFacts(OrderKind.NEW_LINE, BARE_PHONE, FLEXIBLE), False),
        (LineFacts(OrderKind.SIM_ONLY, plan=FLEXIBLE), False),
        (
            LineFacts(
                OrderKind.SIM_ONLY, plan=FLEXIBLE, own_subsidy_ends_on=DAY + timedelta(days=1)
            ),
            True,
        ),
        (LineFacts(OrderKind.SIM_ONLY, plan=FLEXIBLE, own_subsidy_ends_on=DAY), False),
        (
            LineFacts(OrderKind.UPGRADE, PHONE, line_in_service=LineInServiceFacts("418", True)),
            True,
        ),
        (
            LineFacts(
                OrderKind.UPGRADE, BARE_PHONE, line_in_service=LineInServiceFacts("418", True)
            ),
            False,
        ),
        (
            LineFacts(
                OrderKind.PLAN_CHANGE,
                plan=FLEXIBLE,
                line_in_service=LineInServiceFacts("418", False, date(2026, 11, 23)),
            ),
            True,
        ),
        (
            LineFacts(
                OrderKind.PLAN_CHANGE,
                plan=FLEXIBLE,
                line_in_service=LineInServiceFacts("418", False, DAY),
            ),
            False,
        ),
        (
            LineFacts(
                OrderKind.PLAN_CHANGE,
                plan=PLAN,
                line_in_service=LineInServiceFacts("418", True, date(2027, 1, 1)),
            ),
            False,
        ),
    ],
)
def test_the_flexible_plan_goes_only_without_subsidy(line, refused):
    assert (("R-16", "refused") in said(line)) is refused


@pytest.mark.parametrize(("ends_on", "refused"), [(DAY, False), (date(2026, 11, 23), True)])
def test_a_card_alone_is_for_a_device_without_subsidy(ends_on, refused):
    line = LineFacts(OrderKind.SIM_ONLY, plan=PLAN, own_subsidy_ends_on=ends_on)
    assert (("F-23", "refused") in said(line)) is refused
    if refused:
        (answer,) = judge(order(line)).answers
        assert "23 novembre 2026" in answer.sentence
        assert "non subventionné" in answer.principle


@pytest.mark.parametrize("kind", [OrderKind.UPGRADE, OrderKind.PLAN_CHANGE])
@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_cancelled_line_is_neither_upgraded_nor_changed(kind, is_cancelled):
    held = LineInServiceFacts("4185550142", is_cancelled=is_cancelled)
    answers = said(LineFacts(kind, plan=PLAN, line_in_service=held))
    assert (("F-40", "refused") in answers) is is_cancelled


@pytest.mark.parametrize(
    ("device", "refused"),
    [
        (replace(PHONE, supports_esim=False), True),
        (replace(PHONE, supports_esim=True), False),
        (PHONE, False),
        (None, False),
    ],
)
def test_an_esim_does_not_go_with_a_device_that_the_list_says_takes_none(device, refused):
    kind = OrderKind.NEW_LINE if device else OrderKind.SIM_ONLY
    line = LineFacts(kind, device, PLAN, wants_esim=True)
    assert (("F-21", "refused") in said(line)) is refused
    assert said(replace(line, wants_esim=False)) == []


def test_every_answer_names_a_rule_with_words_a_sentence_and_a_source():
    line = LineFacts(OrderKind.NEW_LINE, ROGERS_DEAR, FLEXIBLE)
    facts = {
        "orders_as_representative": False,
        "membership": "Non.",
        "attested": False,
        "rank": 2,
        "has_account": False,
        "phase_kinds": None,
    }
    answers = judge(order(line, **facts)).answers
    assert len(answers) == 7
    for answer in answers:
        assert answer.rule in PRINCIPLES
        assert answer.sentence
        assert answer.source
        assert answer.title


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"line_count": 10, "unconfirmed_addresses": []}, 0),
        ({"line_count": 11, "unconfirmed_addresses": []}, 1),
        ({"line_count": 1, "unconfirmed_addresses": ["A", "A"]}, 1),
        ({"line_count": 11, "unconfirmed_addresses": ["A"]}, 2),
    ],
)
def test_a_risky_submission_says_why_it_asks_a_second_factor(facts, count):
    assert len(second_factor_reasons(**facts)) == count


def test_taxes_are_rounded_on_the_sum_once():
    totals = order_totals(
        [Priced(Decimal("19.99"), Decimal("10.10"), 3)],
        tps_rate=Decimal("0.05"),
        tvq_rate=Decimal("0.09975"),
    )
    assert totals.one_off.amount == Decimal("59.97")
    assert totals.one_off.tps_amount == Decimal("3.00")
    assert totals.one_off.tvq_amount == Decimal("5.98")
    assert totals.one_off.with_taxes == Decimal("68.95")
    assert totals.monthly.amount == Decimal("30.30")


cents = st.decimals(min_value=0, max_value=5000, places=2)


@given(st.lists(st.builds(Priced, cents, cents, st.integers(1, 500)), max_size=20))
def test_a_total_is_the_exact_sum_of_its_lines(lines):
    totals = order_totals(lines, tps_rate=Decimal("0.05"), tvq_rate=Decimal("0.09975"))
    assert totals.one_off.amount == sum((p.one_off_amount * p.quantity for p in lines), Decimal(0))
    assert abs(totals.monthly.tvq_amount - totals.monthly.amount * Decimal("0.09975")) <= Decimal(
        "0.005"
    )
