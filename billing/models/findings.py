"""What controls found on an invoice, billed lines nobody knows, and what inventories propose."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.kinds import GapState, ProposalKind, ProposalState, Severity
from billing.models.imports import Import
from billing.models.invoices import InvoiceVersion, money
from members.models import Branch, ProviderAccount, User
from orders.models import ServiceLine
from portal.models import ClockTimestamp


class Finding(models.Model):
    """A rule's word on an invoice or on one of its lines; evidence is a copy (D-40)."""

    version = models.ForeignKey(InvoiceVersion, on_delete=models.CASCADE, related_name="findings")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(_("règle"), max_length=3, help_text="A01 to G07 (billing.md §4)")
    severity = models.CharField(_("effet"), max_length=1, choices=Severity.choices)
    number = models.CharField(_("numéro"), max_length=20, blank=True)
    at_stake_amount = money(_("montant en jeu"), null=True)
    evidence = models.JSONField(
        _("preuves"), default=dict, help_text="a copy of what was read, with import and lines"
    )
    found_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ["version_id", "severity", "rule", "number"]
        indexes = [models.Index(fields=["branch", "rule"], name="finding_by_branch")]

    def __str__(self) -> str:
        return f"{self.rule}, {self.version}"


class Gap(models.Model):
    """A billed line that the inventory does not hold, until somebody says what it is (F-41)."""

    version = models.ForeignKey(InvoiceVersion, on_delete=models.PROTECT, related_name="gaps")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="billing_gaps")
    number = models.CharField(_("numéro"), max_length=20)
    subscriber = models.CharField(_("abonné"), max_length=200, blank=True)
    amount = money(_("montant"))
    state = models.CharField(
        _("état"), max_length=9, choices=GapState.choices, default=GapState.OPEN
    )
    service_line = models.ForeignKey(
        ServiceLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("explication"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-recorded_at", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="one_gap_per_line"),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settled_by__isnull=True)
                | models.Q(settled_at__isnull=False, settled_by__isnull=False),
                name="gap_settled_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=GapState.MATCHED) | models.Q(service_line__isnull=False),
                name="a_matched_gap_names_its_line",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=GapState.EXPLAINED) | ~models.Q(reason=""),
                name="an_explained_gap_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "number"],
                condition=models.Q(state=GapState.OPEN),
                name="gap_open",
            )
        ]

    def __str__(self) -> str:
        return self.number


class LineProposal(models.Model):
    """What an inventory file would do to a line; RCELL accepts or refuses, many at once."""

    bill_import = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="proposals")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="line_proposals")
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, related_name="line_proposals"
    )
    line = models.PositiveIntegerField(_("ligne du fichier"))
    kind = models.CharField(_("proposition"), max_length=6, choices=ProposalKind.choices)
    number = models.CharField(_("numéro"), max_length=20)
    service_line = models.ForeignKey(
        ServiceLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    values = models.JSONField(
        _("valeurs"), default=dict, help_text="field → [value now, value proposed]"
    )
    state = models.CharField(
        _("état"), max_length=8, choices=ProposalState.choices, default=ProposalState.PROPOSED
    )
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["bill_import_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["bill_import", "account", "number"], name="one_proposal_per_line"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="line_proposal_decided_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ProposalKind.OPEN) | models.Q(service_line__isnull=False),
                name="a_proposal_names_its_line",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "number"],
                condition=models.Q(state=ProposalState.PROPOSED),
                name="line_proposal_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.number}"
