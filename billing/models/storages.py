"""Where charge and usage rows lie: tables made for them, and their register (D-40)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.kinds import RowKind
from members.models import Provider
from portal.models import ClockTimestamp


class RowStorage(models.Model):
    """One table of rows: a large file's own, or one that small files share for a month.

    ``billing/storage.py`` opens, attaches and drops it; the database's functions date each act.
    """

    id = models.AutoField(_("table"), primary_key=True)
    kind = models.CharField(max_length=6, choices=RowKind.choices)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("mois"), null=True, help_text="its first day; none for a file's own")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    opened_at = models.DateTimeField(_("ouverte"), null=True)
    attached_at = models.DateTimeField(_("rattachée"), null=True)
    dropped_at = models.DateTimeField(_("supprimée"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "provider", "month"],
                condition=models.Q(month__isnull=False, dropped_at__isnull=True),
                name="one_shared_storage_per_month",
            )
        ]

    def __str__(self) -> str:
        return self.table

    @property
    def table(self) -> str:
        """The name of its table."""
        return f"billing_{self.kind}_{self.pk}"
