"""The register of invoices: what a provider bills an account for a period, version by version.

Publishing is one UPDATE of ``Invoice.current`` over the versions of an import (D-40).
"""

from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.kinds import Detail, InvoiceState, ReleaseKind
from billing.models.imports import Import
from members.models import Branch, ProviderAccount, User
from portal.models import ClockTimestamp, StoredFile

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def money(label: "StrOrPromise", *, null: bool = False) -> models.DecimalField:
    """An amount in dollars and cents."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, null=null, blank=null)


class Invoice(models.Model):
    """An account's bill for a period; ``current`` is what one sees, none before it is published."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="invoices")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="invoices")
    period = DateRangeField(_("période"))
    current = models.OneToOneField(
        "billing.InvoiceVersion", null=True, on_delete=models.PROTECT, related_name="shown_by"
    )
    state = models.CharField(
        _("état"), max_length=10, choices=InvoiceState.choices, default=InvoiceState.TO_VERIFY
    )
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ["-period", "account_id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "period"], name="one_invoice_per_period"),
        ]
        indexes = [
            models.Index(fields=["branch", "-period"], name="invoice_by_branch"),
            GistIndex(fields=["period"], name="invoice_by_period"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.period}"


class InvoiceVersion(models.Model):
    """What one import, or one person, says an invoice is; the database refuses to change it.

    Use comes later, by one UPDATE (D-41). ``stated`` holds the provider's own totals by the same
    names as ours, where its file states them.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    replaces = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        help_text="what was shown when it was compared; where something else is since, a person "
        "compares again (X-13)",
    )
    charge_import = models.ForeignKey(
        Import, null=True, on_delete=models.PROTECT, related_name="invoice_versions"
    )
    usage_import = models.ForeignKey(
        Import, null=True, on_delete=models.PROTECT, related_name="used_by_versions"
    )
    detail = models.CharField(_("détail"), max_length=8, choices=Detail.choices)
    invoice_number = models.CharField(_("numéro de facture"), max_length=200, blank=True)
    issued_on = models.DateField(_("date de facture"), null=True, blank=True)
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    previous_balance_amount = money(_("solde précédent"), null=True)
    payments_amount = money(_("paiements"), null=True)
    adjustments_amount = money(_("rajustements"), null=True)
    charges_amount = money(_("frais avant taxes"))
    tps_amount = money(_("TPS"))
    tvq_amount = money(_("TVQ"))
    other_taxes_amount = money(_("autres taxes"))
    due_amount = money(_("montant dû"))
    stated = models.JSONField(_("totaux du prestataire"), default=dict)
    line_count = models.PositiveIntegerField(_("lignes facturées"), default=0)
    charge_count = models.PositiveIntegerField(_("frais"), default=0)
    document = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["invoice_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="one_invoice_version"),
            models.CheckConstraint(
                condition=models.Q(detail=Detail.NONE, charge_import__isnull=True)
                | (~models.Q(detail=Detail.NONE) & models.Q(charge_import__isnull=False)),
                name="detail_comes_from_an_import",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="invoice_version_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["usage_import", "detail", "replaces"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, version {self.number}"


class Release(models.Model):
    """FACTU's word on what of an invoice may be paid: whole, part or none until a day, and why.

    ``waiver`` is what was written to release it with a blocker open (G01).
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="releases")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(InvoiceVersion, on_delete=models.PROTECT, related_name="releases")
    kind = models.CharField(_("libération"), max_length=4, choices=ReleaseKind.choices)
    amount = money(_("montant à payer"))
    reason = models.TextField(_("motif"), blank=True)
    held_until = models.DateField(_("retenue jusqu'au"), null=True, blank=True)
    waiver = models.TextField(_("renonciation écrite aux contrôles bloquants"), blank=True)
    released_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-released_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=ReleaseKind.FULL) | ~models.Q(reason=""),
                name="less_than_whole_says_why",
                violation_error_message=_("Dites pourquoi la facture n'est pas payée en entier."),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=ReleaseKind.HELD) | models.Q(amount=0),
                name="nothing_of_a_held_invoice_is_paid",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ReleaseKind.HELD) | models.Q(held_until__isnull=True),
                name="only_a_hold_has_an_end",  # the first ones were recorded without
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="release_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, {self.get_kind_display()}"


class Payment(models.Model):
    """What the payer did with a released invoice, at once or in parts: reference, date (R-05)."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="payments")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("référence du paiement"), max_length=60)
    paid_on = models.DateField(_("payé le"))
    amount = money(_("montant payé"))
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-paid_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.reference} ({self.paid_on})"
