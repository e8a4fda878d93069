"""What drawn files found: padded cells, French amounts, last lines, titles, nameless columns."""

import io
import time
from decimal import Decimal

import pytest
import xlsxwriter

from billing.formats.detection import detect
from billing.formats.faults import FormatRefused
from billing.formats.mistakes import definition_faults
from tests.billing.formats.reads import charge_part, column, profile_of, read_file, read_text

ACCOUNT = column("account", "Account")
BESIDE = {"header": {"kind": "sidecar", "name": "Nom : (.*)", "on_mismatch": "warn"}}
NAMES = "Nom : Account\nNom : Label\nNom : Amount\n"


def test_a_padded_sign_still_turns_the_amount():
    """Untrimmed, « C  » was no sign: a credit was read as a charge, and no control is sure."""
    signed = {"kind": "sign_if", "pattern": "^C$", "source": {"headers": ["Sign"]}}
    spec = charge_part(columns=[ACCOUNT, column("amount", "Amount", signed)])
    read = read_text(spec, "Account,Amount,Sign\n12345,1.00,C \n12345,2.00, D\n")
    assert read.column("amount") == [Decimal("-1.00"), Decimal("2.00")]


def test_padded_texts_are_joined_without_their_spaces():
    joined = {"kind": "concat", "sources": [{"headers": ["More"]}], "separator": "-"}
    spec = charge_part(
        columns=[ACCOUNT, column("label", "Label", joined), column("amount", "Amount")]
    )
    read = read_text(spec, "Account,Label,More,Amount\n12345,a , b,1.00\n12345, ,c,1.00\n")
    assert read.column("label") == ["a-b", "c"]


def test_a_padded_record_type_is_known():
    spec = charge_part(
        layout={"header": {"kind": "row"}, "records": {"cell": 1, "kept": ["D"], "ignored": ["X"]}},
        columns=[column("account", "Account"), column("amount", "Amount")],
        unread_columns=["Type"],
    )
    read = read_text(spec, "Type,Account,Amount\nD ,12345,1.00\n X,,\nD,12345,2.00\n")
    assert (read.rejects, len(read.column("amount"))) == ([], 2)


def test_a_padded_total_row_is_read():
    rule = {"cell": 1, "pattern": "^Total"}
    spec = charge_part(
        layout={
            "header": {"kind": "row"},
            "totals": [
                {"rule": rule, "cell": 2, "field": None},
                {"rule": rule, "cell": 3, "field": "amount"},
            ],
        }
    )
    read = read_text(spec, "Account,Label,Amount\n12345,a,1.00\nTotal, 1 , 1.00 \n")
    assert read.faults == []


@pytest.mark.parametrize(("told", "is_right"), [("2", True), ("3", False)])
def test_no_decimal_is_implied_in_a_count_that_a_file_tells(tmp_path, told, is_right):
    """« 2 » under two implied decimals was 0,02: the count never agreed."""
    spec = charge_part(
        layout={
            "header": {"kind": "containing", "words": ["Account"]},
            "facts": [{"name": "rows", "place": "preamble", "pattern": "^Rows: (.+)"}],
        },
        values={"implied_decimals": 2},
    )
    sides = [
        [{"part": "charges", "measure": "rows"}],
        [{"part": "charges", "measure": "fact", "field": "rows"}],
    ]
    equation = dict(zip(("left", "right"), sides, strict=True))
    equations = [{"code": "rows", "title": "Rangs", "per": "file", **equation}]
    profile = profile_of(spec, controls={"equations": equations})
    path = tmp_path / "f.csv"
    path.write_text(f"Rows: {told}\nAccount,Label,Amount\n12345,a,100\n12345,b,250\n")
    read = read_file(path, profile)
    assert [fault.code for fault in read.faults] == ([] if is_right else ["equation:rows"])


