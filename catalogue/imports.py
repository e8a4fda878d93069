"""The columns of a provider's list, and the rows' own coherence (F-45, R-15, R-42)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.tabular import SheetColumn, SheetRow, SheetSchema
from portal.tabular.values import (
    Unreadable,
    choice,
    day,
    decimal,
    integer,
    money,
    text,
    yes_no,
)

Tiers = tuple[tuple[Decimal, Decimal], ...]
MAX_TIERS = 40
DEVICE, PLAN, ACCESSORY = "device", "plan", "accessory"
KINDS = {
    "appareil": DEVICE,
    "forfait": PLAN,
    "accessoire": ACCESSORY,
    "device": DEVICE,
    "plan": PLAN,
    "accessory": ACCESSORY,
}
BASES = {"par ligne": "line", "par groupe": "pool", "per line": "line", "per pool": "pool"}
_gigabytes = decimal(2, maximum=Decimal(1_000_000))


def tiers(cell: str) -> Tiers:
    """« 5 = 0 | 20 = 12,50 | 10000 = 900 »: up to so many GB, so much more a month (R-42)."""
    read: list[tuple[Decimal, Decimal]] = []
    for part in cell.split("|")[: MAX_TIERS + 1]:
        bound, mark, amount = part.partition("=")
        if not mark or not bound.strip() or not amount.strip():
            raise Unreadable(
                _("Écrivez les paliers ainsi : 5 = 0 | 20 = 12,50 | 10000 = 900 (Go = supplément).")
            )
        read.append((_gigabytes(bound.strip()), money(amount.strip())))
    if len(read) > MAX_TIERS:
        raise Unreadable(_("Plus de %(limit)s paliers : regroupez-les.") % {"limit": MAX_TIERS})
    for (low, cheap), (high, dear) in pairwise(read):
        if high <= low:
            raise Unreadable(_("Le palier de %(gb)s Go ne suit pas le précédent.") % {"gb": high})
        if dear < cheap:
            raise Unreadable(
                _("Le palier de %(gb)s Go coûte moins cher que le précédent.") % {"gb": high}
            )
    return tuple(read)


def coherent(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What contradicts itself in a row: (column, reason), all of it."""
    yield from _costs(row)
    if row["kind"] == PLAN:
        yield from _plan(row)
    else:
        yield from _no_plan(row)
    if row["until"] and row["since"] and row["until"] < row["since"]:
        yield "until", _("La fin de l'offre précède son début.")


