"""A list's columns, what contradicts itself in a row, and what a new list changes (F-45, F-21)."""

from datetime import date
from decimal import Decimal

import pytest

from catalogue.differences import compare, shown
from catalogue.imports import SCHEMA, offer_values, tiers
from portal.tabular import read_table
from portal.tabular.values import Unreadable
from tests.catalogue.lists import FLEXIBLE, PHONE, price_list


def faults(*rows):
    found = SCHEMA.read(read_table(price_list(*rows), "liste.csv"))
    return [(fault.line, fault.column) for fault in found.faults]


def test_a_coherent_list_has_no_fault():
    assert faults(PHONE, FLEXIBLE) == []


@pytest.mark.parametrize(
    ("row", "changes", "column"),
    [
        (PHONE, {"Genre": "gadget"}, "Genre"),
        (PHONE, {"Code du prestataire": ""}, "Code du prestataire"),
        (PHONE, {"Libellé de facture (anglais)": ""}, "Libellé de facture (anglais)"),
        (PHONE, {"À coût nul": ""}, "À coût nul"),
        (PHONE, {"Subventionné": ""}, "Subventionné"),
        (PHONE, {"Prix unique": "10"}, "Prix unique"),
        (PHONE, {"Prix mensuel": "10"}, "Prix unique"),
        (PHONE, {"À coût nul": "non"}, "Prix unique"),
        (PHONE, {"Paliers": "5 = 0"}, "Paliers"),
        (PHONE, {"Forfait flexible": "oui"}, "Forfait flexible"),
        (PHONE, {"Offert du": "2026-02-01", "Offert jusqu'au": "2026-01-31"}, "Offert jusqu'au"),
        (FLEXIBLE, {"À coût nul": "oui", "Prix mensuel": "0"}, "À coût nul"),
        (FLEXIBLE, {"Subventionné": "oui"}, "Subventionné"),
        (FLEXIBLE, {"Paliers": ""}, "Paliers"),
        (FLEXIBLE, {"Paliers comptés": ""}, "Paliers comptés"),
        (FLEXIBLE, {"Prix du Go supplémentaire": ""}, "Prix du Go supplémentaire"),
        (FLEXIBLE, {"Forfait flexible": "non"}, "Paliers"),
    ],
)
def test_what_contradicts_itself_is_told_in_its_column(row, changes, column):
    assert faults(row | changes) == [(2, column)]


def test_zero_cost_and_subsidised_are_two_attributes():
    for zero, subsidised in (("oui", "non"), ("oui", "oui")):
        assert faults(PHONE | {"À coût nul": zero, "Subventionné": subsidised}) == []
    dear = PHONE | {"À coût nul": "non", "Prix unique": "10"}
    for subsidised in ("oui", "non"):
        assert faults(dear | {"Subventionné": subsidised}) == []


def test_a_code_stands_once_in_a_list():
    assert faults(PHONE, PHONE) == [(3, "Code du prestataire")]


def test_tiers_are_read_with_decimal_commas():
    assert tiers("5 = 0 | 20 = 12,50|10 000=900") == (
        (Decimal(5), Decimal(0)),
        (Decimal(20), Decimal("12.50")),
        (Decimal(10_000), Decimal(900)),
    )


@pytest.mark.parametrize(
    "cell", ["5", "5 = ", "= 3", "5 = 0 |", "20 = 1 | 5 = 2", "5 = 1 | 5 = 2", "5 = 9 | 20 = 3"]
)
def test_tiers_that_do_not_rise_are_refused(cell):
    with pytest.raises(Unreadable):
        tiers(cell)


def test_too_many_tiers_are_refused():
    with pytest.raises(Unreadable, match="40"):
        tiers(" | ".join(f"{n + 1} = {n}" for n in range(41)))


def test_an_offer_s_last_day_is_included():
    row = PHONE | {"Offert du": "2026-02-01", "Offert jusqu'au": "2026-02-28"}
    (read,) = SCHEMA.read(read_table(price_list(row), "x.csv")).rows
    values = offer_values(read, effective_on=date(2026, 1, 1))
    assert (values["since"], values["end"]) == (date(2026, 2, 1), date(2026, 3, 1))
    (read,) = SCHEMA.read(read_table(price_list(PHONE), "x.csv")).rows
    values = offer_values(read, effective_on=date(2026, 1, 1))
    assert (values["since"], values["end"]) == (date(2026, 1, 1), None)


def test_differences_tell_what_is_added_removed_changed_and_the_same():
    labels = {"name": "Nom", "one_off_amount": "Prix unique"}
    facts = {"name": "A", "one_off_amount": Decimal("1.00")}
    before = [{"code": "a", **facts}, {"code": "b", **facts}, {"code": "c", **facts}]
    after = [
        {"code": "a", **facts, "one_off_amount": Decimal(1)},
        {"code": "b", **facts, "one_off_amount": Decimal(2)},
        {"code": "d", **facts},
    ]
    assert compare(before, after, labels).as_json() == {
        "added": [("d", "A")],
        "removed": [("c", "A")],
        "changed": [{"code": "b", "name": "A", "values": [("Prix unique", "1,00", "2,00")]}],
        "unchanged": 1,
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "oui"),
        (False, "non"),
        (None, "–"),
        ((), "–"),
        (Decimal("1234.5"), "1234,50"),
        (date(2026, 1, 2), "2026-01-02"),
        (((Decimal(5), Decimal(0)), (Decimal(20), Decimal(9))), "5,00 = 0,00 | 20,00 = 9,00"),
        (24, "24"),
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(value, text):
    assert shown(value) == text
