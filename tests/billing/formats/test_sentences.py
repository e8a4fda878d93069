"""What a refused file is told: each sentence names what is wrong, where, and how to mend it."""

import gzip
import io
import stat
import zipfile
from decimal import Decimal

import pytest

from billing.formats import package
from billing.formats.controls import blind_spots
from billing.formats.definition import parse_definition
from billing.formats.faults import FormatRefused
from billing.formats.package import open_package
from billing.formats.shipped import shipped_profile
from billing.specimens.layouts import write_specimen
from tests.billing.formats.reads import (
    CYCLE,
    charge_part,
    column,
    profile_of,
    read_file,
    read_text,
)

HEAD = "Account,Label,Amount\n"
TEXT = HEAD + "12345,a,1.00\n"


def packed(*members, method=zipfile.ZIP_DEFLATED):
    """A ZIP of these members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for info, text in members:
            archive.writestr(info, text)
    return data.getvalue()


def link():
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((info, "/etc/passwd"))


def encrypted():
    data = bytearray(packed(("a.csv", TEXT)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def of_a_long_list():
    """An archive whose list of members is larger than that many names may need."""
    info = zipfile.ZipInfo("a.csv")
    info.comment = b"x" * 50_000
    return packed((info, TEXT))


ZIPPED = {"kind": "zip"}
PACKAGES = {
    "none": (b"a,b", {}, "n'est pas une archive ZIP, ou il est coupé"),
    "nested": (packed(("a.csv", packed())), {}, "L'archive en contient une autre"),
    "unsafe": (packed(("../a.csv", TEXT)), {}, "sort de son dossier"),
    "link": (link(), {}, "L'archive contient un lien"),
    "twice": (packed(("a.csv", TEXT), ("x/A.csv", TEXT)), {}, "Deux fichiers de l'archive ont ce"),
    "many": (packed(*((f"{n}.csv", "") for n in range(30))), {}, "30 fichiers ; la limite est"),
    "list": (of_a_long_list(), {}, "La table des fichiers de l'archive est démesurée"),
    "bomb": (packed(("a.csv", b"0" * 9_000_000)), {}, "démesurément comprimé : refusé sans être"),
    "large": (packed(("a.csv", TEXT)), {"max_bytes": 10}, "dépasserait 10 octets"),
    "password": (encrypted(), {}, "redemandez-la sans mot de passe"),
    "method": (packed(("a.csv", TEXT), method=zipfile.ZIP_LZMA), {}, "redemandez un ZIP courant"),
    "cut": (packed(("a.csv", TEXT))[30:], {}, "abîmée ou coupée : redemandez-la"),
    "stranger": (
        packed(("a.csv", TEXT), ("b.txt", "x")),
        {"unknown_members": "reject"},
        "Le profil ne connaît pas ce fichier",
    ),
    "two": (
        packed(("a.csv", TEXT), ("b.csv", TEXT)),
        {},
        "Plusieurs fichiers peuvent être cette partie : a.csv, b.csv.",
    ),
}


def refused(path, data, profile):
    path.write_bytes(data)
    with pytest.raises(FormatRefused) as caught:
        open_package(path, "essai.zip", profile)
    return caught.value.fault


@pytest.mark.parametrize("kind", PACKAGES)
def test_a_package_that_is_not_opened_says_why(kind, tmp_path):
    data, limits, told = PACKAGES[kind]
    fault = refused(tmp_path / "f", data, profile_of(charge_part(), package={**ZIPPED, **limits}))
    assert told in fault.message
    assert fault.place


def test_a_file_packed_otherwise_than_its_profile_says_is_told(tmp_path):
    plain = profile_of(charge_part())
    fault = refused(tmp_path / "f", gzip.compress(TEXT.encode()), plain)
    assert "est une archive : le profil attend le texte" in fault.message
    one = profile_of(charge_part(), package={"kind": "gzip"})
    assert "n'est pas comprimé en gzip" in refused(tmp_path / "f", TEXT.encode(), one).message


def test_parts_and_sidecars_that_cannot_be_told_apart_are_named(tmp_path):
    twins = profile_of(charge_part(), charge_part(code="others"), package=ZIPPED)
    fault = refused(tmp_path / "f", packed(("a.csv", TEXT)), twins)
    assert (fault.place, "porte les signes de deux parties" in fault.message) == ("a.csv", True)
    beside = profile_of(charge_part(sidecar={"name": "^entetes"}), package=ZIPPED)
    fault = refused(tmp_path / "f", packed(("a.csv", TEXT)), beside)
    assert "Le fichier d'en-têtes qui accompagne cette partie manque" in fault.message
    huge = packed(("a.csv", TEXT), ("entetes.txt", "ab" * 200_000))
    fault = refused(tmp_path / "f", huge, beside)
    assert (fault.place, "est démesuré" in fault.message) == ("entetes.txt", True)


def test_a_missing_part_is_named_with_its_signs_and_its_delimiter(tmp_path):
    twins = profile_of(
        charge_part(),
        charge_part(code="others", signature={"words": ["Autre"]}, text={"delimiter": "\t"}),
        package=ZIPPED,
    )
    fault = refused(tmp_path / "f", packed(("a.csv", TEXT)), twins)
    assert fault.place == "essai.zip, others"
    assert "« others » manque" in fault.message
    assert "(Autre, délimiteur « tabulation ») : vérifiez l'encodage" in fault.message


def test_a_workbook_too_large_is_asked_for_as_text(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "MAX_BYTES", 100)
    book = write_specimen("telus_inventory", tmp_path / "f", CYCLE).path
    (fault,) = read_file(book, shipped_profile("telus_inventory")).faults
    assert "dépasse 20 Mo : demandez-le en CSV" in fault.message


ROW = {"kind": "row", "number": 9}
TEXTS = {
    "empty": ({}, "", "Le fichier est vide."),
    "nul": ({}, TEXT + "1\0,a,1\n", "contient un caractère nul : reprenez le fichier à sa source"),
    "lost": ({}, TEXT + "1\ufffd,a,1\n", "La ligne 3 contient un caractère perdu"),
    "control": (
        {"text": {"encodings": ["iso-8859-1"]}},
        TEXT.encode() + b"12345,\x9cuf,1.00\n",
        "La ligne 3 contient un octet que cet encodage n'a pas",
    ),
    "encoding": (
        {"text": {"encodings": ["utf-8", "cp1252"]}},
        TEXT.encode("utf-16"),
        "est en utf-16, que le profil n'admet pas : redemandez-le en utf-8, cp1252",
    ),
    "unmarked": (
        {"text": {"encodings": ["utf-16"]}},
        TEXT,
        "est en un encodage sans marque d'ordre, que le profil n'admet pas",
    ),
    "undecodable": ({}, b"A\n\x81\n", "demandez le fichier dans un seul encodage"),
    "quote": ({}, TEXT + '1,"a,1.00\n', "ligne 3 a un guillemet jamais fermé"),
    "cut": ({}, TEXT.rstrip(), "le fichier semble coupé. Déposez le fichier entier."),
    "line_end": ({}, TEXT.replace("\n", "\r"), "La ligne 1 ne finit pas comme le profil"),
    "long": (
        {"text": {"max_row": 100}},
        TEXT + "x" * 200 + "\n",
        "La ligne 3 dépasse 100 octets : vérifiez le fichier et son profil",
    ),
    "header": ({"layout": {"header": ROW}}, TEXT, "introuvable (la ligne 9, délimiteur « , »)"),
    "column": ({}, "Account,Label\n12345,a\n", "« Amount » manque. Redemandez le fichier avec"),
    "renamed": (
        {},
        "Account,Label,Amounts\n12345,a,1\n",
        "« Amounts » est peut-être son nouveau nom : ajoutez-le aux en-têtes acceptés",
    ),
    "stranger": (
        {"unknown_columns": "reject"},
        "Account,Label,Amount,Plus\n12345,a,1.00,x\n",
        "La colonne « Plus » est inconnue du profil.",
    ),
    "preamble": (
        {
            "layout": {
                "header": {"kind": "containing", "words": ["Account"]},
                "facts": [{"name": "period_start", "place": "preamble", "pattern": "Du (.+)"}],
            }
        },
        TEXT,
        "Le haut du fichier ne dit pas « period_start ».",
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_is_not_read_says_why(kind):
    changes, text, told = TEXTS[kind]
    with pytest.raises(FormatRefused) as caught:
        read_text(charge_part(**changes), text)
    assert told in caught.value.fault.message
    assert caught.value.fault.place.startswith("essai.csv")


ROWS = {
    "account": ("12,a,1.00", "un numéro de compte : 4 à 20 chiffres"),
    "amount": ("12345,a,1.234", "un nombre d'au plus 2 décimales, écrit comme au profil"),
    "blank": (",a,1.00", "cette cellule ne peut pas être vide"),
    "cells": ("12345,a,1.00,x", "le rang a 4 cellules, au lieu de 3"),
    "length": ("12345," + "x" * 400 + ",1.00", "dépasse 300 caractères"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_that_is_kept_out_says_why(kind):
    row, told = ROWS[kind]
    (reject,) = read_text(charge_part(), f"{HEAD}{row}\n").rejects
    assert (reject.line, told in reject.reason) == (2, True), reject.reason


CELLS = {
    ("charge", "number"): ("514", "un numéro de téléphone à dix chiffres"),
    ("charge", "period_start"): ("31 janvier", "cette date n'a aucune des formes du profil"),
    ("statement", "line_count"): ("2,5", "ce n'est pas un nombre entier"),
}


@pytest.mark.parametrize(("entity", "field"), CELLS)
def test_a_cell_that_is_kept_out_says_why(entity, field):
    cell, told = CELLS[entity, field]
    money = "amount" if entity == "charge" else "total_due_amount"
    columns = [column("account", "Account"), column(money, "Amount"), column(field, "Label")]
    spec = charge_part(entity=entity, columns=columns)
    (reject,) = read_text(spec, f"{HEAD}12345,'{cell}',1.00\n".replace("'", '"')).rejects
    assert (reject.column, reject.text, told in reject.reason) == ("Label", cell, True)


def test_a_quantity_in_no_known_unit_is_told():
    names = ("account", "number", "occurred_at", "kind", "quantity", "unit", "roaming", "amount")
    spec = charge_part(
        entity="usage",
        signature={"words": ["account"]},
        columns=[column(name, name) for name in names],
        values={"quantities": {"by": "unit", "words": {"min": "minute"}}},
    )
    row = "12345,5145550000,2026-01-01 10:00:00,voice,3,heures,none,1.00"
    rejects = read_text(spec, f"{','.join(names)}\n{row}\n").rejects
    told = {reject.column: reject.reason for reject in rejects}
    assert told["quantity"] == "cette quantité ou son unité n'est pas de celles du profil"


def test_a_line_of_another_length_is_told():
    spec = charge_part(
        reader={"kind": "fixed_width", "length": 9},
        layout={"header": {"kind": "none"}},
        columns=[
            {"field": "account", "source": {"start": 1, "width": 5}},
            {"field": "amount", "source": {"start": 6, "width": 4}},
        ],
    )
    (reject,) = read_text(spec, "123451.00\n123451.0\n").rejects
    assert reject.reason == "la ligne a 8 caractères, au lieu de 9"


def test_totals_that_are_off_or_absent_say_both_figures():
    rule = {"cell": 1, "pattern": "^Total"}
    totals = [
        {"rule": rule, "cell": 3, "field": "amount"},
        {"rule": rule, "cell": 2, "field": None},
    ]
    spec = charge_part(layout={"header": {"kind": "row"}, "totals": totals})
    amount, count = read_text(spec, TEXT + "Total,2,1.01\n").faults
    assert "« Montant » dit 1,01, les rangs donnent 1,00 : redemandez" in amount.message
    assert "« nombre de rangs » dit 2" in count.message
    assert amount.place == count.place == "essai.csv, ligne 3"
    absent = [fault.message for fault in read_text(spec, TEXT).faults]
    assert "La rangée de total (Montant) manque : le fichier est peut-être coupé" in absent[0]
    assert "(nombre de rangs) manque" in absent[1]


def test_a_footer_that_does_not_say_what_it_should_is_told():
    spec = charge_part(
        layout={
            "header": {"kind": "row"},
            "footer": {"cell": 1, "pattern": "^Fin"},
            "facts": [{"name": "rows", "place": "footer", "pattern": r"Rangs (\d+)"}],
        }
    )
    (fault,) = read_text(spec, TEXT + "Fin,,\n").faults
    assert fault.message == "La fin du fichier ne dit pas « rows »."


def judged(tmp_path, text, *, controls=None, accounts=None, parts=()):
    (tmp_path / "f.csv").write_text(text)
    profile = profile_of(charge_part(), *parts, controls=controls or {})
    return read_file(tmp_path / "f.csv", profile, accounts=accounts).faults


def test_rows_and_accounts_that_may_not_be_there_are_told(tmp_path):
    (fault,) = judged(tmp_path, HEAD)
    assert fault.message == "Ce fichier n'a aucun rang : redemandez-le au prestataire."
    (fault,) = judged(tmp_path, TEXT + "1,a,1.00\n", controls={"rejects": {"rows": 0}})
    assert "Rangs rejetés : 1 (0 admis), aux lignes 3." in fault.message
    (fault,) = judged(tmp_path, TEXT, accounts={"54321"})
    assert "Le compte 12345 (ligne 2) n'est pas de ceux du membre." in fault.message


def test_an_account_without_a_statement_and_a_gap_are_told(tmp_path):
    shipped = shipped_profile("telus_text_bill")
    path = write_specimen(shipped.code, tmp_path / "f", CYCLE).path
    with zipfile.ZipFile(path) as source:
        members = {info.filename: source.read(info) for info in source.infolist()}
    (summary,) = (name for name in members if name.startswith("group_summary"))
    lines = members[summary].splitlines(keepends=True)
    path.write_bytes(packed(*{**members, summary: b"".join(lines[:-1])}.items()))
    faults = [f for f in read_file(path, shipped).faults if f.is_blocking]
    account = lines[-1].split(b",")[0].decode()
    assert f"Le compte {account} a des rangs, mais aucun relevé." in {f.message for f in faults}
    cells = lines[1].split(b",")
    cells[9] = b"0.01"
    path.write_bytes(packed(*{**members, summary: b"".join([lines[0], b",".join(cells)])}.items()))
    gap = next(f for f in read_file(path, shipped).faults if f.code == "equation:charges")
    assert " d'un côté, 0,01 de l'autre, écart de " in gap.message
    assert gap.message.endswith("Redemandez le fichier au prestataire, sans le retoucher.")


def test_what_no_control_sees_is_told():
    told = [spot.message for spot in blind_spots(profile_of(charge_part()))]
    assert told == [
        "Un rang perdu de « charges » ne se verrait pas.",
        "Un montant changé dans « charges » ne se verrait pas : Montant.",
    ]


def test_a_tax_or_a_balance_that_nothing_sums_is_not_seen():
    """One total of the amounts is no control of the taxes beside them, nor a balance of a part."""
    total = {"rule": {"cell": 1, "pattern": "^Total"}, "cell": 3}
    spec = charge_part(
        layout={"header": {"kind": "row"}, "totals": [total, {**total, "field": "amount"}]},
        columns=[
            *charge_part()["columns"],
            column("tps_amount", "TPS"),
            column("tvq_amount", "TVQ"),
        ],
    )
    (spot,) = blind_spots(profile_of(spec))
    assert spot.message == "Un montant changé dans « charges » ne se verrait pas : TPS, TVQ."
    shipped = shipped_profile("telus_text_bill").model_dump(mode="json")
    equations = shipped["controls"]["equations"]
    balance = next(equation for equation in equations if equation["code"] == "balance")
    balance["left"] = [t for t in balance["left"] if t["field"] != "payments_amount"]
    told = [s.message for s in blind_spots(parse_definition(shipped)) if s.part == "group_summary"]
    assert told == ["Un montant changé dans « group_summary » ne se verrait pas : Paiements."]


def test_a_row_whose_amounts_do_not_make_its_total_is_rejected():
    """A04, line by line: +1 here and -1 there leave the total of the file as it is."""
    spec = charge_part(
        columns=[column("account", "Account")],
        wide=[
            {"headers": [name], "category": "recurring_plan", "label": name}
            for name in ("Plan", "Options")
        ],
        row_total=["Total"],
    )
    rows = "12345,1.00,2.00,3.00\n12345,2.00,2.00,3.00\n12345,,2.00,3.00\n12345,,2.00,\n"
    read = read_text(spec, f"Account,Plan,Options,Total\n{rows}")
    assert [(r.line, r.column, r.text) for r in read.rejects] == [
        (3, "Total", "3.00"),
        (4, "Total", "3.00"),
    ]
    assert {r.reason for r in read.rejects} == {"ce total n'est pas la somme des montants du rang"}
    assert read.column("amount") == [Decimal("1.00"), Decimal("2.00"), Decimal("2.00")]
    (alone,) = read_text(spec, "Account,Total\n12345,0.00\n12345,1.00\n").rejects
    assert alone.line == 3, "no amount was found that makes it"
    with pytest.raises(FormatRefused, match="La colonne « Total » manque"):
        read_text(spec, "Account,Plan,Options\n12345,1.00,2.00\n")
