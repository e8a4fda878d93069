"""Lines in service: one row a line, one dated version each time something changes (F-40)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models import Offer
from members.models import Branch, CostCentre, Provider, ProviderAccount, User
from orders.identifiers import shown_number
from orders.kinds import FleetImportState, LineStatus, Origin, SimKind
from orders.models.holders import Holder
from orders.models.orders import OrderLine
from portal.models import ClockTimestamp, Fold, StoredFile


class ServiceLine(models.Model):
    """A line in service: its identity; all that can change lives in its versions."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="service_lines")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("numéro"), max_length=10, help_text="ten digits, current")
    origin = models.CharField(_("origine"), max_length=10, choices=Origin.choices)
    earlier_derogation = models.CharField(_("dérogation antérieure"), max_length=100, blank=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ["number", "pk"]
        indexes = [
            models.Index(fields=["branch", "number"], name="line_by_branch"),
            GinIndex(OpClass(Fold("number"), name="gin_trgm_ops"), name="line_number_digits"),
        ]

    def __str__(self) -> str:
        return shown_number(self.number)


class LineVersion(models.Model):
    """The whole state of a line over a period of days: number, card, device, plan, holder, cost.

    A dated act closes the version in force and opens the next; the fleet on any day is one query.
    """

    service_line = models.ForeignKey(ServiceLine, on_delete=models.CASCADE, related_name="versions")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    valid = DateRangeField(_("période"))
    status = models.CharField(_("état"), max_length=10, choices=LineStatus.choices)
    number = models.CharField(_("numéro"), max_length=10)
    account = models.ForeignKey(
        ProviderAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sim_kind = models.CharField(_("carte"), max_length=5, choices=SimKind.choices, blank=True)
    sim_number = models.CharField(_("numéro de carte (ICCID)"), max_length=22, blank=True)
    device = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    device_label = models.CharField(_("appareil"), max_length=200, blank=True)
    imei = models.CharField(_("IMEI"), max_length=15, blank=True)
    subsidy_ends_on = models.DateField(_("fin de la subvention"), null=True, blank=True)
    commitment_ends_on = models.DateField(_("fin de l'engagement"), null=True, blank=True)
    plan = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    plan_label = models.CharField(_("forfait"), max_length=200, blank=True)
    is_flexible = models.BooleanField(_("forfait flexible"), default=False)
    holder = models.ForeignKey(
        Holder, null=True, blank=True, on_delete=models.PROTECT, related_name="line_versions"
    )
    cost_centre = models.ForeignKey(
        CostCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    order_line = models.ForeignKey(
        OrderLine, null=True, blank=True, on_delete=models.PROTECT, related_name="line_versions"
    )
    reason = models.CharField(_("motif"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["service_line_id", "-valid"]
        indexes = [
            models.Index(fields=["branch", "number"], name="line_version_by_branch"),
            GinIndex(OpClass(Fold("number"), name="gin_trgm_ops"), name="line_version_digits"),
            GinIndex(OpClass(Fold("imei"), name="gin_trgm_ops"), name="line_version_imei"),
        ]
        constraints = [
            ExclusionConstraint(
                name="one_version_of_a_line_at_a_time",
                expressions=[
                    ("service_line", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="one_line_per_number_at_a_time",
                expressions=[("number", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=~models.Q(status=LineStatus.CANCELLED),
                violation_error_message=_("Ce numéro est déjà en service à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shown_number} ({self.valid})"

    @property
    def shown_number(self) -> str:
        """The number as people write it."""
        return shown_number(self.number)


class FleetImport(models.Model):
    """A fleet's take-over file: checked, then applied whole or not at all (F-45)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="fleet_imports")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("date de la reprise"))
    state = models.CharField(
        _("état"),
        max_length=10,
        choices=FleetImportState.choices,
        default=FleetImportState.READ,
    )
    row_count = models.PositiveIntegerField(_("lignes lues"), default=0)
    faults = models.JSONField(_("erreurs"), default=list, help_text="line, column, reason")
    summary = models.JSONField(
        default=dict, help_text="counts: lines, new_holders, known_holders; new_cost_centres: codes"
    )
    uploaded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(applied_at__isnull=True, applied_by__isnull=True)
                | models.Q(applied_at__isnull=False, applied_by__isnull=False),
                name="fleet_import_applied_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.branch}, {self.file}"
