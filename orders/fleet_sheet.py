"""The columns of an existing fleet's file, and what a row must say by itself (F-45)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.tabular import SheetColumn, SheetSchema
from portal.tabular.values import choice, day, digits, imei, phone, text, yes_no


def coherent(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What contradicts itself in a row: (column, reason), all of it."""
    if row["employee_number"] and not (row["holder_name"] or row["holder_function"]):
        yield "holder_name", _("Un matricule est indiqué : nommez le détenteur ou sa fonction.")
    if row["cost_centre_name"] and not row["cost_centre"]:
        yield "cost_centre", _("Un centre de coûts est nommé : indiquez son code.")


SCHEMA = SheetSchema(
    columns=(
        SheetColumn(
            "number",
            gettext_lazy("Numéro"),
            phone,
            ("numero de telephone", "ligne", "phone", "phone number", "mdn"),
            required=True,
            example="418 555-0142",
        ),
        SheetColumn(
            "account",
            gettext_lazy("Compte"),
            digits(4, 20),
            ("numero de compte", "ban", "account", "account number"),
            required=True,
            example="10203040",
        ),
        SheetColumn(
            "plan",
            gettext_lazy("Forfait"),
            text(200),
            ("plan", "code du forfait", "rate plan"),
            required=True,
            example="Voix et 10 Go",
        ),
        SheetColumn(
            "is_flexible",
            gettext_lazy("Forfait flexible"),
            yes_no,
            ("flexible", "flex"),
            default=False,
            example="non",
        ),
        SheetColumn(
            "device",
            gettext_lazy("Appareil"),
            text(200),
            ("device", "modele", "code de l'appareil"),
            default="",
            example="Téléphone A, 128 Go",
        ),
        SheetColumn("imei", gettext_lazy("IMEI"), imei, default="", example="490154203237518"),
        SheetColumn(
            "sim_kind",
            gettext_lazy("Genre de carte"),
            choice({"SIM": "sim", "eSIM": "esim"}),
            ("sim type",),
            default="",
            example="eSIM",
        ),
        SheetColumn(
            "sim_number",
            gettext_lazy("Carte (ICCID)"),
            digits(18, 22),
            ("iccid", "sim", "numero de carte"),
            default="",
            example="8912230000123456789",
        ),
        SheetColumn(
            "subsidy_ends_on",
            gettext_lazy("Fin de la subvention"),
            day,
            ("fin de subvention", "subsidy end"),
            example="2027-03-01",
        ),
        SheetColumn(
            "commitment_ends_on",
            gettext_lazy("Fin de l'engagement"),
            day,
            ("fin d'engagement", "contract end", "commitment end"),
            example="2027-03-01",
        ),
        SheetColumn(
            "holder_name",
            gettext_lazy("Détenteur"),
            text(150),
            ("nom", "nom du detenteur", "utilisateur", "user", "user name", "holder"),
            default="",
            example="Éloïse Gagnon",
        ),
        SheetColumn(
            "holder_function",
            gettext_lazy("Fonction"),
            text(150),
            ("poste", "titre", "function", "title"),
            default="",
            example="Contremaîtresse",
        ),
        SheetColumn(
            "employee_number",
            gettext_lazy("Matricule"),
            text(40),
            ("numero d'employe", "employee number", "employee id"),
            default="",
            example="10442",
        ),
        SheetColumn(
            "cost_centre",
            gettext_lazy("Centre de coûts"),
            text(40),
            ("code du centre de couts", "imputation", "cost centre", "cost center"),
            default="",
            example="T-110",
        ),
        SheetColumn(
            "cost_centre_name",
            gettext_lazy("Nom du centre de coûts"),
            text(150),
            ("cost centre name",),
            default="",
            example="Voirie",
        ),
        SheetColumn(
            "earlier_derogation",
            gettext_lazy("Dérogation antérieure"),
            text(100),
            ("derogation", "earlier derogation"),
            default="",
            example="D-2023-014",
        ),
    ),
    check=coherent,
    unique=("number", "imei", "sim_number"),
)
"""A member's fleet as its provider, or the member itself, lists it."""
