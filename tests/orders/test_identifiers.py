"""Numbers as people type them."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from orders.identifiers import (
    card_number,
    imei,
    phone_number,
    shown_number,
    written_day,
)


@pytest.mark.parametrize(
    "text", ["4185550142", "418 555-0142", "(418) 555-0142", "+1 418.555.0142", "1-418-555-0142"]
)
def test_a_number_is_read_however_it_is_typed(text):
    assert phone_number(text) == "4185550142"


@pytest.mark.parametrize(
    "text", ["", "418555014", "1185550142", "4181550142", "41855501420", "abc"]
)
def test_what_is_no_number_is_told(text):
    with pytest.raises(ValidationError, match="dix chiffres"):
        phone_number(text)


def test_a_number_is_shown_as_people_write_it():
    assert shown_number("4185550142") == "418\u00a0555-0142"


def test_an_imei_needs_its_check_digit():
    assert imei("49-015420-323751-8") == "490154203237518"
    assert imei("") == ""
    for wrong in ("490154203237519", "49015420323751", "4901542032375180", "49015420323751x"):
        with pytest.raises(ValidationError, match="quinze chiffres"):
            imei(wrong)


def test_a_card_number_begins_with_89():
    assert card_number("8912 2300 0012 3456 789") == "8912230000123456789"
    assert card_number("") == ""
    for wrong in ("7912230000123456789", "8912", "89" * 12):
        with pytest.raises(ValidationError, match="89"):
            card_number(wrong)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        (" 2026-11-22 00:00:00 ", date(2026, 11, 22)),
        ("2026-11-22T00:00:00", date(2026, 11, 22)),
        ("", None),
    ],
)
def test_a_day_is_read_from_a_cell(text, day):
    assert written_day(text) == day


@pytest.mark.parametrize("text", ["22/11/2026", "2026-02-30", "2026-11-22 14:05", "demain"])
def test_what_is_no_day_is_told(text):
    with pytest.raises(ValidationError, match="n'est pas une date"):
        written_day(text)
