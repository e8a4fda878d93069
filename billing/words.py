"""A bill's codes in French: categories, kinds of use, rules; and quantities as people read them."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.formats.canonical import BaseUnit, Category, Roaming, UseKind
from billing.kinds import InvoiceState

CATEGORIES = {
    Category.RECURRING_PLAN: gettext_lazy("Forfaits"),
    Category.FEATURE: gettext_lazy("Options"),
    Category.PARTIAL: gettext_lazy("Frais partiels"),
    Category.USAGE_VOICE: gettext_lazy("Appels"),
    Category.USAGE_TEXT: gettext_lazy("Messages"),
    Category.USAGE_DATA: gettext_lazy("Données"),
    Category.USAGE_LONG_DISTANCE: gettext_lazy("Interurbains"),
    Category.ROAMING_VOICE: gettext_lazy("Itinérance, appels"),
    Category.ROAMING_TEXT: gettext_lazy("Itinérance, messages"),
    Category.ROAMING_DATA: gettext_lazy("Itinérance, données"),
    Category.THIRD_PARTY: gettext_lazy("Tiers"),
    Category.DEVICE_INSTALMENT: gettext_lazy("Versements d'appareils"),
    Category.ONE_TIME_FEE: gettext_lazy("Frais uniques"),
    Category.DISCOUNT: gettext_lazy("Rabais"),
    Category.CREDIT: gettext_lazy("Crédits"),
    Category.ADJUSTMENT: gettext_lazy("Rajustements"),
    Category.LATE_FEE: gettext_lazy("Frais de retard"),
    Category.TAX_TPS: gettext_lazy("TPS"),
    Category.TAX_TVQ: gettext_lazy("TVQ"),
    Category.TAX_911: gettext_lazy("Taxe 9-1-1"),
    Category.TAX_OTHER: gettext_lazy("Autres taxes"),
    Category.BALANCE_FORWARD: gettext_lazy("Solde reporté"),
    Category.PAYMENT: gettext_lazy("Paiements"),
    Category.MEMO: gettext_lazy("Pour information"),
    Category.UNCLASSIFIED: gettext_lazy("À classer"),
}
USE_KINDS = {
    UseKind.VOICE: gettext_lazy("Appels"),
    UseKind.SMS: gettext_lazy("Messages texte"),
    UseKind.MMS: gettext_lazy("Messages multimédias"),
    UseKind.DATA: gettext_lazy("Données"),
    UseKind.OTHER: gettext_lazy("Autres"),
}
ROAMINGS = {
    Roaming.NONE: gettext_lazy("Sans itinérance"),
    Roaming.CANADA: gettext_lazy("Itinérance au Canada"),
    Roaming.USA: gettext_lazy("Itinérance aux États-Unis"),
    Roaming.INTERNATIONAL: gettext_lazy("Itinérance internationale"),
}
RULES = {
    "A01": gettext_lazy("Fichier déjà importé"),
    "A02": gettext_lazy("Mise en page changée"),
    "A03": gettext_lazy("Nombre de lignes lues"),
    "A04": gettext_lazy("Sommes : frais, lignes, compte et facture"),
    "A05": gettext_lazy("Lignes rejetées"),
    "A06": gettext_lazy("Paquet complet et période dite"),
    "A07": gettext_lazy("Facture émise à temps"),
    "A08": gettext_lazy("Même facture en double"),
    "A09": gettext_lazy("Période : trou ou chevauchement"),
    "A10": gettext_lazy("Solde reporté de la facture précédente"),
    "A13": gettext_lazy("Frais à classer"),
    "B01": gettext_lazy("Compte connu"),
    "B02": gettext_lazy("Ligne facturée absente du parc"),
    "B03": gettext_lazy("Ligne en service non facturée"),
}
"""The controls that run at publication (billing.md §4)."""

TYPED_RULES = ("A07", "A08", "A09", "A10")
"""Those of an invoice typed by hand, which has no detail."""

_STEPS = (("To", 10**12), ("Go", 10**9), ("Mo", 10**6), ("Ko", 10**3))


def category_label(code: str) -> str:
    """« Forfaits »; an unknown code as it is."""
    return str(CATEGORIES.get(code, code))  # type: ignore[call-overload]


def use_label(kind: str, roaming: str) -> str:
    """« Données », « Appels, itinérance internationale »."""
    named = str(USE_KINDS.get(kind, kind))  # type: ignore[call-overload]
    if roaming == Roaming.NONE:
        return named
    return f"{named}, {str(ROAMINGS.get(roaming, roaming)).lower()}"  # type: ignore[call-overload]


def state_label(state: str, paid: Decimal) -> str:
    """An invoice's state; one that is closed though nobody paid anything is not called paid."""
    if state == InvoiceState.PAID and not paid:
        return _("Réglée sans paiement")
    return str(InvoiceState(state).label)


def rule_label(code: str) -> str:
    """What a rule watches; its code where this page does not know it."""
    return str(RULES.get(code, code))


def quantity_label(quantity: int, unit: str) -> str:
    """« 12,4 Go », « 3 h 05 min », « 120 »: bytes in powers of a thousand."""
    if unit == BaseUnit.BYTE:
        return _bytes(quantity)
    if unit == BaseUnit.SECOND:
        minutes = (quantity + 59) // 60
        hours, rest = divmod(minutes, 60)
        if hours:
            return _("%(hours)s h %(minutes)02d min") % {"hours": hours, "minutes": rest}
        return _("%(minutes)s min") % {"minutes": rest}
    return str(quantity)


def _bytes(quantity: int) -> str:
    for name, size in _STEPS:
        if quantity >= size:
            share = (Decimal(quantity) / size).quantize(Decimal("0.1"))
            return f"{share}\u00a0{name}".replace(".", ",")
    return f"{quantity}\u00a0o"