def test_latin_1_that_is_not_is_refused_with_its_line():
    """« œ » of Windows has no place in Latin-1: it would be a control character nobody sees."""
    spec = charge_part(text={"encodings": ["iso-8859-1"]})
    with pytest.raises(FormatRefused) as caught:
        read_text(spec, "Account,Label,Amount\n12345,a,1.00\n12345,œuvre,2.00\n".encode("cp1252"))
    assert caught.value.fault.place == "essai.csv, ligne 3"


def test_a_renamed_header_is_named_with_its_line():
    """Where the header is found by its words, one of which changed."""
    spec = charge_part(layout={"header": {"kind": "containing", "words": ["Account", "Amount"]}})
    with pytest.raises(FormatRefused) as caught:
        read_text(spec, "Rapport\nAccount,Label,Amounts\n12345,a,1.00\n")
    fault = caught.value.fault
    assert (fault.code, fault.place) == ("missing_column", "essai.csv, ligne 2")
    assert "« Amounts » est peut-être son nouveau nom" in fault.message


def test_amounts_are_written_as_in_french():
    """« 1 234,56 $ », the mark after a space, whatever the sign."""
    values = {
        "decimal": ",",
        "groups": "\u00a0",
        "currency": "$",
        "negatives": ["leading_minus", "trailing_minus", "parentheses", "cr_dr"],
    }
    spec = charge_part(values=values, text={"delimiter": ";"})
    told = [
        "1\u00a0234,56\u00a0$",
        "-2,00 $",
        "$ 3,00-",
        "(4,00 $)",
        "5,00 $ CR",
        "$-6,00",
        "7,00 $-",
    ]
    rows = "".join(f"12345;a;{text}\n" for text in told)
    read = read_text(spec, f"Account;Label;Amount\n{rows}")
    assert [str(amount) for amount in read.column("amount")] == [
        "1234.56", "-2.00", "-3.00", "-4.00", "-5.00", "-6.00", "-7.00",
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["", "\r", "\r\n"])
def test_the_last_line_of_a_crlf_file_may_have_no_end(end):
    spec = charge_part(text={"line_end": "crlf", "last_line_ends": False})
    read = read_text(spec, f"Account,Label,Amount\r\n12345,a,1.00\r\n12345,b,2.00{end}")
    assert read.column("label") == ["a", "b"]


def test_a_keyed_value_holds_any_mark_but_a_line_end():
    spec = charge_part(reader={"kind": "keyed"}, layout={"header": {"kind": "none"}})
    text = "Account : 12345\nLabel : a\u2028b\nAmount : 1.00\n\nAccount : 12345\nAmount : x\n"
    read = read_text(spec, text)
    assert read.column("label") == ["a\u2028b"]
    assert [reject.line for reject in read.rejects] == [5]


def test_titles_before_headless_rows_do_not_count_their_cells():
    spec = charge_part(
        sidecar={"name": "^entetes"},
        layout={
            "header": {"kind": "sidecar", "name": r"^(.+)\|"},
            "headings": [
                {"rule": {"pattern": "^#"}, "name": "account", "pattern": r"^#(\d+)"},
            ],
        },
        columns=[
            {"field": "account", "source": {"carried": "account"}},
            column("label", "Label"),
            column("amount", "Amount"),
        ],
    )
    read = read_text(spec, "#12345\na,1.00\nb,2.00\n", sidecar="Label|\nAmount|\n")
    assert read.column("label") == ["a", "b"]


def test_lines_set_aside_do_not_count_their_cells_however_many():
    spec = charge_part(
        sidecar={"name": "^entetes"},
        layout={
            "header": {"kind": "sidecar", "name": r"^(.+)\|"},
            "records": {"cell": 1, "kept": ["D"], "ignored": ["X"]},
        },
        unread_columns=["Type"],
    )
    sidecar = "Type|\nAccount|\nLabel|\nAmount|\n"
    read = read_text(spec, "X,de côté\nD,12345,a,1.00\nX,de côté\n", sidecar=sidecar)
    assert (read.column("label"), read.rejects, read.faults) == (["a"], [], [])
    with pytest.raises(FormatRefused, match="4 colonnes, les rangs en ont 1"):
        read_text(spec, "D^12345^a^1.00\n", sidecar=sidecar)


