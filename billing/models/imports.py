"""A provider's file, its reading under a profile, and the rows it could not take."""

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.kinds import Awaited, ImportPart, ImportState, ImportStep
from billing.models.profiles import ProfileVersion
from billing.models.storages import RowStorage
from members.models import Branch, Provider, User
from portal.models import ClockTimestamp, StoredFile


class BillFile(models.Model):
    """A provider's file as it was sent: the bytes are stored once, by their sha256 (X-12).

    ``branch`` is whose bills it holds; none is ITQ's file for the whole group. ITQ under a mandate
    sends for the branch that gave it (R-44).
    """

    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="bill_files"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("nom du fichier"), max_length=200, help_text="as the sender named it")
    sent_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "branch", "provider"],
                nulls_distinct=False,
                name="one_bill_file_per_sender",
            ),
        ]
        indexes = [models.Index(fields=["branch", "-sent_at"], name="bill_file_by_branch")]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One reading of a file under one version of a profile, that publishes one part of it (D-41).

    ``digest`` is a sha256 over its canonical rows: an equal one changes nothing. ``totals`` are the
    controls, ours beside the file's own, and the accounts without charges for their use.
    ``storage`` is where its rows lie.
    """

    bill_file = models.ForeignKey(
        BillFile, on_delete=models.PROTECT, related_name="imports", verbose_name=_("fichier")
    )
    profile_version = models.ForeignKey(
        ProfileVersion,
        on_delete=models.PROTECT,
        related_name="imports",
        verbose_name=_("version du profil"),
    )
    part = models.CharField(_("partie"), max_length=10, choices=ImportPart.choices)
    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="bill_imports"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    period = DateRangeField(_("période"), null=True, blank=True)
    state = models.CharField(
        _("état"), max_length=10, choices=ImportState.choices, default=ImportState.RECEIVED
    )
    awaits = ArrayField(
        models.CharField(max_length=12, choices=Awaited.choices), default=list, blank=True
    )
    refusal = models.TextField(_("motif du refus"), blank=True)
    storage = models.ForeignKey(
        RowStorage, null=True, blank=True, on_delete=models.PROTECT, related_name="imports"
    )
    digest = models.CharField(max_length=64, blank=True)
    row_count = models.PositiveBigIntegerField(_("lignes lues"), default=0)
    rejected_count = models.PositiveBigIntegerField(_("lignes rejetées"), default=0)
    quarantined_count = models.PositiveBigIntegerField(_("lignes en quarantaine"), default=0)
    totals = models.JSONField(_("totaux de contrôle"), default=dict)
    differences = models.JSONField(_("différences"), default=dict)
    compared_with = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="imports of the use that it would replace, as its differences were told (X-13)",
    )
    step = models.CharField(_("étape"), max_length=10, choices=ImportStep.choices, blank=True)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_expected = models.PositiveBigIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("terminé"), null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bill_file", "part"],
                condition=models.Q(
                    state__in=[ImportState.RECEIVED, ImportState.READING, ImportState.PREPARED]
                ),
                name="one_open_import_per_file_and_part",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="bill_import_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ImportState.REFUSED) | ~models.Q(refusal=""),
                name="a_refusal_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "-recorded_at"], name="bill_import_by_branch"),
            models.Index(
                fields=["state"],
                condition=models.Q(
                    state__in=[ImportState.RECEIVED, ImportState.READING, ImportState.PREPARED]
                ),
                name="bill_import_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bill_file} ({self.get_part_display()})"


class QuarantinedRow(models.Model):
    """A row set aside with its place and the reason; ``raw`` is what the profile lets one keep."""

    bill_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="quarantine")
    part_code = models.CharField(max_length=60, help_text="the profile's part, in a package")
    line = models.PositiveBigIntegerField(_("ligne"), help_text="the file's first line is 1")
    column = models.CharField(_("colonne"), max_length=120, blank=True)
    account = models.CharField(_("compte"), max_length=200, blank=True)
    reason = models.CharField(_("motif"), max_length=500)
    raw = models.TextField(_("valeur lue"), blank=True)

    class Meta:
        ordering = ["bill_import_id", "line", "pk"]
        indexes = [models.Index(fields=["bill_import", "line"], name="quarantine_by_line")]

    def __str__(self) -> str:
        return f"{self.bill_import}, ligne {self.line}"
