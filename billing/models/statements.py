"""The state of the month as it was printed, and a member's word on who verifies and who pays."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Branch, User
from portal.models import ClockTimestamp, StoredFile


class MonthStatement(models.Model):
    """A dated PDF of a branch's month, made by a task; ``file`` is null until it is ready."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="month_statements")
    month = models.DateField(_("mois"), help_text="its first day")
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    produced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["branch", "month"], name="month_statement_by_branch")]

    def __str__(self) -> str:
        return f"{self.branch}, {self.month:%Y-%m}"


class PaymentRule(models.Model):
    """Whether who releases an invoice may record its payment too, branch by branch (G06).

    Given at the root, it holds for every subdivision.
    """

    branch = models.OneToOneField(Branch, on_delete=models.PROTECT, related_name="payment_rule")
    is_separated = models.BooleanField(_("vérification et paiement séparés"), default=False)
    decided_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.branch)
