"""The kinds of order line, the states of an order and its milestones: words shared by all rooms."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderKind(models.TextChoices):
    """What an order line asks for (F-23); suspend, cancel, port and transfer come later."""

    NEW_LINE = "new_line", _("Nouvelle ligne avec appareil")
    SIM_ONLY = "sim_only", _("Nouvelle ligne sans appareil (SIM ou eSIM)")
    UPGRADE = "upgrade", _("Remplacement de l'appareil d'une ligne")
    DEVICE_ONLY = "device_only", _("Appareil ou accessoire seul")
    PLAN_CHANGE = "plan_change", _("Changement de forfait")


class OrderState(models.TextChoices):
    """The life of an order (domain.md §4, D-11)."""

    DRAFT = "draft", _("Brouillon")
    SUBMITTED = "submitted", _("Soumise")
    AWAITING_DEROGATION = "awaiting_derogation", _("En attente de dérogation")
    SENT = "sent", _("Transmise")
    SENDING_UNKNOWN = "sending_unknown", _("Transmission incertaine")
    ACKNOWLEDGED = "acknowledged", _("Confirmée")
    DELIVERED = "delivered", _("Reçue")
    CLOSED = "closed", _("Close")
    CANCELLED = "cancelled", _("Annulée")


class SimKind(models.TextChoices):
    """The card of a new line."""

    SIM = "sim", _("Carte SIM")
    ESIM = "esim", _("Carte eSIM")


class MilestoneKind(models.TextChoices):
    """What the provider did for an order line, dated (F-26)."""

    ACKNOWLEDGED = "acknowledged", _("Confirmée par le prestataire")
    REFUSED = "refused", _("Refusée par le prestataire")
    SHIPPED = "shipped", _("Expédiée")
    CONFIGURED = "configured", _("Configurée")
    ACTIVATED = "activated", _("Activée")


class LineStatus(models.TextChoices):
    """Whether a line in service is used and billed."""

    ACTIVE = "active", _("En service")
    SUSPENDED = "suspended", _("Suspendue")
    CANCELLED = "cancelled", _("Annulée")


class Origin(models.TextChoices):
    """How a line entered the portal."""

    ORDER = "order", _("Commande")
    TAKE_OVER = "reprise", _("Reprise du parc")


class FleetImportState(models.TextChoices):
    """Where a take-over file stands (F-45)."""

    READ = "read", _("Lu")
    CHECKED = "checked", _("Vérifié")
    REFUSED = "refused", _("Refusé")
    APPLIED = "applied", _("Repris")


class SendingMode(models.TextChoices):
    """How an order reaches its provider (R-19)."""

    EMAIL = "email", _("Courriel avec lien qui expire")
    FILE = "file", _("Fichier déposé")
    PROVIDER_PORTAL = "provider_portal", _("Saisie au portail du prestataire")


@dataclass(frozen=True, slots=True)
class KindFields:
    """What an order line of a kind must say, and what it may say besides."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every field of the kind, in the order in which a page asks for them."""
        return (*self.required, *self.optional)


FIELDS_OF_KIND = {
    OrderKind.NEW_LINE: KindFields(
        ("device", "plan", "sim_kind", "holder", "cost_centre", "address"), ("accessory",)
    ),
    OrderKind.SIM_ONLY: KindFields(
        ("plan", "sim_kind", "own_imei", "holder", "cost_centre", "address")
    ),
    OrderKind.UPGRADE: KindFields(("service_line", "device", "address"), ("accessory",)),
    OrderKind.DEVICE_ONLY: KindFields(
        ("quantity", "cost_centre", "address"), ("device", "accessory", "holder")
    ),
    OrderKind.PLAN_CHANGE: KindFields(("service_line", "plan")),
}
"""Each kind's own fields (F-23); a kind that is not here cannot be ordered."""

KINDS_WITH_ACTIVATION = (
    OrderKind.NEW_LINE,
    OrderKind.SIM_ONLY,
    OrderKind.UPGRADE,
    OrderKind.PLAN_CHANGE,
)
"""Kinds whose activation opens or changes a line in service."""
