"""A provider's list as it was uploaded, with what its dry run found (F-45)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models.offers import CatalogueVersion
from members.models import ContractRank, User
from portal.models import ClockTimestamp, StoredFile


class CatalogueImport(models.Model):
    """One uploaded list: checked, then published whole or not at all."""

    class State(models.TextChoices):
        """Where the import stands."""

        CHECKED = "checked", _("Vérifiée")
        REFUSED = "refused", _("Refusée")
        PUBLISHED = "published", _("Publiée")

    rank = models.ForeignKey(ContractRank, on_delete=models.PROTECT, related_name="imports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField(_("en vigueur le"))
    state = models.CharField(max_length=10, choices=State.choices)
    row_count = models.PositiveIntegerField(_("articles lus"), default=0)
    faults = models.JSONField(_("erreurs"), default=list, help_text="line, column, reason")
    differences = models.JSONField(_("différences"), default=dict)
    uploaded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(
        CatalogueVersion, null=True, on_delete=models.PROTECT, related_name="source"
    )

    class Meta:
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.rank.provider}, {self.effective_on}"
