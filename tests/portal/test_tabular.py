"""Sheets read: encodings exact, damage refused with its line, cells as text (X-15, X-16)."""

import io
from datetime import date, datetime, time

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from portal.exports import safe_text
from portal.tabular import Row, TableRefused, read_table
from portal.tabular.table import MAX_BYTES, MAX_COLUMNS, MAX_ROWS

ACCENTS = "Éric, forêt, œuvre, 12 €"


def cells(content, name="liste.csv"):
    return [row.cells for row in read_table(content, name).rows]


def refusal(content, name="liste.csv"):
    with pytest.raises(TableRefused) as refused:
        read_table(content, name)
    return str(refused.value)


def workbook(fill, sheets=("Feuille",)):
    """The bytes of a workbook that ``fill(book, *sheets)`` wrote."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    fill(book, *[book.add_worksheet(name) for name in sheets])
    book.close()
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_each_declared_encoding_is_exact(encoding):
    assert cells(f'nom\n"{ACCENTS}"\n'.encode(encoding)) == [{"nom": ACCENTS}]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_mark(order):
    assert cells(("\ufeffnom\r\n" + "Éric\r\n").encode(order)) == [{"nom": "Éric"}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nom\nok\n\x81\xe9\n", ["ligne 3", "position 8"]),
        ("nom\nÉric\n".encode() + "Éric\n".encode("cp1252"), ["ligne 3", "deux encodages"]),
        (b"\xef\xbb\xbfnom\nok\nab\xff\n", ["ligne 3"]),
        ("nom\nÉric".encode("utf-16")[:-1], ["illisible"]),
        ("nom\nok\n\ufffdric\n".encode(), ["ligne 3", "perdu"]),
        ("nom\nÉric\n".encode("utf-16-le"), ["ligne 1", "nul"]),
        (b"nom\nok\nab\x00c\n", ["ligne 3", "nul"]),
        (b"nom;code\rA;1\rB;2", ["ligne 1", "Macintosh"]),
        (b'nom;code\nA;1\nB;"2\nC;3\n', ["ligne 3", "guillemet"]),
        (b'nom;code\nA;1\n"B"x;2\n', ["ligne 3", "guillemet"]),
        (b"nom\nok\n" + b"x" * 100_001 + b"\n", ["ligne 3", "trop longue"]),
        (b"nom\n" + b'"' + b"x\n" * 80_000, ["ligne 2", "guillemet"]),
        (b"nom;code\nA;1\nB;2;3\n", ["ligne 3"]),
        (b"nom;;code\nA;;1\nB;x;2\n", ["ligne 3", "en-tête"]),
        (b"nom;nom\nA;1\n", ["nom", "deux fois"]),
        (b"", ["vide"]),
        (b"\n;;\n", ["vide"]),
        (b";".join(b"c%d" % n for n in range(MAX_COLUMNS + 1)), ["colonnes"]),
    ],
)
def test_damage_is_refused_with_its_place(content, words):
    told = refusal(content)
    assert [word for word in words if word not in told] == []


def test_a_file_too_heavy_or_too_long_is_refused():
    assert "20 Mo" in refusal(b"x" * (MAX_BYTES + 1))
    assert "lignes" in refusal(b"a\n" + b"1\n" * (MAX_ROWS + 1))


@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_table_or_a_refusal_and_never_a_lost_character(content):
    try:
        table = read_table(content, "liste.csv")
    except TableRefused:
        return
    assert "\ufffd" not in str(table)


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_separator_is_found_in_the_header_outside_quotes(mark, end):
    text = end.join([f'"a,b;c\td"{mark}e', f' 1 {mark}"x{mark}y"', ""])
    assert cells(text.encode()) == [{"a,b;c\td": "1", "e": f"x{mark}y"}]


def test_rows_keep_their_numbers_past_blank_and_folded_ones():
    table = read_table(b'nom;note\n\nA;"deux\nlignes"\n;;\nB;\n', "liste.csv")
    assert table.rows == [
        Row(3, {"nom": "A", "note": "deux\nlignes"}),
        Row(6, {"nom": "B", "note": ""}),
    ]


def test_the_header_may_follow_blank_lines_and_short_rows_are_filled():
    table = read_table(b"\n\na;b;\n1\n", "liste.csv")
    assert (table.header_line, table.headers) == (3, ["a", "b"])
    assert table.rows == [Row(4, {"a": "1", "b": ""})]


@given(st.sampled_from("=+-@"), st.text("ab12 ", max_size=5))
def test_what_our_exports_quoted_is_read_back_as_it_was(start, rest):
    text = (start + rest).strip()
    content = f'nom\n"{safe_text(text)}"\n'.encode()
    assert cells(content) == [{"nom": text}]


def test_a_workbook_s_cells_come_back_as_text():
    def fill(book, sheet):
        sheet.write_row(0, 0, ["texte", "entier", "décimal", "date", "instant", "heure", "booléen"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_string(1, 0, "  Éric\u00a0 ")
        sheet.write_number(1, 1, 5145550142)
        sheet.write_number(1, 2, 0.1 + 0.2)
        sheet.write_datetime(1, 3, date(2026, 11, 22), day)
        sheet.write_datetime(1, 4, datetime(2026, 11, 22, 14, 5), instant)  # noqa: DTZ001
        sheet.write_datetime(1, 5, time(14, 5), book.add_format({"num_format": "hh:mm"}))
        sheet.write_boolean(1, 6, True)

    (row,) = cells(workbook(fill), "liste.xlsx")
    assert list(row.values()) == [
        *("Éric", "5145550142", "0.3", "2026-11-22", "2026-11-22 14:05:00", "14:05:00", "oui")
    ]


def test_a_number_that_the_spreadsheet_rounded_shows_it():
    def fill(book, sheet):
        sheet.write_column(0, 0, ["sim", 8930200000000001234, 123456789012345, 0.000001, -2.5])

    assert [row["sim"] for row in cells(workbook(fill), "x")] == [
        *("8.9302E+18", "123456789012345", "0.000001", "-2.5")
    ]


def test_rows_of_a_workbook_keep_their_numbers():
    def fill(book, sheet):
        sheet.write_row(2, 1, ["nom", "code"])
        sheet.write_row(5, 1, ["A", "1"])

    table = read_table(workbook(fill), "x.xlsx")
    assert (table.header_line, table.headers) == (3, ["nom", "code"])
    assert table.rows == [Row(6, {"nom": "A", "code": "1"})]


def test_the_first_visible_sheet_is_read():
    def fill(book, hidden, shown):
        hidden.write_column(0, 0, ["nom", "cachée"])
        shown.write_column(0, 0, ["nom", "montrée"])
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()

    assert cells(workbook(fill, ("Un", "Deux")), "x.xlsx") == [{"nom": "montrée"}]


def test_formulas_give_their_kept_value_and_a_calculation_error_is_refused():
    def fill(book, sheet):
        sheet.write_column(0, 0, ["nom"])
        sheet.write_formula(1, 0, "=1+1", None, 2)

    assert cells(workbook(fill), "x.xlsx") == [{"nom": "2"}]

    def broken(book, sheet):
        sheet.write_column(0, 0, ["nom"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")

    assert "A2" in refusal(workbook(broken), "x.xlsx")


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "liste.xls", "mot de passe"),
        (b"nom\nA\n", "liste.xlsx", "n'en est pas un"),
        (b"PK\x03\x04" + b"x" * 100, "liste.xlsx", "abîmé"),
        (b"%PDF-1.7\n\x00", "liste.csv", "nul"),
    ],
)
def test_what_is_neither_csv_nor_xlsx_is_refused_by_its_content(content, name, word):
    assert word in refusal(content, name)
