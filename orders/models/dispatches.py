"""How orders reach a provider: the mode in force, and each attempt (R-19, X-22)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Branch, Provider
from orders.kinds import SendingMode
from orders.models.orders import Order
from portal.models import ClockTimestamp


class DispatchMode(models.Model):
    """The way a provider receives orders, by date."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="modes")
    mode = models.CharField(_("mode"), max_length=20, choices=SendingMode.choices)
    email = models.EmailField(_("courriel du prestataire"), blank=True)
    valid = DateRangeField(_("période"))

    class Meta:
        ordering = ["provider_id", "-valid"]
        constraints = [
            ExclusionConstraint(
                name="one_dispatch_mode_at_a_time",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} : {self.get_mode_display()}"


class Dispatch(models.Model):
    """One sending of an order, recorded before it is tried; at most one is open or done."""

    class Outcome(models.TextChoices):
        """How it ended."""

        PENDING = "pending", _("En cours")
        SENT = "sent", _("Transmise")
        UNKNOWN = "unknown", _("Incertaine")
        VOID = "void", _("Sans effet")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="dispatches")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(_("mode"), max_length=20, choices=SendingMode.choices)
    recipient = models.CharField(_("destinataire"), max_length=200, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    outcome = models.CharField(
        _("issue"), max_length=10, choices=Outcome.choices, default=Outcome.PENDING
    )
    detail = models.CharField(_("précision"), max_length=500, blank=True)
    link_sha256 = models.CharField(max_length=64, blank=True)
    link_expires_at = models.DateTimeField(null=True)
    downloaded_at = models.DateTimeField(_("bon téléchargé le"), null=True)

    class Meta:
        ordering = ["order_id", "-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(outcome__in=["pending", "sent", "unknown"]),
                name="one_live_dispatch_per_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} ({self.get_outcome_display()})"
