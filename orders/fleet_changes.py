"""Arithmetic of dated acts on a line: where an act falls, what follows from it (F-40, D-13)."""

import calendar
from datetime import date
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class Placement(StrEnum):
    """How a dated act meets the version in force."""

    REPLACES = "replaces"
    FOLLOWS = "follows"


class NothingChanges(ValidationError):
    """A dated act that would leave everything as it is."""

    def __init__(self) -> None:
        super().__init__(
            _("Rien ne change : modifiez au moins un renseignement, ou revenez en arrière.")
        )


def place(*, on: date, since: date, today: date) -> Placement:
    """Where an act dated ``on`` falls, when the version in force began on ``since``.

    On the very day the version began, it replaces its values; later, it closes it and follows.
    The fleet says what is, so that a day to come is refused, and so is a day before ``since``:
    an earlier version is closed. Raises ValidationError.
    """
    if on > today:
        told = _("Le parc dit ce qui est en service : inscrivez ce changement le jour venu.")
        raise ValidationError({"on": told})
    if on < since:
        told = _(
            "Cette ligne a déjà changé le %(since)s : choisissez cette date ou une plus tardive."
        ) % {"since": since.isoformat()}
        raise ValidationError({"on": told})
    return Placement.REPLACES if on == since else Placement.FOLLOWS


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def ends_on(start: date, months: int) -> date | None:
    """When a commitment of so many months that begins on ``start`` is over; None without one."""
    return months_later(start, months) if months else None


def free_on(*ends: date | None) -> date | None:
    """From when a line owes neither subsidy nor commitment: its next upgrade date (F-27)."""
    return max((day for day in ends if day), default=None)
