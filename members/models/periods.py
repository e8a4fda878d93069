"""Dated rows: a period of instants, closed at its start and open at its end (``[)``, D-21)."""

from typing import Any, Self

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models

from portal.models import ClockTimestamp


class DatedQuerySet(models.QuerySet[Any]):
    """Rows that are in force at an instant."""

    def in_force(self, at: Any = None) -> Self:
        """Rows whose period holds ``at``, by default the database's clock."""
        return self.filter(period__contains=at if at is not None else ClockTimestamp())


class Dated(models.Model):
    """A row in force from an instant to another, or without end."""

    period = DateTimeRangeField(default_bounds="[)", verbose_name="période")

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
