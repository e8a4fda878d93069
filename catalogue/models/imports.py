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

        RECEIVED = "received", _("Reçue")
        CHECKED = "checked", _("Vérifiée, à publier")
        REFUSED = "refused", _("Refusée")
        PUBLISHED = "published", _("Publiée")

    rank = models.ForeignKey(ContractRank, on_delete=models.PROTECT, related_name="imports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField(_("en vigueur le"))
    is_fictitious = models.BooleanField(_("prix fictifs"), default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    row_count = models.PositiveIntegerField(_("articles lus"), default=0)
    faults = models.JSONField(_("erreurs"), default=list, help_text="line, column, reason")
    differences = models.JSONField(_("différences"), default=dict)
    unknown_headers = models.JSONField(_("colonnes non reconnues"), default=list)
    base = models.ForeignKey(
        CatalogueVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the version it was compared with",
    )
    uploaded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(
        CatalogueVersion, null=True, on_delete=models.PROTECT, related_name="source"
    )

    class Meta:
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.rank.provider}, {self.effective_on}"
