"""The ground's tables: the journal and its chain, the queue, stored files, idempotency keys."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ClockTimestamp(Now):
    """PostgreSQL's clock at the very instant, even inside a transaction (D-21)."""

    template = "CLOCK_TIMESTAMP()"

    def as_postgresql(self, compiler, connection, **extra):  # type: ignore[no-untyped-def]
        """Keep ``template``: ``Now`` would answer the transaction's start."""
        return self.as_sql(compiler, connection, **extra)


class Fold(models.Func):
    """``fold(text)``: lower case, accents removed; every French sort and search uses it (D-50)."""

    function = "fold"
    output_field = models.TextField()


class AuditEvent(models.Model):
    """One act, as it was, with no foreign key to live data; never changed, never deleted (F-83)."""

    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    code = models.CharField(max_length=60)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    hat = models.CharField(max_length=200, blank=True)
    branch_id = models.BigIntegerField(null=True)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    object_label = models.CharField(max_length=200)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="audit_by_object"),
            models.Index(fields=["branch_id", "-id"], name="audit_by_branch"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="await_link",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func="INSERT INTO portal_journalpending (event_id) VALUES (NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.object_label}"


class JournalPending(models.Model):
    """An event that the keeper has not linked yet; a trigger writes it, the keeper deletes it."""

    event_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.event_id)


class JournalLink(models.Model):
    """A link of the chain: sha256 of the previous link's hash and the event (D-30)."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="link_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.sha256[:12]}"


class QueuedTask(models.Model):
    """Work promised by a committed act: the database is its only truth, Celery a hint (X-07)."""

    task_name = models.CharField(max_length=100)
    kwargs = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    due_at = models.DateTimeField(db_default=ClockTimestamp())
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="queue_open",
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lease__isnull=True, leased_until__isnull=True)
                | models.Q(lease__isnull=False, leased_until__isnull=False),
                name="queue_lease_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_name} #{self.pk}"


class WorkerBeat(models.Model):
    """When a worker was last seen running promised work; one row."""

    seen_at = models.DateTimeField(db_default=ClockTimestamp())

    def __str__(self) -> str:
        return str(self.seen_at)


class StoredFile(models.Model):
    """A private file, stored once by its sha256; the row exists only when the bytes do (X-11)."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    stored_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="file_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("sha256", "size"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """The answer given to a submission, so that the same key tells the truth again (X-09)."""

    user_id = models.BigIntegerField()
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64, help_text="sha256 of what was submitted")
    answer = models.CharField(max_length=300)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "key"], name="one_answer_per_key")
        ]
        verbose_name = _("clé d'idempotence")

    def __str__(self) -> str:
        return str(self.key)


class NumberSeries(models.Model):
    """The last number taken in a series; ``portal/numbers.py`` alone writes it."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="one_series_per_year")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"
