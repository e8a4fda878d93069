"""The words of a derogation: states, heads, fields by kind, levels of signature, kinds of paper."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.powers import DerogationKind


class DerogationState(models.TextChoices):
    """The life of a derogation (domain.md §4)."""

    DRAFT = "draft", _("Brouillon")
    SUBMITTED = "submitted", _("Soumise")
    RETURNED = "returned", _("À compléter")
    SIGNED = "signed", _("Signée")
    REFUSED = "refused", _("Refusée")
    EXHAUSTED = "exhausted", _("Épuisée")
    EXPIRED = "expired", _("Expirée")
    WITHDRAWN = "withdrawn", _("Retirée")
    CANCELLED = "cancelled", _("Annulée")


class HeadDecision(models.TextChoices):
    """What became of one head: an item that needs two kinds is one request with two (R-20)."""

    PENDING = "pending", _("À décider")
    SIGNED = "signed", _("Accordée")
    REFUSED = "refused", _("Refusée")


class DerogationOrigin(models.TextChoices):
    """How a derogation entered the portal; one recorded later is never sealed."""

    REQUEST = "request", _("Demande au portail")
    EARLIER = "earlier", _("Dérogation antérieure, versée avec son document")


class NetworkNature(models.TextChoices):
    """What fails at the places."""

    COVERAGE = "coverage", _("Couverture")
    AVAILABILITY = "availability", _("Disponibilité")
    OTHER = "other", _("Autre")


class TestResult(models.TextChoices):
    """What a coverage test showed."""

    NO_SERVICE = "no_service", _("Aucun service")
    WEAK = "weak", _("Signal insuffisant")
    UNSTABLE = "unstable", _("Signal instable")
    GOOD = "good", _("Signal suffisant")


class AttachmentKind(models.TextChoices):
    """What an attached paper proves (F-33)."""

    COVERAGE_MAP = "coverage_map", _("Carte de couverture du premier rang")
    ROGERS_COVERAGE = "rogers_coverage", _("Couverture du second rang")
    TICKET_ANSWER = "ticket_answer", _("Réponse de TELUS")
    PROVIDER_FORM = "provider_form", _("Formulaire d'autorisation du prestataire")
    CREDIT_CERTIFICATE = "credit_certificate", _("Certificat de crédits")
    SCAN = "scan", _("Dérogation antérieure numérisée")
    OTHER = "other", _("Autre pièce")


class SigningAct(models.TextChoices):
    """What a gesture does: every one is bound to its challenge."""

    SIGN = "sign", _("Signer")
    WITHDRAW = "withdraw", _("Retirer la signature")


class SignatureLevel(models.TextChoices):
    """How the signer proved who he is, at the gesture (signing.md §3.4)."""

    PASSKEY = "passkey", _("Clé d'accès, personne vérifiée par l'appareil")
    PASSWORD_TOTP = "password_totp", _("Mot de passe et code à usage unique (niveau moindre)")
    HANDWRITTEN = "handwritten", _("Signature manuscrite")


class SealState(models.TextChoices):
    """The second life: that of the sealed document (domain.md §4)."""

    PENDING = "pending", _("Scellement en attente")
    SEALED = "sealed", _("Scellée")
    PAPER = "paper", _("Sur papier, sans sceau électronique")


class RefusalReason(models.TextChoices):
    """Why a signer refuses (F-19)."""

    FIRST_RANK_SERVES = "first_rank_serves", _("Le premier rang répond au besoin")
    PROOF_LACKING = "proof_lacking", _("La preuve ne suffit pas")
    ZERO_COST_SERVES = "zero_cost_serves", _("Un appareil à coût nul répond au besoin")
    BUDGET = "budget", _("Le budget ne le permet pas")
    OTHER = "other", _("Autre motif")


@dataclass(frozen=True, slots=True)
class KindFields:
    """What a kind of request must say, and what it may say besides, in the order of the page."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every field."""
        return (*self.required, *self.optional)


COMMON_FIELDS = KindFields(
    ("need", "insufficiency", "quantity", "wanted_on", "ends_on"),
    ("consequence", "one_off_amount", "monthly_amount", "external_reference"),
)
FIELDS_OF_KIND = {
    DerogationKind.NETWORK: KindFields(
        ("network_nature",), ("ticket_reference", "ticket_answer", "second_rank_serves")
    ),
    DerogationKind.TECHNOLOGICAL: KindFields(
        ("requirement", "first_rank_gap"), ("first_rank_answer", "compatibility")
    ),
    DerogationKind.NON_ZERO_COST: KindFields(
        ("device_model", "device_amount", "nearest_zero_cost", "nearest_why_not", "user_function"),
        ("budget",),
    ),
}
"""Each kind's own fields (domain.md §5, inferred: the official forms are not public)."""
