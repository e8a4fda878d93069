"""Charge and usage rows: partitioned tables that COPY fills; Django only reads them (D-40).

No foreign key stands on them, none points at them. A read names the storage and the import as
literals, so that the planner opens one table.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class NullableText(models.TextField):
    """A text that COPY leaves null where the file has none: nobody types it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "null": True})


class WallClockField(models.DateTimeField):
    """The provider's own clock, whose zone no file states: kept and shown as it is."""

    def db_type(self, connection: Any) -> str:
        """Without a time zone."""
        return "timestamp"

    def get_prep_value(self, value: Any) -> Any:
        """No zone is guessed."""
        return None if value is None else _bare(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """As it is."""
        return None if value is None else _bare(value)


def _bare(value: Any) -> Any:
    """The instant without its zone, when somebody gave it one."""
    return value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else value


class Charge(models.Model):
    """One amount that a provider charges, as the file says it and as the profile understands it.

    A line of a wide file gives several charges: ``line`` tells where it was read, not which it is.
    """

    pk = models.CompositePrimaryKey("storage_id", "import_id", "line")
    storage_id = models.IntegerField()
    line = models.IntegerField(_("ligne"))
    import_id = models.BigIntegerField()
    account = models.TextField(_("compte"))
    number = NullableText(_("numéro"))
    subscriber = NullableText(_("abonné"))
    code = NullableText(_("code"))
    label = NullableText(_("libellé"))
    category = models.TextField(_("catégorie"), help_text="billing.formats.canonical.Category")
    period_start = models.DateField(_("du"), null=True)
    period_end = models.DateField(_("au"), null=True)
    quantity = models.DecimalField(_("quantité"), max_digits=14, decimal_places=4, null=True)
    unit_amount = models.DecimalField(
        _("prix unitaire"), max_digits=14, decimal_places=4, null=True
    )
    amount = models.DecimalField(_("montant"), max_digits=14, decimal_places=2)
    tps_amount = models.DecimalField(_("TPS"), max_digits=14, decimal_places=2, null=True)
    tvq_amount = models.DecimalField(_("TVQ"), max_digits=14, decimal_places=2, null=True)
    other_tax_amount = models.DecimalField(
        _("autres taxes"), max_digits=14, decimal_places=2, null=True
    )
    cost_centre_text = NullableText(_("centre de coûts du prestataire"))
    raw = NullableText(help_text="kept unknown columns, as JSON")

    class Meta:
        managed = False
        db_table = "billing_charge"

    def __str__(self) -> str:
        return f"{self.import_id}:{self.line}"


class Usage(models.Model):
    """One call, message or session; called numbers are dropped, a keyed hash finds duplicates."""

    pk = models.CompositePrimaryKey("storage_id", "import_id", "line")
    storage_id = models.IntegerField()
    line = models.IntegerField(_("ligne"))
    import_id = models.BigIntegerField()
    account = models.TextField(_("compte"))
    number = models.TextField(_("numéro"))
    occurred_at = WallClockField(_("moment"))
    kind = models.TextField(_("genre"), help_text="billing.formats.canonical.UseKind")
    roaming = models.TextField(_("itinérance"), help_text="billing.formats.canonical.Roaming")
    quantity = models.BigIntegerField(_("quantité"))
    unit = NullableText(_("unité"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=4, null=True)
    called_hash = models.BigIntegerField(null=True)
    place = NullableText(_("lieu"))
    raw = NullableText(help_text="kept unknown columns, as JSON")

    class Meta:
        managed = False
        db_table = "billing_usage"

    def __str__(self) -> str:
        return f"{self.import_id}:{self.line}"
