"""What passes between a member and the administering body, through INTRL (R-07)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.organisations import Branch
from members.models.people import User
from members.models.periods import Dated
from members.models.respondents import Respondent
from portal.models import ClockTimestamp


class StandingAuthorisation(Dated):
    """INTRL's dated word that a respondent may write to the administering body (R-07)."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="standing_authorisations"
    )
    respondent = models.ForeignKey(
        Respondent, on_delete=models.PROTECT, related_name="standing_authorisations"
    )
    authorised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    authorised_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    def __str__(self) -> str:
        return str(self.respondent)


class ItqMessage(models.Model):
    """One message to or from the administering body, kept with the member (R-07)."""

    class Direction(models.TextChoices):
        """Which way it goes."""

        TO_ITQ = "to_itq", _("Vers ITQ")
        FROM_ITQ = "from_itq", _("Reçu d'ITQ")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="itq_messages")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    subject = models.CharField(_("objet"), max_length=200)
    body = models.TextField(_("message"))
    in_reply_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    sent_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    copy_seen_at = models.DateTimeField(null=True)
    copy_seen_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(copy_seen_at__isnull=True, copy_seen_by__isnull=True)
                | models.Q(copy_seen_at__isnull=False, copy_seen_by__isnull=False),
                name="itq_message_copy_seen_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True, handled_by__isnull=True)
                | models.Q(handled_at__isnull=False, handled_by__isnull=False),
                name="itq_message_handled_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
