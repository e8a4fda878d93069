"""What a provider offers: whole, immutable versions of its list (F-21, R-11, R-15)."""

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import ContractRank, User
from portal.models import ClockTimestamp, Fold, StoredFile


class CatalogueVersion(models.Model):
    """A provider's list under a contract, in force from a day until the next version's day."""

    rank = models.ForeignKey(ContractRank, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    effective_on = models.DateField(_("en vigueur le"))
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["rank_id", "-effective_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rank", "number"], name="one_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.rank.provider}, version {self.number}"


class Offer(models.Model):
    """One article of a version; never changed once published, so its price is frozen (R-18)."""

    class Kind(models.TextChoices):
        """What is offered."""

        DEVICE = "device", _("Appareil")
        PLAN = "plan", _("Forfait")
        ACCESSORY = "accessory", _("Accessoire")

    class TierBasis(models.TextChoices):
        """What a flexible plan's tiers count (R-42)."""

        LINE = "line", _("Par ligne")
        POOL = "pool", _("Par groupe de lignes")

    version = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="offers")
    kind = models.CharField(_("genre"), max_length=10, choices=Kind.choices)
    code = models.CharField(_("code du prestataire"), max_length=60)
    name = models.CharField(_("nom"), max_length=200)
    brand = models.CharField(_("marque"), max_length=60, blank=True)
    label_fr = models.CharField(_("libellé de facture (français)"), max_length=200, blank=True)
    label_en = models.CharField(_("libellé de facture (anglais)"), max_length=200, blank=True)
    one_off_amount = models.DecimalField(
        _("prix unique"), max_digits=10, decimal_places=2, default=0, help_text="before taxes"
    )
    monthly_amount = models.DecimalField(
        _("prix mensuel"), max_digits=10, decimal_places=2, default=0, help_text="before taxes"
    )
    is_zero_cost = models.BooleanField(_("à coût nul"), default=False)
    is_subsidised = models.BooleanField(_("subventionné"), default=False)
    subsidy_amount = models.DecimalField(
        _("subvention"), max_digits=10, decimal_places=2, default=0
    )
    commitment_months = models.PositiveSmallIntegerField(_("engagement (mois)"), default=0)
    is_flexible = models.BooleanField(_("forfait flexible"), default=False)
    is_data_only = models.BooleanField(_("données seulement"), default=False)
    included_gb = models.DecimalField(
        _("Go inclus"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    extra_gb_amount = models.DecimalField(
        _("prix du Go supplémentaire"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    tier_basis = models.CharField(
        _("paliers comptés"), max_length=5, choices=TierBasis.choices, blank=True
    )
    supports_esim = models.BooleanField(
        _("carte eSIM"), null=True, blank=True, help_text="nothing where the list does not tell"
    )
    valid = DateRangeField(_("offert du … au …"))
    is_fictitious = models.BooleanField(_("prix fictif"), default=False)

    class Meta:
        ordering = ["version_id", "kind", Fold("name"), "pk"]
        indexes = [
            GinIndex(OpClass(Fold("name"), name="gin_trgm_ops"), name="offer_name_words"),
            GinIndex(OpClass(Fold("code"), name="gin_trgm_ops"), name="offer_code_words"),
            models.Index(fields=["version", "kind"], name="offer_by_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="one_offer_per_code"),
            models.CheckConstraint(
                condition=models.Q(is_zero_cost=False) | models.Q(one_off_amount=0),
                name="zero_cost_costs_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(one_off_amount__gte=0, monthly_amount__gte=0),
                name="offer_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanTier(models.Model):
    """A tier of a flexible plan: up to so many GB, so much a month (R-42)."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="tiers")
    up_to_gb = models.DecimalField(_("jusqu'à (Go)"), max_digits=9, decimal_places=2)
    monthly_amount = models.DecimalField(_("prix mensuel"), max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["offer_id", "up_to_gb"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "up_to_gb"], name="one_tier_per_bound")
        ]

    def __str__(self) -> str:
        return f"{self.up_to_gb} Go"
