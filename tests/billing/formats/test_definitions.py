"""What an invalid profile is told: each fault has its JSON path, and says what to write instead."""

import pytest

from billing.formats.mistakes import definition_faults
from tests.billing.formats.reads import charge_part, column

ACCOUNT, AMOUNT = column("account", "Account"), column("amount", "Amount")
NONE = {"header": {"kind": "none", "cells": 2}}
FIXED = {"kind": "fixed_width", "length": 9}
USE = {
    "entity": "usage",
    "columns": [
        *(ACCOUNT, AMOUNT, column("number", "N"), column("unit", "U"), column("roaming", "R")),
        *(column("occurred_at", "D"), column("kind", "K"), column("quantity", "Q")),
    ],
}


def term(**more):
    return {"part": "charges", "measure": "rows", **more}


def equation(one, per="account"):
    told = {"code": "rows", "title": "Rangs", "per": per, "left": [one], "right": [term()]}
    return {"controls": {"equations": [told]}}


WHOLE = {
    "missing": ({"title": None}, "title", "Il manque « title » : ajoutez-le."),
    "extra": ({"colour": 1}, "colour", "« colour » n'est pas un mot du vocabulaire : retirez-le."),
    "literal": ({"provider": "bell"}, "provider", "« bell » n'est pas admis ; choisissez parmi"),
    "short": ({"parts": []}, "parts", "Il en faut au moins 1."),
    "long": ({"parts": [charge_part()] * 21}, "parts", "Il en faut au plus 20."),
    "least": ({"package": {"max_members": 0}}, "package.max_members", "être d'au moins 1."),
    "most": ({"package": {"max_members": 999}}, "package.max_members", "être d'au plus 200."),
    "pattern": ({"code": "A B"}, "code", "« A B » n'a pas la forme voulue (^[a-z]"),
    "kind": ({"title": 12}, "title", "« 12 » n'est pas une valeur de ce genre ici."),
    "twice": ({"parts": [charge_part()] * 2}, "", "deux parties portent le même code"),
    "ratio": (
        {"controls": {"ratios": [{"part": "x", "least": "0.5", "most": "2"}]}},
        "",
        "aucune partie « x »",
    ),
    "no part": (equation(term(part="x")), "", "aucune partie « x »"),
    "no field": (
        equation(term(measure="sum", field="tps_amount")),
        "",
        "« tps_amount » n'est pas lu dans « charges »",
    ),
    "measure": (
        equation(term(measure="sum")),
        "controls.equations[0].left[0]",
        "field nomme la colonne d'un « sum » ou le fait d'un « fact »",
    ),
}
PARTS = {
    "enum": ({"entity": "bill"}, "entity", "« bill » n'est pas admis ; choisissez parmi"),
    "reader": ({"reader": {"kind": "pdf"}}, "reader", "« pdf » n'est pas admis ; choisissez"),
    "no kind": ({"reader": {}}, "reader", "Il manque « kind », qui dit de quel genre il s'agit."),
    "signs": ({"signature": {}}, "signature", "au moins un signe : words, pattern ou name"),
    "regex": ({"signature": {"name": "("}}, "signature.name", "n'est pas une expression régulière"),
    "date": ({"values": {"dates": ["AAAA"]}}, "values.dates[0]", "aucun repère (%Y, %m, %d…)"),
    "decimal": (
        {"values": {"decimal": ",", "groups": ","}},
        "values",
        "le signe décimal ne peut pas aussi grouper les milliers",
    ),
    "unit": ({"values": {"quantities": {}}}, "values.quantities", "dites l'unité : unit, ou by et"),
    "base": (
        {"values": {"quantities": {"unit": "gigabyte"}}},
        "values.quantities",
        "dites la base des unités de données : 1000 ou 1024",
    ),
    "sidecar": (
        {"layout": {"header": {"kind": "sidecar", "name": "(.+)"}}},
        "",
        "vient d'un fichier d'accompagnement : décrivez sidecar",
    ),
    "fixed": (
        {"reader": FIXED, "columns": [{"field": "account", "source": {"fact": "a"}}, AMOUNT]},
        "",
        "aucun fait « a » avant les rangs",
    ),
    "not a field": ({"columns": [ACCOUNT, AMOUNT, column("x", "X")]}, "", "« x » n'est pas une"),
    "same field": ({"columns": [ACCOUNT, AMOUNT, AMOUNT]}, "", "ou y est deux fois"),
    "needed": ({"columns": [ACCOUNT]}, "", "il manque les colonnes amount"),
    "wide": (
        {"wide": [{"headers": ["Plan"], "category": "feature", "label": "F"}]},
        "",
        "wide fait des frais, et remplace la colonne amount",
    ),
    "quantities": (USE, "", "dites l'unité des quantités dans values.quantities"),
    "codes": (
        {
            "columns": [
                *(ACCOUNT, AMOUNT),
                column("category", "C", {"kind": "map", "words": {"A": "gift"}}),
            ]
        },
        "",
        "gift ne sont pas des codes de « category »",
    ),
    "carried": (
        {"columns": [{"field": "account", "source": {"carried": "t"}}, AMOUNT]},
        "",
        "aucun titre ne porte « t »",
    ),
    "sliced": (
        {"columns": [{"field": "account", "source": {"start": 1, "width": 5}}, AMOUNT]},
        "",
        "start et width vont avec « fixed_width », et avec lui seul",
    ),
    "nameless": ({"layout": NONE}, "", "sans en-tête, une colonne se désigne par sa position"),
    "sources": (
        {"columns": [{"field": "account", "source": {"position": 1, "fact": "a"}}, AMOUNT]},
        "columns[0].source",
        "donnez une seule source : headers, position, start et width, fact ou carried",
    ),
    "no source": (
        {"columns": [{"field": "account"}, AMOUNT]},
        "columns[0]",
        "donnez une source, ou une transformation constant ou concat",
    ),
}


