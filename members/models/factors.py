"""A lost second factor of an interlocutor or of staff: two dated acts by two persons."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.people import User
from portal.models import ClockTimestamp


class FactorReset(models.Model):
    """One agent calls back and asks, another completes (signing.md §3.4)."""

    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    callback_note = models.CharField(_("compte rendu du rappel"), max_length=300)
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(completed_at__isnull=True),
                name="one_open_factor_reset",
            ),
            models.CheckConstraint(
                condition=models.Q(completed_at__isnull=True, completed_by__isnull=True)
                | models.Q(completed_at__isnull=False, completed_by__isnull=False),
                name="factor_reset_completed_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(completed_by=models.F("asked_by")),
                name="factor_reset_two_accounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} ({self.callback_note})"
