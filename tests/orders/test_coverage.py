"""What covers a line: conditions one by one, and properties that hold for any order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.powers import DerogationKind
from orders.coverage import DerogationFacts, Want, cover_lines, fits

DAY = date(2026, 11, 22)
NETWORK, TECHNOLOGICAL, DEAR = (
    DerogationKind.NETWORK.value,
    DerogationKind.TECHNOLOGICAL.value,
    DerogationKind.NON_ZERO_COST.value,
)
SECOND_RANK, DEVICE = (NETWORK, TECHNOLOGICAL), (DEAR,)
WANT = Want(
    needs=(SECOND_RANK,),
    provider="Rogers",
    offers=frozenset({"R-1", "P-1"}),
    device="Téléphone C",
    municipality="Saint-Fictif",
    one_off_amount=Decimal(100),
    monthly_amount=Decimal(20),
)
SIGNED = DerogationFacts(
    1,
    "D-2026-00012",
    frozenset({NETWORK}),
    "Rogers",
    left=3,
    one_off_amount=Decimal(100),
    monthly_amount=Decimal(20),
)


@pytest.mark.parametrize(
    ("changes", "covers"),
    [
        ({}, True),
        ({"is_signed": False}, False),
        ({"kinds": frozenset({TECHNOLOGICAL})}, False),
        ({"provider": "TELUS"}, False),
        ({"ends_on": DAY}, True),
        ({"ends_on": DAY - timedelta(days=1)}, False),
        ({"offer": "R-1"}, True),
        ({"offer": "P-1"}, True),
        ({"offer": "R-2"}, False),
        ({"model": "telephone c"}, True),
        ({"model": "Téléphone D"}, False),
        ({"offer": "R-1", "model": "Ancien nom"}, True),
        ({"municipalities": ("SAINT FICTIF", "Ailleurs")}, True),
        ({"municipalities": ("Ailleurs",)}, False),
        ({"one_off_amount": Decimal(100), "monthly_amount": Decimal(20)}, True),
        ({"one_off_amount": Decimal(0), "monthly_amount": Decimal(0)}, False),
        ({"one_off_amount": Decimal(99), "monthly_amount": Decimal(20)}, False),
        ({"one_off_amount": Decimal(100), "monthly_amount": Decimal(19)}, False),
    ],
)
def test_each_thing_signed_is_compared(changes, covers):
    assert fits(WANT, replace(SIGNED, **changes), NETWORK, DAY) is covers


def test_the_one_chosen_covers_at_any_place_but_nothing_else_is_waived():
    chosen = replace(WANT, chosen=frozenset({1}))
    assert fits(chosen, replace(SIGNED, municipalities=("Ailleurs",)), NETWORK, DAY)
    assert not fits(chosen, replace(SIGNED, is_signed=False), NETWORK, DAY)
    assert not fits(chosen, replace(SIGNED, provider="TELUS"), NETWORK, DAY)


def test_the_sentence_says_which_and_what_is_left():
    (cover,) = cover_lines([WANT], [SIGNED], DAY)
    assert cover.covers[0].sentence == (
        "Couvert par D-2026-00012 ; il en reste 3, cette ligne en prend 1."
    )
    unlimited = replace(SIGNED, left=None, ends_on=date(2028, 3, 31))
    (cover,) = cover_lines([WANT], [unlimited], DAY)
    assert cover.covers[0].sentence == (
        "Couvert par D-2026-00012, jusqu'au 2028-03-31 ; sa quantité n'est pas limitée."
    )


def test_what_one_line_takes_the_next_no_longer_has():
    covers = cover_lines([replace(WANT, quantity=2)] * 2, [SIGNED], DAY)
    assert [bool(cover.covers[0]) for cover in covers] == [True, False]


def test_one_request_with_two_heads_serves_both_needs_and_is_drawn_once():
    both = replace(SIGNED, kinds=frozenset({NETWORK, DEAR}), left=1)
    alone = replace(SIGNED, pk=2, number="D-2026-00001", left=5)
    want = replace(WANT, needs=(SECOND_RANK, DEVICE))
    (cover,) = cover_lines([want], [alone, both], DAY)
    assert cover.draws == {1: (NETWORK, DEAR)}


def test_each_need_may_rest_on_its_own_derogation():
    dear = replace(SIGNED, pk=2, number="D-2026-00013", kinds=frozenset({DEAR}), left=None)
    (cover,) = cover_lines([replace(WANT, needs=(SECOND_RANK, DEVICE))], [SIGNED, dear], DAY)
    assert cover.draws == {1: (NETWORK,), 2: (DEAR,)}
    assert {one.pk for one in cover.options} == {1, 2}


derogations = st.lists(
    st.builds(
        DerogationFacts,
        pk=st.integers(1, 6),
        number=st.integers(1, 6).map("D-2026-{:05}".format),
        kinds=st.frozensets(st.sampled_from([NETWORK, TECHNOLOGICAL, DEAR])),
        provider=st.sampled_from(["Rogers", "TELUS"]),
        is_signed=st.booleans(),
        ends_on=st.none() | st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3)),
        left=st.none() | st.integers(0, 4),
        offer=st.sampled_from(["", "R-1", "R-2"]),
        municipalities=st.sampled_from([(), ("Saint-Fictif",), ("Ailleurs",)]),
        one_off_amount=st.sampled_from([Decimal(0), Decimal(100)]),
    ),
    max_size=6,
    unique_by=lambda one: one.pk,
)
wants = st.lists(
    st.builds(
        Want,
        needs=st.sampled_from([(), (SECOND_RANK,), (DEVICE,), (SECOND_RANK, DEVICE)]),
        provider=st.just("Rogers"),
        quantity=st.integers(1, 4),
        offers=st.just(frozenset({"R-1"})),
        municipality=st.sampled_from(["", "Saint-Fictif"]),
        one_off_amount=st.sampled_from([Decimal(0), Decimal(99)]),
        chosen=st.frozensets(st.integers(1, 6), max_size=2),
    ),
    max_size=6,
)


@given(wants, derogations)
def test_no_derogation_ever_gives_more_than_it_has(lines, known):
    taken: dict[int, int] = {}
    for want, cover in zip(lines, cover_lines(lines, known, DAY), strict=True):
        for pk in cover.draws:
            taken[pk] = taken.get(pk, 0) + want.quantity
    for one in known:
        assert one.left is None or taken.get(one.pk, 0) <= one.left


@given(wants, derogations)
def test_every_cover_was_signed_for_its_line(lines, known):
    for want, line in zip(lines, cover_lines(lines, known, DAY), strict=True):
        assert len(line.covers) == len(want.needs)
        for kinds, cover in zip(want.needs, line.covers, strict=True):
            if cover:
                assert cover.kind in kinds
                assert fits(want, cover.derogation, cover.kind, DAY)


@given(wants, derogations)
def test_the_first_line_is_covered_wherever_one_would_do(lines, known):
    if not lines:
        return
    want, line = lines[0], cover_lines(lines, known, DAY)[0]
    for kinds, cover in zip(want.needs, line.covers, strict=True):
        would_do = [
            one.pk
            for one in known
            if (one.left is None or one.left >= want.quantity)
            and any(fits(want, one, kind, DAY) for kind in kinds)
        ]
        assert bool(cover) == bool(would_do)
        if cover and want.chosen.intersection(would_do):
            assert cover.derogation.pk in want.chosen


@given(wants, derogations, st.randoms())
def test_the_answer_does_not_hang_on_the_order_in_which_they_are_read(lines, known, random):
    mixed = list(known)
    random.shuffle(mixed)
    distinct = len({(one.ends_on, one.number) for one in known}) == len(known)
    if distinct:
        assert cover_lines(lines, known, DAY) == cover_lines(lines, mixed, DAY)
