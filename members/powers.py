"""What a delegation line may empower: kinds of derogation, basis of its ceiling, signing steps."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DerogationKind(models.TextChoices):
    """The three exceptions to the contract's principles (R-20)."""

    NETWORK = "network", _("Réseau")
    TECHNOLOGICAL = "technological", _("Technologique")
    NON_ZERO_COST = "non_zero_cost_device", _("Appareil à coût non nul")


class TaxBasis(models.TextChoices):
    """What a plan's ceilings are compared with (R-20, F-10)."""

    BEFORE_TAX = "before_tax", _("Montants avant taxes")
    AFTER_TAX = "after_tax", _("Montants taxes comprises")


class Capacity(models.TextChoices):
    """How a person comes to sign (F-11 to F-13)."""

    HOLDER = "holder", _("Titulaire du poste")
    INTERIM = "interim", _("Intérimaire désigné par écrit")
    SUBSTITUTE = "substitute", _("Substitut pendant une absence")
