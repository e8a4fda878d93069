"""What a member holds at a provider: billing accounts, portal accesses, account manager (R-06)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.contracts import Provider
from members.models.organisations import Branch
from members.models.people import Person, User
from members.models.periods import Dated
from portal.models import ClockTimestamp


class ProviderAccount(models.Model):
    """A billing account (BAN) at a provider, for one branch; opens that provider's list (R-17)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="provider_accounts")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(_("numéro de compte"), max_length=20, help_text="digits only")
    asked_on = models.DateField(_("demandé le"), null=True, blank=True)
    opened_on = models.DateField(_("ouvert le"), null=True, blank=True)
    closed_on = models.DateField(_("fermé le"), null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["branch_id", "provider_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "number"],
                condition=~models.Q(number=""),
                name="one_account_per_number",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="provider_account_confirmed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.number}"


class ProviderAccess(models.Model):
    """A person's access to a provider's own portal: asked, granted, revoked (R-06, F-90)."""

    class Scope(models.TextChoices):
        """What the access opens at the provider."""

        ORDER_FORMS = "order_forms", _("Formulaires de commande")
        BILLING = "billing", _("Données de facturation")
        INVENTORY_FULL = "inventory_full", _("Inventaire complet")
        INVENTORY_PART = "inventory_part", _("Inventaire partiel")
        CONSUMPTION = "consumption", _("Données de consommation")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="provider_accesses")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="accesses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="provider_accesses")
    account_name = models.CharField(_("nom du compte"), max_length=150, blank=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    asked_on = models.DateField(_("demandé le"))
    granted_on = models.DateField(_("accordé le"), null=True, blank=True)
    revocation_asked_on = models.DateField(_("retrait à demander depuis le"), null=True, blank=True)
    revoked_on = models.DateField(_("retiré le"), null=True, blank=True)

    class Meta:
        ordering = ["branch_id", "person_id", "provider_id", "pk"]

    def __str__(self) -> str:
        return f"{self.person} chez {self.provider}"


class AccountManager(Dated):
    """The provider's account manager for a member (R-06, R-30)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="account_managers")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("nom"), max_length=150)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.provider})"
