"""The shipped profiles read their own specimens to the cent, and see each corruption of them."""

import re

import pytest

from billing.formats.canonical import Entity
from billing.formats.controls import blind_spots
from billing.formats.definition import parse_definition
from billing.formats.mistakes import definition_faults
from billing.formats.shipped import shipped_definitions, shipped_profile
from billing.specimens.defects import MEMBERS, SHAPES, Defect, spoil
from billing.specimens.layouts import write_specimen
from tests.billing.formats.reads import CYCLE, read_file

CODES = sorted(shipped_definitions())
PLACES = [*((code, "") for code in sorted(SHAPES)), *MEMBERS]
"""Where a defect may be: a layout's first part, or another of its package."""


def seen_in(code, part):
    """The defects of a part that a profile's controls are to see.

    Nothing adds an inventory up. Where no count is told, a row twice there is the import's to find.
    """
    spec = shipped_profile(code).part(part or shipped_profile(code).parts[0].code)
    spots = {spot.kind for spot in blind_spots(shipped_profile(code)) if spot.part == spec.code}
    unseen = {Defect(kind) for kind in spots}
    unseen |= {Defect.DOUBLED_ROW} if Defect.DROPPED_ROW in unseen else set()
    unseen |= {Defect.CHANGED_AMOUNT} if spec.entity == Entity.INVENTORY else set()
    return [defect for defect in Defect if defect not in unseen]


def test_the_defects_know_every_shipped_layout_and_each_part_of_a_package():
    assert set(SHAPES) == set(CODES)
    parts = {(code, part.code) for code in CODES for part in shipped_profile(code).parts[1:]}
    assert set(MEMBERS) == parts


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_profile_is_valid_stable_and_says_that_it_awaits_confirmation(code):
    data = shipped_definitions()[code]
    assert definition_faults(data) == []
    profile = shipped_profile(code)
    assert parse_definition(profile.model_dump(mode="json")) == profile
    assert profile.note == "gabarit à confirmer avec le prestataire"


@pytest.mark.parametrize("code", CODES)
def test_what_is_read_is_what_was_written(code, tmp_path):
    specimen = write_specimen(code, tmp_path / "f", CYCLE, usage_rows=3_000)
    read = read_file(specimen.path, shipped_profile(code), accounts=set(CYCLE.accounts))
    assert [f for f in read.faults if f.is_blocking] == []
    assert read.rows.keys() == specimen.rows.keys()
    for part, told in specimen.rows.items():
        rows = read.rows[part].drop("line", "called_hash", strict=False)
        assert rows.equals(told.drop("called", strict=False)), part


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_specimen("rogers_usage_breakdown", tmp_path / name, CYCLE, usage_rows=500)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("code", "part"), PLACES)
def test_any_corruption_is_seen_and_its_place_named(code, part, seed, tmp_path):
    for defect in seen_in(code, part):
        write_specimen(code, tmp_path / defect, CYCLE, usage_rows=800)
        spoil(tmp_path / defect, code, defect, seed, part)
        read = read_file(tmp_path / defect, shipped_profile(code), accounts=set(CYCLE.accounts))
        faults = [fault for fault in read.faults if fault.is_blocking]
        assert faults, defect
        assert all(fault.place and fault.message for fault in faults), defect
        if defect == Defect.BAD_BYTE and not SHAPES[code].is_book:
            assert re.search(r"ligne \d+", faults[0].place)
            assert "octet illisible (position" in faults[0].message
        if defect == Defect.FOREIGN_ACCOUNT:
            assert any(fault.code == "foreign_account" for fault in faults)


@pytest.mark.parametrize("point", range(20))
def test_a_usage_file_cut_anywhere_is_refused_or_shows_its_gap(point, tmp_path):
    code = "rogers_usage_breakdown"
    data = write_specimen(code, tmp_path / "f", CYCLE, usage_rows=300).path.read_bytes()
    (tmp_path / "f").write_bytes(data[: len(data) * point // 20])
    read = read_file(tmp_path / "f", shipped_profile(code))
    assert any(fault.is_blocking for fault in read.faults)


def test_a_layout_without_totals_says_what_it_cannot_see():
    seen = {code: {(s.part, s.kind) for s in blind_spots(shipped_profile(code))} for code in CODES}
    assert seen["rogers_usage_breakdown"] == set()
    assert seen["rogers_charges_breakdown"] == set()
    assert seen["rogers_wireless_zip"] == {
        ("wireless", "dropped_row"),
        ("wireless", "changed_amount"),
    }
    assert seen["telus_text_bill"] == {
        ("airtime_detail", "dropped_row"),
        ("airtime_detail", "changed_amount"),
    }


def test_french_headers_are_read_as_the_english_ones(tmp_path):
    code = "rogers_usage_breakdown"
    path = write_specimen(code, tmp_path / "f", CYCLE, usage_rows=20).path
    before = read_file(path, shipped_profile(code)).rows["usage"]
    text = path.read_text(encoding="utf-8")
    for english, french in (
        ("Account Number", "NUMERO DE COMPTE"),
        ("Subscriber Number", "Numéro d'abonné"),
        ("Usage Date", " Date d'utilisation "),
        ("User Name", "Nom d'usager"),
        ("Charge\n", "Frais\n"),
    ):
        text = text.replace(english, french)
    path.write_text(text, encoding="cp1252")
    assert read_file(path, shipped_profile(code)).rows["usage"].equals(before)
