"""What a delegation line says: kinds of derogation, basis of its ceiling, capacities, its facts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What the act says of a line; ``last_day`` is the last day on which it empowers, if any.

    ``ceiling_amount`` is None when the act sets no ceiling; it follows the plan's tax basis.
    """

    clause: str
    post: str
    kinds: tuple[str, ...]
    since: date
    ceiling_amount: Decimal | None = None
    last_day: date | None = None
    beyond_fiscal_year: bool = False
    needs_credit_certificate: bool = False
