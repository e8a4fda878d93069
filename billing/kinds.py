"""The words of a bill: files, readings, invoices, releases, gaps, proposals and their states."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What a provider's file brings for one cycle."""

    PACKAGE = "package", _("Paquet : frais et utilisation")
    CHARGES = "charges", _("Frais détaillés")
    SUMMARY = "summary", _("Frais par abonné")
    USAGE = "usage", _("Utilisation")
    INVENTORY = "inventory", _("Inventaire")


class ProfileState(models.TextChoices):
    """The life of a profile's version (billing.md §2)."""

    DRAFT = "draft", _("Brouillon")
    TESTED = "tested", _("Essayée sur un échantillon")
    ACTIVE = "active", _("En service")
    RETIRED = "retired", _("Retirée")


class ImportPart(models.TextChoices):
    """What one import publishes; a package's charges and use are two whole acts (D-41)."""

    CHARGES = "charges", _("Frais")
    USAGE = "usage", _("Utilisation")
    INVENTORY = "inventory", _("Inventaire")


class ImportState(models.TextChoices):
    """The life of an import; nothing of it is visible before it is published."""

    RECEIVED = "received", _("Reçu")
    READING = "reading", _("Lecture en cours")
    PREPARED = "prepared", _("Prêt, attend une personne")
    PUBLISHED = "published", _("Publié")
    REFUSED = "refused", _("Refusé")
    SUPERSEDED = "superseded", _("Remplacé")
    UNCHANGED = "unchanged", _("Sans changement")


NOT_SHOWN_YET = (ImportState.READING, ImportState.PREPARED)
"""States of an import that was read, and of which nobody is shown anything."""


class ImportStep(models.TextChoices):
    """Where the worker is in an import, for the progress that is shown."""

    OPENING = "opening", _("Ouverture du paquet")
    READING = "reading", _("Lecture et vérification des lignes")
    INDEXING = "indexing", _("Indexation")
    CONTROLS = "controls", _("Contrôles et totaux")
    PUBLISHING = "publishing", _("Publication")


class Awaited(models.TextChoices):
    """Why a prepared import waits for a person."""

    DIFFERENCES = "differences", _("Remplace des factures : confirmez les différences")
    BLIND_SPOTS = (
        "blind_spots",
        _("Ses contrôles ne voient pas tout : comparez avec le cycle précédent"),
    )
    ROW_RATIO = (
        "row_ratio",
        _("Beaucoup plus ou beaucoup moins de rangs qu'au cycle précédent : comparez les deux"),
    )
    CHARGES = "charges", _("Attend les frais de la même période, pas encore publiés")


class RowKind(models.TextChoices):
    """What the rows of a storage are."""

    CHARGE = "charge", _("Frais")
    USAGE = "usage", _("Utilisation")


class Detail(models.TextChoices):
    """How much of an invoice's detail the portal holds (D-41)."""

    NONE = "none", _("Saisie, sans détail")
    CHARGES = "charges", _("Frais publiés, sans détail d'utilisation")
    COMPLETE = "complete", _("Complet")


class InvoiceState(models.TextChoices):
    """The life of an invoice (domain.md §4)."""

    TO_VERIFY = "to_verify", _("À vérifier")
    VERIFIED = "verified", _("Vérifiée")
    DISPUTED = "disputed", _("Contestée")
    RELEASED = "released", _("Libérée pour paiement")
    PAID = "paid", _("Payée")


class ReleaseKind(models.TextChoices):
    """How much of an invoice may be paid."""

    FULL = "full", _("En entier")
    PART = "part", _("En partie")
    HELD = "held", _("Retenue")


class Severity(models.TextChoices):
    """What a finding does (billing.md §4)."""

    BLOCKS = "B", _("Bloque la libération")
    DISPUTE = "D", _("Propose une contestation")
    INFORMS = "I", _("Informe")


class GapState(models.TextChoices):
    """What became of a billed line that the inventory does not hold (F-41)."""

    OPEN = "open", _("À résoudre")
    MATCHED = "matched", _("Associée à une ligne")
    EXPLAINED = "explained", _("Expliquée")
    IGNORED = "ignored", _("Écartée")


class ProposalKind(models.TextChoices):
    """What an inventory file proposes to do to a line."""

    OPEN = "open", _("Ouvrir la ligne")
    CHANGE = "change", _("Modifier la ligne")
    CLOSE = "close", _("Fermer la ligne")


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    PROPOSED = "proposed", _("Proposée")
    ACCEPTED = "accepted", _("Acceptée")
    REFUSED = "refused", _("Refusée")


class Arrival(models.TextChoices):
    """What came of a file, or of an invoice, that the checklist awaits."""

    RECEIVED = "received", _("Reçu")
    TYPED = "typed", _("Saisie, sans détail")
    UNDER_WAY = "under_way", _("En cours")
    TO_CONFIRM = "to_confirm", _("À confirmer")
    REFUSED = "refused", _("Refusé")
    AWAITED = "awaited", _("Attendu")
    NONE = "none", _("Aucun n'est attendu")