def _costs(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Zero-cost and subsidised are two attributes, each said outright for a device (R-15)."""
    free = row["one_off_amount"] == 0 and row["monthly_amount"] == 0
    if row["kind"] == DEVICE:
        for name in ("is_zero_cost", "is_subsidised"):
            if row[name] is None:
                yield name, _("Écrivez « oui » ou « non » pour un appareil.")
        if row["is_zero_cost"] is False and free:
            yield (
                "one_off_amount",
                _("L'appareil n'est pas à coût nul, mais aucun prix n'est indiqué."),
            )
    if row["is_zero_cost"] and not free:
        yield "one_off_amount", _("Un article à coût nul a un prix unique et mensuel de 0.")
    if row["subsidy_amount"] and not row["is_subsidised"]:
        yield (
            "subsidy_amount",
            _("Une subvention est indiquée, mais l'article n'est pas subventionné."),
        )


def _plan(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A flexible plan has tiers, what they count and a price per extra GB; another has none."""
    for name in ("is_zero_cost", "is_subsidised"):
        if row[name]:
            yield name, _("Un forfait n'est ni à coût nul ni subventionné : écrivez « non ».")
    flexible = ("tiers", "extra_gb_amount", "tier_basis")
    if row["is_flexible"]:
        for name in flexible:
            if row[name] in (None, "", ()):
                yield name, _("Le forfait flexible demande cette valeur.")
    elif row["tiers"] or row["tier_basis"]:
        yield "tiers", _("Des paliers vont seulement avec un forfait flexible.")


def _no_plan(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("is_flexible", "is_data_only"):
        if row[name]:
            yield name, _("Cette valeur va seulement avec un forfait.")
    for name in ("included_gb", "extra_gb_amount", "tiers", "tier_basis"):
        if row[name]:
            yield name, _("Cette valeur va seulement avec un forfait.")


SCHEMA = SheetSchema(
    columns=(
        SheetColumn(
            "kind",
            gettext_lazy("Genre"),
            choice(KINDS),
            ("type",),
            required=True,
            example="appareil",
        ),
        SheetColumn(
            "code",
            gettext_lazy("Code du prestataire"),
            text(60),
            ("code", "sku", "provider code"),
            required=True,
            example="EXEMPLE-128",
        ),
        SheetColumn(
            "name",
            gettext_lazy("Nom"),
            text(200),
            ("name", "article"),
            required=True,
            example="Téléphone d'exemple, 128 Go",
        ),
        SheetColumn(
            "brand", gettext_lazy("Marque"), text(60), ("brand",), default="", example="Exemple"
        ),
        SheetColumn(
            "label_fr",
            gettext_lazy("Libellé de facture (français)"),
            text(200),
            ("libellé français", "invoice label (french)", "french label"),
            required=True,
            example="TEL EXEMPLE 128 GO",
        ),
        SheetColumn(
            "label_en",
            gettext_lazy("Libellé de facture (anglais)"),
            text(200),
            ("libellé anglais", "invoice label (english)", "english label"),
            required=True,
            example="SAMPLE PHONE 128 GB",
        ),
        SheetColumn(
            "one_off_amount",
            gettext_lazy("Prix unique"),
            money,
            ("one-off price", "prix"),
            default=Decimal(0),
            example="0,00",
        ),
        SheetColumn(
            "monthly_amount",
            gettext_lazy("Prix mensuel"),
            money,
            ("monthly price",),
            default=Decimal(0),
            example="0,00",
        ),
        SheetColumn(
            "is_zero_cost",
            gettext_lazy("À coût nul"),
            yes_no,
            ("coût nul", "zero cost", "zero-cost"),
            example="oui",
        ),
        SheetColumn(
            "is_subsidised",
            gettext_lazy("Subventionné"),
            yes_no,
            ("subsidised", "subsidized"),
            example="oui",
        ),
        SheetColumn(
            "subsidy_amount",
            gettext_lazy("Subvention"),
            money,
            ("subsidy",),
            default=Decimal(0),
            example="400,00",
        ),
        SheetColumn(
            "commitment_months",
            gettext_lazy("Engagement (mois)"),
            integer(0, 60),
            ("engagement", "commitment", "commitment (months)", "term"),
            default=0,
            example="24",
        ),
        SheetColumn(
            "is_flexible",
            gettext_lazy("Forfait flexible"),
            yes_no,
            ("flexible", "flexible plan"),
            default=False,
            example="",
        ),
        SheetColumn(
            "is_data_only", gettext_lazy("Données seulement"), yes_no, ("data only",), default=False
        ),
        SheetColumn("included_gb", gettext_lazy("Go inclus"), _gigabytes, ("included gb",)),
        SheetColumn(
            "extra_gb_amount",
            gettext_lazy("Prix du Go supplémentaire"),
            money,
            ("extra gb", "extra gb price"),
        ),
        SheetColumn(
            "tier_basis",
            gettext_lazy("Paliers comptés"),
            choice(BASES),
            ("tier basis",),
            default="",
        ),
        SheetColumn("tiers", gettext_lazy("Paliers"), tiers, ("tiers",), default=()),
        SheetColumn(
            "supports_esim",
            gettext_lazy("eSIM"),
            yes_no,
            ("carte esim",),
            example="oui",
        ),
        SheetColumn("since", gettext_lazy("Offert du"), day, ("valid from", "début")),
        SheetColumn("until", gettext_lazy("Offert jusqu'au"), day, ("valid until", "fin")),
    ),
    check=coherent,
    unique=("code",),
)
"""Codes are compared as written; an offer's last day is included."""


def offer_values(row: SheetRow, *, effective_on: date) -> dict[str, Any]:
    """The fields of the Offer that a row makes: days as ``[since, until)``, tiers apart."""
    values = dict(row.values)
    since = values.pop("since") or effective_on
    until = values.pop("until")
    values.pop("tiers")
    values["is_zero_cost"] = bool(values["is_zero_cost"])
    values["is_subsidised"] = bool(values["is_subsidised"])
    end = until + timedelta(days=1) if until else None
    return values | {"since": since, "end": end}