def faults_of(**changes):
    data = {"code": "essai", "provider": "telus", "title": "Essai", "parts": [charge_part()]}
    return definition_faults({k: v for k, v in {**data, **changes}.items() if v is not None})


@pytest.mark.parametrize("kind", WHOLE)
def test_a_profile_that_does_not_hold_is_told_where_and_how(kind):
    changes, path, told = WHOLE[kind]
    (fault,) = faults_of(**changes)
    assert (fault.place, told in fault.message) == (path, True), fault


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_that_does_not_hold_is_told_where_and_how(kind):
    changes, path, told = PARTS[kind]
    (fault,) = faults_of(parts=[charge_part(**changes)])
    place = fault.place.replace(".delimited", "")
    assert (place, told in fault.message) == (f"parts[0].{path}".rstrip("."), True), fault


def test_a_fixed_width_has_no_header_and_its_columns_are_slices():
    (fault,) = faults_of(
        parts=[
            charge_part(
                reader=FIXED,
                columns=[
                    {"field": "account", "source": {"start": 1, "width": 5}},
                    {"field": "amount", "source": {"start": 6, "width": 4}},
                ],
            )
        ]
    )
    assert "un fichier à largeur fixe n'a pas d'en-tête : header « none »" in fault.message


def test_a_term_names_what_its_part_has():
    usage = charge_part(**USE, code="use", values={"quantities": {"unit": "second"}})
    on_use = equation(term(part="use", categories=["feature"]))
    (fault,) = faults_of(parts=[charge_part(), usage], **on_use)
    assert "seuls les frais ont une catégorie" in fault.message
    facts = [{"name": "rows", "place": "footer", "pattern": "(.)"}]
    told = charge_part(layout={"header": {"kind": "row"}, "facts": facts})
    (fault,) = faults_of(parts=[told], **equation(term(measure="fact", field="rows")))
    assert "un fait vaut pour le fichier : equation per « file »" in fault.message
