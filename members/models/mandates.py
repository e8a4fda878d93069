"""The mandate by which a member lets ITQ handle its bills (R-44)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from members.models.organisations import Branch
from members.models.people import User
from members.models.periods import Dated
from portal.models import ClockTimestamp


class BillingMandate(Dated):
    """INTRL's dated word that ITQ imports and opens a branch's bills; given at the root, of all.

    Revoking it ends its period: what ITQ read before stays in the journal.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="billing_mandates")
    given_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["branch_id", "-period"]
        constraints = [
            ExclusionConstraint(
                name="one_billing_mandate_at_a_time",
                expressions=[
                    ("branch", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="billing_mandate_revoked_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.branch)
