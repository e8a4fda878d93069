"""Sales taxes as dated parameters (domain.md §7)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxRate(models.Model):
    """A tax's rate over a period: TPS 5 %, TVQ 9,975 %."""

    code = models.CharField(_("code"), max_length=10)
    label = models.CharField(_("nom"), max_length=60)
    rate = models.DecimalField(
        _("taux"), max_digits=7, decimal_places=5, help_text="0.05 means 5 %"
    )
    valid = DateRangeField(_("période"))

    class Meta:
        ordering = ["code", "valid"]
        constraints = [
            ExclusionConstraint(
                name="one_rate_per_tax_at_a_time",
                expressions=[("code", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.rate}"