def test_a_header_without_any_row_gives_no_row_of_the_same_columns():
    """The import of such a file stopped on the account that it has not."""
    read = read_text(charge_part(), "Account,Label,Amount\n")
    assert (read.column("account"), read.column("line"), read.faults) == ([], [], [])


def test_marks_beyond_the_last_column_are_told_row_by_row():
    """The import stopped on a column that the file has not, with nothing to read."""
    typed = {"header": {"kind": "row"}, "records": {"cell": 9, "kept": ["D"]}}
    read = read_text(charge_part(layout=typed), "Account,Label,Amount\n12345,a,1.00\n")
    assert [(reject.line, reject.reason) for reject in read.rejects] == [
        (2, "ce type d'enregistrement est inconnu du profil")
    ]
    heading = {"rule": {"cell": 1, "pattern": "^Compte"}, "name": "compte", "cell": 9}
    spec = charge_part(
        layout={"header": {"kind": "row"}, "headings": [heading]},
        columns=[
            {"field": "account", "source": {"carried": "compte"}},
            column("amount", "Amount"),
        ],
        unread_columns=["Account", "Label"],
    )
    read = read_text(spec, "Account,Label,Amount\nCompte 12345,,\n,a,1.00\n")
    assert [(reject.line, reject.column) for reject in read.rejects] == [(3, "account")]


def test_a_workbook_whose_first_column_is_empty_keeps_its_positions():
    """Its cells were read one column too far to the left."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write_row(0, 1, ["12345", "a", "1.00"])
    fields = ("number", "account", "label", "amount")
    spec = charge_part(
        reader={"kind": "xlsx"},
        layout={"header": {"kind": "none", "cells": 4}},
        columns=[
            {"field": name, "source": {"position": n}, "required": False}
            for n, name in enumerate(fields, start=1)
        ],
    )
    read = read_text(spec, buffer.getvalue())
    assert [read.column(name) for name in fields] == [[None], ["12345"], ["a"], [Decimal("1.00")]]


def test_wide_columns_without_names_are_a_fault_of_the_definition():
    """They were found nowhere: every charge was left out, and only a control could tell."""
    wide = [{"headers": ["Plan"], "category": "recurring_plan", "label": "Forfait"}]
    spec = charge_part(
        wide=wide,
        layout={"header": {"kind": "none", "cells": 2}},
        columns=[{"field": "account", "source": {"position": 1}}],
    )
    data = {"code": "essai", "provider": "telus", "title": "Essai", "parts": [spec]}
    assert "wide" in definition_faults(data)[0].message


WIDE = ",x" * 30_000


@pytest.mark.parametrize(
    ("changes", "text", "sidecar"),
    [
        ({}, "Account,Label,Amount" + "," * 64_000 + "\n12345,a,1.00\n", None),
        ({}, f"Account,Label{WIDE}\n12345,a\n", None),
        ({"reader": {"kind": "keyed"}, "layout": {"header": {"kind": "none"}}}, "", None),
        ({"sidecar": {"name": "x"}, "layout": BESIDE}, "12345,a,1.00\n", "Nom : a\n" * 64_000),
        ({"sidecar": {"name": "x"}, "layout": BESIDE}, f"12345,a,1.00{WIDE}\n", NAMES),
    ],
)
def test_a_part_of_too_many_columns_is_refused_before_its_rows_are_laid(changes, text, sidecar):
    """X-19: as wide as its own header said, it exhausted memory."""
    keyed = "".join(f"k{n}: v\n" for n in range(200_000))
    began = time.monotonic()
    with pytest.raises(FormatRefused) as caught:
        read_text(charge_part(**changes), text or keyed, sidecar)
    assert (caught.value.fault.code, time.monotonic() - began < 2) == ("too_many_columns", True)
    assert "la limite est de 400" in caught.value.fault.message


def test_a_sample_of_too_many_columns_is_refused():
    with pytest.raises(FormatRefused, match="la limite est de 400"):
        detect(f"Account,Amount{WIDE}\n1,2\n".encode(), "essai.csv")
