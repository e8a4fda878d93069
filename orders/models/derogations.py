"""What ties orders to derogations: the derogation a line is to rest on, and what it drew (D-12)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from derogations.models import Derogation
from members.models import Branch, User
from members.powers import DerogationKind
from orders.models.orders import OrderLine
from portal.models import ClockTimestamp


class Reliance(models.Model):
    """The derogation on which a line is to rest: asked for that line, or chosen for it (F-22)."""

    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="reliances")
    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="reliances")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["order_line_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order_line", "derogation"], name="one_reliance_per_derogation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_line}, {self.derogation}"


class Draw(models.Model):
    """A quantity that an order line took from a signed derogation, until it is released (R-23).

    Written and released under a lock on the derogation: what is left is its quantity less its live
    draws. One draw a line and derogation, whatever the needs that it covers.
    """

    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="draws")
    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="draws")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    kinds = ArrayField(models.CharField(max_length=20, choices=DerogationKind.choices))
    quantity = models.PositiveSmallIntegerField(_("quantité"))
    drawn_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    released_at = models.DateTimeField(_("rendue le"), null=True)
    release_reason = models.CharField(_("motif"), max_length=300, blank=True)

    class Meta:
        ordering = ["derogation_id", "pk"]
        indexes = [
            models.Index(
                fields=["derogation"],
                condition=models.Q(released_at__isnull=True),
                name="live_draws",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order_line", "derogation"],
                condition=models.Q(released_at__isnull=True),
                name="one_live_draw_per_line",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="draw_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.order_line}, {self.quantity} × {self.derogation}"
