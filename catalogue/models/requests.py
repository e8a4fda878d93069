"""« Cet appareil manque »: a member asks ITQ for one more row of a list."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Branch, Provider, User
from portal.models import ClockTimestamp


class OfferRequest(models.Model):
    """What is missing, who asked, and what ITQ answered."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="offer_requests")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    wanted = models.CharField(_("article recherché"), max_length=200)
    need = models.TextField(_("besoin"))
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(_("réponse"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    read_at = models.DateTimeField(null=True, help_text="the asker has read the answer")

    class Meta:
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answered_by__isnull=True)
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="offer_request_answered_whole",
            )
        ]

    def __str__(self) -> str:
        return self.wanted
