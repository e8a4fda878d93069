"""What was frozen: the immutable text of a submission, its paper, and the signatures it needs."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from derogations.models.requests import Derogation
from members.models import User
from members.signing_steps import Step
from portal.models import ClockTimestamp, StoredFile


class Version(models.Model):
    """A submission, frozen: canonical JSON (RFC 8785), its sha256, its PDF (signing.md §3.1).

    ``steps`` are the signatures needed, one number a step, and ``step_posts`` the posts of the
    first of them (D-20). ``pdf`` is empty while the worker renders it (D-23): nobody signs
    before. The database refuses every later change of the text, and of the paper once it is there.
    ``lacking`` is projected with the grants: the post of each signature that nobody can give now,
    "" for any post; null before the first time.
    """

    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.TextField(help_text="canonical JSON (RFC 8785)")
    content_sha256 = models.CharField(max_length=64)
    pdf = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    steps = ArrayField(models.PositiveSmallIntegerField())
    step_posts = ArrayField(
        models.CharField(max_length=150), default=list, verbose_name=_("postes")
    )
    total_amount = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="E6's amount, on the plan's tax basis (D-22)"
    )
    submitted_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(help_text="after which nobody signs this version (E9)")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)
    lacking = ArrayField(models.CharField(max_length=150, blank=True), null=True)

    class Meta:
        ordering = ["derogation_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["derogation", "number"], name="one_version_per_number")
        ]
        triggers = [
            pgtrigger.Protect(name="version_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="version_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    *("derogation", "number", "content", "content_sha256"),
                    *("steps", "step_posts", "total_amount"),
                ),
            ),
            pgtrigger.Protect(
                name="version_paper_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id"
                ),
            ),
            pgtrigger.Protect(
                name="version_voided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.voided_at IS NOT NULL AND NEW.voided_at IS DISTINCT FROM OLD.voided_at"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.derogation}, version {self.number}"

    @property
    def asked(self) -> tuple[Step, ...]:
        """Its steps, the posts first."""
        posts = [*self.step_posts, *[""] * (len(self.steps) - len(self.step_posts))]
        return tuple(Step(needed, post) for needed, post in zip(self.steps, posts, strict=True))

    @property
    def pdf_sha256(self) -> str:
        """The sha256 of the frozen PDF; empty while it is rendered."""
        return self.pdf.sha256 if self.pdf else ""
