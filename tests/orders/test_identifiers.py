"""Numbers as people type them."""

import pytest
from django.core.exceptions import ValidationError

from orders.identifiers import card_number, imei, phone_number, shown_number


@pytest.mark.parametrize(
    "text", ["4185550142", "418 555-0142", "(418) 555-0142", "+1 418.555.0142", "1-418-555-0142"]
)
def test_a_number_is_read_however_it_is_typed(text):
    assert phone_number(text) == "4185550142"


@pytest.mark.parametrize("text", ["", "418555014", "1185550142", "4181550142", "41855501420"])
def test_what_is_no_number_is_told(text):
    with pytest.raises(ValidationError, match="dix chiffres"):
        phone_number(text)


def test_a_number_is_shown_as_people_write_it():
    assert shown_number("4185550142") == "418\u00a0555-0142"


def test_an_imei_needs_its_check_digit():
    assert imei("49-015420-323751-8") == "490154203237518"
    assert imei("") == ""
    for wrong in ("490154203237519", "49015420323751", "4901542032375180", "49015420323751x"):
        with pytest.raises(ValidationError, match="IMEI"):
            imei(wrong)


def test_a_card_number_counts_its_digits():
    assert card_number("8912 2300 0012 3456 789") == "8912230000123456789"
    assert card_number("") == ""
    for wrong in ("8912", "8" * 23, "89122300001234567x"):
        with pytest.raises(ValidationError, match="chiffres"):
            card_number(wrong)
