"""A definition drawn from a sample, and one that follows new headers."""

from copy import deepcopy

from billing.formats.canonical import Entity
from billing.formats.definition import parse_definition
from billing.formats.detection import detect
from billing.formats.drifts import drift
from billing.formats.mistakes import definition_faults
from billing.formats.shipped import shipped_definitions
from billing.kinds import FileKind
from billing.proposals import code_of, following, proposed_definition
from tests.billing.staff.conftest import RENAMED

CODE = "rogers_charges_breakdown"
UNKNOWN = """Rapport;2026
Compte;Numéro d'abonné;Description;Montant;Bidule
123456789;4185550101;Forfait 20 Go;45,00;x
123456789;4185550102;Forfait 20 Go;46,00;y
"""


def test_a_sample_of_a_known_layout_starts_from_the_shipped_profile(charges):
    made = proposed_definition(
        detect(charges, "frais.csv"), provider="rogers", kind=FileKind.CHARGES, name="Frais 2027"
    )
    assert definition_faults(made) == []
    assert (made["code"], made["title"]) == ("frais_2027", "Frais 2027")
    assert made["parts"] == shipped_definitions()[CODE]["parts"]


def test_an_unknown_layout_is_made_of_what_was_detected():
    proposal = detect(UNKNOWN.encode("cp1252"), "x.csv", Entity.CHARGE)
    made = proposed_definition(proposal, provider="telus", kind=FileKind.CHARGES, name="Autre")
    part = made["parts"][0]
    assert part["text"]["delimiter"] == ";"
    assert part["text"]["encodings"] == ["utf-8-sig", "cp1252"]
    assert part["values"]["decimal"] == ","
    assert part["unread_columns"] == ["Bidule"]
    assert {c["field"] for c in part["columns"]} >= {"account", "amount"}
    assert definition_faults(made) == []


def test_a_renamed_column_is_accepted_beside_its_former_name():
    definition = shipped_definitions()[CODE]
    before = deepcopy(definition)
    spec = parse_definition(definition).parts[0]
    names = [c.source.headers[0] for c in spec.columns if c.source]
    found = drift(spec, [RENAMED[1] if name == RENAMED[0] else name for name in names])
    followed = following(definition, "charges", found)
    column = next(c for c in followed["parts"][0]["columns"] if c["field"] == "label")
    assert column["source"]["headers"] == [RENAMED[0], "Description", RENAMED[1]]
    assert "unread_columns" not in followed["parts"][0]
    assert definition == before
    assert definition_faults(followed) == []


def test_a_new_column_is_noted_as_unread():
    definition = shipped_definitions()[CODE]
    spec = parse_definition(definition).parts[0]
    names = [c.source.headers[0] for c in spec.columns if c.source]
    followed = following(definition, "charges", drift(spec, [*names, "Zone horaire"]))
    assert followed["parts"][0]["unread_columns"] == ["Zone horaire"]


def test_a_code_is_made_of_any_name():
    assert code_of("Écoles, frais détaillés") == "ecoles_frais_detailles"
    assert code_of("2027") == "profil_2027"
