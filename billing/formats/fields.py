"""The canonical columns in French: what staff read beside the words of a definition."""

from django.utils.translation import gettext_lazy as _

FIELD_LABELS = {
    "line": _("Ligne du fichier"),
    "account": _("Compte"),
    "number": _("Numéro"),
    "subscriber": _("Abonné"),
    "invoice_number": _("Numéro de facture"),
    "period_start": _("Du"),
    "period_end": _("Au"),
    "issued_on": _("Date de facture"),
    "due_on": _("Échéance"),
    "previous_balance_amount": _("Solde précédent"),
    "payments_amount": _("Paiements"),
    "adjustments_amount": _("Rajustements"),
    "new_charges_amount": _("Nouveaux frais"),
    "tps_amount": _("TPS"),
    "tvq_amount": _("TVQ"),
    "other_taxes_amount": _("Autres taxes"),
    "other_tax_amount": _("Autre taxe"),
    "total_due_amount": _("Total à payer"),
    "line_count": _("Lignes"),
    "charge_count": _("Frais"),
    "code": _("Code"),
    "label": _("Libellé"),
    "category": _("Catégorie"),
    "quantity": _("Quantité"),
    "unit_amount": _("Prix unitaire"),
    "amount": _("Montant"),
    "cost_centre_text": _("Centre de coûts"),
    "occurred_at": _("Date et heure"),
    "kind": _("Genre"),
    "roaming": _("Itinérance"),
    "unit": _("Unité"),
    "called_hash": _("Empreinte du numéro appelé"),
    "place": _("Lieu"),
    "status": _("État"),
    "plan": _("Forfait"),
    "device": _("Appareil"),
    "imei": _("IMEI"),
    "sim": _("SIM"),
    "commitment_start": _("Début de l'engagement"),
    "commitment_end": _("Fin de l'engagement"),
    "cancellation_fee_amount": _("Frais de résiliation"),
    "raw": _("Colonnes non lues"),
}


def field_label(field: str) -> str:
    """A canonical column in French; its own name where it has none."""
    return str(FIELD_LABELS.get(field, field))
