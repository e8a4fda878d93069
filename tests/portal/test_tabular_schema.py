"""A sheet's schema: headers matched, cells parsed, every fault told at once (F-45, X-17)."""

import contextlib
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tabular import Fault, Row, SheetColumn, SheetSchema, Table, read_table
from portal.tabular.values import (
    Unreadable,
    choice,
    day,
    decimal,
    digits,
    fold,
    imei,
    integer,
    money,
    phone,
    text,
    yes_no,
)

SCHEMA = SheetSchema(
    columns=(
        SheetColumn("number", "Numéro de la ligne", phone, ("numero", "line"), required=True),
        SheetColumn("amount", "Prix", money, ("price",), default=Decimal(0), example="1,50"),
        SheetColumn("since", "Depuis", day, ("since",)),
    ),
    check=lambda row: [("since", "Trop tôt.")] if row["since"] == date(2000, 1, 1) else [],
    unique=("number",),
)


def read(csv):
    return SCHEMA.read(read_table(csv.encode(), "x.csv"))


@pytest.mark.parametrize(
    "header", ["Numéro de la ligne", "NUMERO DE LA LIGNE", "numéro-de  la_ligne", "line", "Number"]
)
def test_a_header_is_matched_without_accents_case_nor_punctuation(header):
    assert read(f"{header}\n418 555-0142\n").rows[0].values["number"] == "4185550142"


def test_typed_values_and_defaults_keep_their_line():
    found = read("numero;price;since\n418 555-0142;1 234,56 $;2026-11-22\n4185550143;;\n")
    assert found.faults == []
    assert [(row.line, row.values) for row in found.rows] == [
        (2, {"number": "4185550142", "amount": Decimal("1234.56"), "since": date(2026, 11, 22)}),
        (3, {"number": "4185550143", "amount": Decimal(0), "since": None}),
    ]


def test_every_fault_is_told_at_once_with_its_line_and_column():
    found = read(
        "numero;price;since\n12;x;hier\n;1;\n4185550142;;2000-01-01\n4185550142;;\n4185550143;;\n"
    )
    assert [(fault.line, fault.column) for fault in found.faults] == [
        (2, "Numéro de la ligne"),
        (2, "Prix"),
        (2, "Depuis"),
        (3, "Numéro de la ligne"),
        (4, "Depuis"),
        (5, "Numéro de la ligne"),
    ]
    assert "ligne 4" in found.faults[-1].reason
    assert [row.line for row in found.rows] == [6]


def test_an_absent_required_column_is_a_fault_and_the_rest_is_still_read():
    found = read("price\nx\n")
    assert [(f.line, f.column) for f in found.faults] == [(1, "Numéro de la ligne"), (2, "Prix")]


def test_two_headers_of_one_column_are_a_fault_and_unknown_ones_are_kept_aside():
    found = read("numero;line;Couleur\n4185550142;4185550142;bleu\n")
    assert [fault.line for fault in found.faults] == [1]
    assert found.unknown == ["Couleur"]


def test_a_file_without_rows_is_a_fault():
    assert [fault.column for fault in read("numero\n").faults] == [""]


def test_a_fault_is_plain_json():
    assert Fault(2, "Prix", "Non.").as_json() == {"line": 2, "column": "Prix", "reason": "Non."}


def test_the_template_has_every_header_and_one_example():
    assert SCHEMA.template() == (["Numéro de la ligne", "Prix", "Depuis"], ["", "1,50", ""])


def test_nine_thousand_rows_are_read_in_less_than_three_seconds():
    headers = [f"c{n}" for n in range(12)]
    parsers = [phone, money, day, yes_no, integer(), *[text()] * 7]
    schema = SheetSchema(
        tuple(SheetColumn(h, h, p) for h, p in zip(headers, parsers, strict=True)), unique=("c0",)
    )
    values = ["1 234,56", "2026-11-22", "oui", "12", *["Texte accentué"] * 7]
    lines = [";".join([f"418{2_000_000 + n}", *values]) for n in range(9_000)]
    content = "\n".join([";".join(headers), *lines]).encode()
    begun = time.monotonic()
    found = schema.read(read_table(content, "x.csv"))
    assert time.monotonic() - begun < 3
    assert (len(found.rows), found.faults) == (9_000, [])


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (money, "1 234,56 $", Decimal("1234.56")),
        (money, "1\u00a0234,5", Decimal("1234.50")),
        (money, "1\u202f234\u202f567,00\u00a0$", Decimal("1234567.00")),
        (money, "$1,234.56", Decimal("1234.56")),
        (money, "1.234,56", Decimal("1234.56")),
        (money, "1,234,567.8", Decimal("1234567.80")),
        (money, "0", Decimal("0.00")),
        (decimal(2, negative=True), "\u22125,25", Decimal("-5.25")),
        (decimal(3), "1,234", Decimal("1.234")),
        (integer(), "1 200", 1200),
        (integer(), "12.0", 12),
        (day, "2026-11-22", date(2026, 11, 22)),
        (day, "2028/2/29", date(2028, 2, 29)),
        (yes_no, "OUI", True),
        (yes_no, "No", False),
        (yes_no, "1", True),
        (phone, "(418) 555-0142", "4185550142"),
        (phone, "+1 418.555.0142", "4185550142"),
        (imei, "35-209900-176148-1", "352099001761481"),
        (digits(19, 20), "8930 2000 0000 0012 345", "8930200000000012345"),
        (choice({"à coût nul": "zero"}), "A COUT NUL", "zero"),
        (text(5), "a\u00a0 b", "a b"),
    ],
)
def test_a_value_is_read_in_the_usual_hands(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell", "word"),
    [
        (money, "12,345", "décimales"),
        (money, "-1", "négatif"),
        (money, "1 23,45", "nombre"),
        (money, "gratuit", "nombre"),
        (money, "1e3", "nombre"),
        (money, "NaN", "nombre"),
        (money, "٣", "nombre"),
        (money, "123456789,00", "grand"),
        (integer(0, 60), "61", "0 à 60"),
        (integer(), "1,5", "entier"),
        (day, "22/11/2026", "2026-11-22"),
        (day, "2026-02-30", "date"),
        (day, "2026-11-22 14:00", "date"),
        (yes_no, "peut-être", "oui"),
        (phone, "118 555-0142", "dix chiffres"),
        (phone, "418 555-014", "dix chiffres"),
        (phone, "418555014²", "dix chiffres"),
        (phone, "4,18555E+09", "tableur"),
        (imei, "352099001761482", "concorde"),
        (imei, "35209900176148", "quinze"),
        (digits(19, 20), "8.9302E+18", "tableur"),
        (digits(19, 20), "123", "chiffres"),
        (choice({"oui": "y"}), "bof", "« oui »".replace(" ", "\u00a0")),
        (text(5), "abcdef", "limite"),
        (text(), "a\x07b", "commande"),
    ],
)
def test_what_is_no_value_says_why(parse, cell, word):
    with pytest.raises(Unreadable, match=word):
        parse(cell)


@given(st.decimals(min_value=0, max_value=99_999_999, places=2))
def test_an_amount_written_in_french_is_read_back(amount):
    written = f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",") + "\u00a0$"
    assert money(written) == amount


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_reason(cell):
    for parse in (money, integer(), day, yes_no, phone, imei, digits(4, 20), text(), decimal(3)):
        with contextlib.suppress(Unreadable):
            parse(cell)


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(words):
    assert fold(fold(words)) == fold(words)


def test_a_row_lacking_its_header_is_not_read_as_another():
    table = Table(["Prix"], [Row(2, {"Prix": "1"})])
    assert SCHEMA.read(table).rows == []
