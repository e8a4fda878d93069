"""The addresses of a member's delegation plan."""

from django.urls import path

from members.views import absences, delegation_sheets, delegations, interims, plans, signers

PLAN = "organismes/<slug:member>/delegations/"
VERSION = f"{PLAN}versions/<int:pk>/"
LINE = f"{PLAN}lignes/<int:pk>/"

plan_patterns = [
    path(PLAN, plans.plan_overview, name="plan_overview"),
    path(f"{PLAN}versions/", plans.plan_list, name="plan_list"),
    path(f"{PLAN}versions/ouvrir/", plans.plan_open, name="plan_open"),
    path(VERSION, plans.plan_detail, name="plan_detail"),
    path(f"{VERSION}acte/", plans.plan_act, name="plan_act"),
    path(f"{VERSION}fin/", plans.plan_end, name="plan_end"),
    path(f"{VERSION}signatures/", plans.signing_rule_set, name="signing_rule_set"),
    path(
        f"{PLAN}signatures/<int:pk>/retrait/",
        plans.signing_rule_remove,
        name="signing_rule_remove",
    ),
    path(
        f"{PLAN}signatures/<int:pk>/confirmer/",
        plans.signing_rule_confirm,
        name="signing_rule_confirm",
    ),
    path(f"{PLAN}lignes/", delegations.delegation_list, name="delegation_list"),
    path(f"{PLAN}lignes/inscrire/", delegations.delegation_record, name="delegation_record"),
    path(f"{PLAN}lignes/importer/", delegation_sheets.delegation_import, name="delegation_import"),
    path(
        f"{PLAN}lignes/importer/modele/",
        delegation_sheets.delegation_import_template,
        name="delegation_import_template",
    ),
    path(
        f"{PLAN}lignes/importer/appliquer/",
        delegation_sheets.delegation_import_apply,
        name="delegation_import_apply",
    ),
    path(LINE, delegations.delegation_detail, name="delegation_detail"),
    path(f"{LINE}correction/", delegations.delegation_correct, name="delegation_correct"),
    path(f"{LINE}fin/", delegations.delegation_end, name="delegation_end"),
    path(f"{LINE}confirmation/", delegations.delegation_confirm, name="delegation_confirm"),
    path(f"{LINE}identite/<int:person>/", signers.signer_attest, name="signer_attest"),
    path(f"{LINE}invitation/<int:person>/", signers.signer_invite, name="signer_invite"),
    path(
        f"{LINE}second-facteur/<int:account>/",
        signers.signer_factor_reset,
        name="signer_factor_reset",
    ),
    path(f"{LINE}interim/", interims.interim_name, name="interim_name"),
    path(f"{PLAN}interims/<int:pk>/acte/", interims.interim_act, name="interim_act"),
    path(
        f"{PLAN}interims/<int:pk>/confirmation/", interims.interim_confirm, name="interim_confirm"
    ),
    path(f"{PLAN}interims/<int:pk>/fin/", interims.interim_end, name="interim_end"),
    path(f"{PLAN}absences/inscrire/", absences.absence_declare, name="absence_declare"),
    path(f"{PLAN}absences/<int:pk>/fin/", absences.absence_end, name="absence_end"),
]
