"""Orders, their lines and what the provider did for each (F-21 to F-26)."""

from collections.abc import Sequence
from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models import Offer
from members.models import Branch, ContractRank, CostCentre, User
from orders.kinds import MilestoneKind, OrderKind, OrderState, SimKind
from orders.models.holders import DeliveryAddress, Holder
from orders.pricing import Total
from portal.models import ClockTimestamp, Fold, StoredFile


class Order(models.Model):
    """What a representative asks of one provider under one contract (D-10).

    Amounts are before taxes unless named otherwise, and frozen at submission (R-18).
    """

    number = models.CharField(_("numéro"), max_length=20, unique=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="orders")
    rank = models.ForeignKey(ContractRank, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(
        _("état"), max_length=20, choices=OrderState.choices, default=OrderState.DRAFT
    )
    member_reference = models.CharField(_("votre référence"), max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attestation_version = models.CharField(max_length=20, blank=True)
    submitted_at = models.DateTimeField(_("soumise le"), null=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    needs = models.JSONField(default=list, help_text="what was missing when submitted (D-11)")
    one_off_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    one_off_tps_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    one_off_tvq_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    monthly_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    monthly_tps_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    monthly_tvq_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    sheet = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("transmise le"), null=True)
    provider_confirmation = models.CharField(
        _("numéro de confirmation du prestataire"), max_length=60, blank=True
    )
    cancel_reason = models.CharField(_("motif d'annulation"), max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["branch", "-id"], name="order_by_branch"),
            models.Index(fields=["state", "-id"], name="order_by_state"),
            GinIndex(OpClass(Fold("number"), name="gin_trgm_ops"), name="order_number_words"),
            GinIndex(
                OpClass(Fold("member_reference"), name="gin_trgm_ops"), name="order_reference_words"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | models.Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="order_submitted_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[OrderState.DRAFT, OrderState.CANCELLED])
                | models.Q(submitted_at__isnull=False, one_off_amount__isnull=False),
                name="order_frozen_once_submitted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def one_off(self) -> Total:
        """What is paid once, as frozen."""
        return _frozen(self.one_off_amount, self.one_off_tps_amount, self.one_off_tvq_amount)

    @property
    def monthly(self) -> Total:
        """What is paid each month, as frozen."""
        return _frozen(self.monthly_amount, self.monthly_tps_amount, self.monthly_tvq_amount)


def _frozen(amount: Decimal | None, tps: Decimal | None, tvq: Decimal | None) -> Total:
    """A frozen sum; zero while the order is a draft."""
    return Total(amount or Decimal(0), tps or Decimal(0), tvq or Decimal(0))


class OrderLine(models.Model):
    """One line of an order: what, for whom, charged where, delivered where."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("genre"), max_length=20, choices=OrderKind.choices)
    device = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    plan = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    accessory = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    quantity = models.PositiveSmallIntegerField(
        _("quantité"), default=1, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    service_line = models.ForeignKey(
        "orders.ServiceLine",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="order_lines",
    )
    sim_kind = models.CharField(_("carte"), max_length=5, choices=SimKind.choices, blank=True)
    own_imei = models.CharField(_("IMEI de l'appareil détenu"), max_length=15, blank=True)
    holder = models.ForeignKey(
        Holder, null=True, blank=True, on_delete=models.PROTECT, related_name="order_lines"
    )
    cost_centre = models.ForeignKey(
        CostCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    address = models.ForeignKey(
        DeliveryAddress, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    one_off_amount = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="of one unit, frozen at submission"
    )
    monthly_amount = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="of one unit, frozen at submission"
    )

    class Meta:
        ordering = ["order_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"],
                name="one_order_line_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order.number}, ligne {self.position}"

    @property
    def rests_on(self) -> Sequence[models.Model]:
        """Its live draws, where a query read them."""
        return getattr(self, "held_draws", ())

    @property
    def is_refused(self) -> bool:
        """Whether the provider refused it, of milestones read beforehand."""
        return any(one.kind == MilestoneKind.REFUSED for one in self.milestones.all())


class Milestone(models.Model):
    """What the provider did for an order line on a day, and who recorded it (F-26)."""

    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(_("jalon"), max_length=15, choices=MilestoneKind.choices)
    reached_on = models.DateField(_("date"))
    note = models.CharField(_("précision"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["order_line_id", "reached_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order_line", "kind"], name="one_milestone_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.reached_on})"
