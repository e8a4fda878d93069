"""Rollups that an import makes: what pages read instead of rows (performance.md §4, D-43).

By line; then by branch and cost centre, which add up to subdivisions and to the member.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.invoices import InvoiceVersion, money
from members.models import Branch, CostCentre
from orders.models import ServiceLine


class Placed(models.Model):
    """What an invoice's version charges somewhere: a branch and, where known, a cost centre.

    Its keys are not checked by the database, nor indexed one by one: an import writes thousands of
    these derived rows from rows that it just read, and the checks took as long as everything else
    (performance.md §3). Each model has the indexes that its readers use.
    """

    version = models.ForeignKey(
        InvoiceVersion,
        on_delete=models.CASCADE,
        related_name="%(class)ss",
        db_constraint=False,
        db_index=False,
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    cost_centre = models.ForeignKey(
        CostCentre,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        abstract = True


class LineTotal(Placed):
    """A line's charges of one category on one invoice; no number is the account's own charges.

    The first of its categories carries what the whole line comes to (``line_…``, null on the
    others), so that a list of lines reads and sorts one row for each.
    """

    number = models.CharField(_("numéro"), max_length=20, blank=True)
    service_line = models.ForeignKey(
        ServiceLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    subscriber = models.CharField(_("abonné"), max_length=200, blank=True)
    category = models.CharField(_("catégorie"), max_length=20)
    amount = money(_("montant"))
    tps_amount = money(_("TPS"))
    tvq_amount = money(_("TVQ"))
    other_tax_amount = money(_("autres taxes"))
    charge_count = models.PositiveIntegerField(_("frais"))
    line_amount = money(_("montant de la ligne"), null=True)
    line_tax_amount = money(_("taxes de la ligne"), null=True)
    line_charge_count = models.PositiveIntegerField(_("frais de la ligne"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number", "category"], name="one_line_total_per_category"
            )
        ]
        indexes = [
            models.Index(
                fields=["version", "number"],
                include=["branch", "id", "line_amount"],
                condition=models.Q(line_amount__isnull=False),
                name="line_total_of_line",
            ),
            models.Index(fields=["service_line", "version"], name="line_total_by_service_line"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.version}, {self.category}"


class LineUse(Placed):
    """A line's use of one kind on one invoice, in base units."""

    number = models.CharField(_("numéro"), max_length=20)
    service_line = models.ForeignKey(
        ServiceLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    kind = models.CharField(_("genre"), max_length=10)
    roaming = models.CharField(_("itinérance"), max_length=15)
    unit = models.CharField(_("unité"), max_length=10)
    quantity = models.BigIntegerField(_("quantité"))
    amount = models.DecimalField(_("montant"), max_digits=14, decimal_places=4)
    record_count = models.PositiveIntegerField(_("relevés"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number", "kind", "roaming", "unit"], name="one_line_use"
            )
        ]
        indexes = [
            models.Index(fields=["service_line", "version"], name="line_use_by_service_line"),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.kind}"


class CentreTotal(Placed):
    """The charges of one category that an invoice puts on a branch's cost centre.

    ``month`` is the first day of the invoice's last month, so that years are read by branch.
    """

    month = models.DateField(_("mois"))
    category = models.CharField(_("catégorie"), max_length=20)
    amount = money(_("montant"))
    tps_amount = money(_("TPS"))
    tvq_amount = money(_("TVQ"))
    other_tax_amount = money(_("autres taxes"))
    line_count = models.PositiveIntegerField(_("lignes"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "branch", "cost_centre", "category"],
                nulls_distinct=False,
                name="one_centre_total_per_category",
            )
        ]
        indexes = [models.Index(fields=["branch", "month"], name="centre_total_by_month")]

    def __str__(self) -> str:
        return f"{self.branch}, {self.cost_centre}, {self.category}"


class CentreUse(Placed):
    """The use of one kind that an invoice puts on a branch's cost centre."""

    month = models.DateField(_("mois"))
    kind = models.CharField(_("genre"), max_length=10)
    roaming = models.CharField(_("itinérance"), max_length=15)
    unit = models.CharField(_("unité"), max_length=10)
    quantity = models.BigIntegerField(_("quantité"))
    amount = models.DecimalField(_("montant"), max_digits=16, decimal_places=4)
    line_count = models.PositiveIntegerField(_("lignes"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "branch", "cost_centre", "kind", "roaming", "unit"],
                nulls_distinct=False,
                name="one_centre_use",
            )
        ]
        indexes = [models.Index(fields=["branch", "month"], name="centre_use_by_month")]

    def __str__(self) -> str:
        return f"{self.branch}, {self.cost_centre}, {self.kind}"
