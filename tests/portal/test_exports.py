"""Exports: what a spreadsheet would run stays text, numbers stay numbers (X-20)."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from portal.exports import FORMULA_STARTS, LONGEST_TEXT, export_csv, export_xlsx, safe_text
from portal.tabular import read_table

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://exemple.test";"Cliquez")',
    "+33",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
]
WHEN = datetime(2026, 11, 22, 19, 5, tzinfo=UTC)


def csv_rows(rows, labels=("a",)):
    content = export_csv("liste", list(labels), rows).getvalue()
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def xlsx_rows(rows, labels=("a",)):
    content = export_xlsx("liste", list(labels), rows).content
    return load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_would_run_is_quoted_in_csv(text):
    assert csv_rows([[text]])[1] == [f"'{text}"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_would_run_stays_text_in_a_workbook(text):
    content = export_xlsx("liste", ["a"], [[text]]).content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert not [name for name in book.namelist() if name.startswith("xl/worksheets/_rels")]
    assert xlsx_rows([[text]])[1][0].strip() == text.strip()


def test_a_header_that_would_run_is_quoted_too():
    assert csv_rows([], labels=["=1+1"]) == [["'=1+1"]]


def test_negative_amounts_stay_numbers():
    amounts = [Decimal("-12.50"), -3, -0.5]
    assert csv_rows([[amount] for amount in amounts])[1:] == [["-12,50"], ["-3"], ["-0,5"]]
    assert xlsx_rows([[amount] for amount in amounts])[1:] == [[-12.5], [-3], [-0.5]]


def test_each_kind_of_value_is_written_as_a_person_reads_it():
    row = [None, "", date(2026, 11, 22), WHEN, True, False, Decimal("1E+3"), "Éric ; « 1 »"]
    labels = [str(number) for number in range(len(row))]
    assert csv_rows([row], labels)[1] == [
        *("", "", "2026-11-22", "2026-11-22 14:05", "oui", "non", "1000", "Éric ; « 1 »")
    ]
    assert xlsx_rows([row], labels)[1] == [
        *("", "", date(2026, 11, 22), datetime(2026, 11, 22, 14, 5)),  # noqa: DTZ001
        *("oui", "non", 1000.0, "Éric ; « 1 »"),
    ]


def test_a_text_too_long_for_a_cell_is_cut_rather_than_lost():
    assert xlsx_rows([["x" * 40_000]])[1] == ["x" * LONGEST_TEXT]


def test_the_files_are_named_and_begin_as_a_french_spreadsheet_expects():
    answer = export_csv("commandes", ["a"], [])
    assert answer["Content-Disposition"] == 'attachment; filename="commandes.csv"'
    assert answer.getvalue().startswith(b"\xef\xbb\xbfa\r\n")
    assert "commandes.xlsx" in export_xlsx("commandes", ["a"], [])["Content-Disposition"]


@given(st.text(max_size=40))
def test_no_cell_of_a_csv_file_begins_as_a_formula(text):
    assert not safe_text(text).startswith(FORMULA_STARTS)


@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=20)
        .map(str.strip)
        .filter(lambda text: text and not text.startswith("'")),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_exported_is_imported_as_it_was(texts):
    for export in (export_csv, export_xlsx):
        answer = export("liste", ["a"], [[text] for text in texts])
        content = b"".join(answer) if answer.streaming else answer.content
        assert [row.cells["a"] for row in read_table(content, "x").rows] == texts
