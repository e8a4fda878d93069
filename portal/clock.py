"""The legal instant: PostgreSQL's clock, and Montréal's days (D-21)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone


def database_clock() -> datetime:
    """``clock_timestamp()``, read now even inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant


def day_of(instant: datetime) -> date:
    """The day of an instant in Montréal."""
    return timezone.localtime(instant).date()


def midnight(day: date) -> datetime:
    """The instant at which a day begins in Montréal."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


def last_day(until: date | None) -> date | None:
    """The last day of a period whose end is left out (``[)``); None without end."""
    return until - timedelta(days=1) if until else None


def today() -> date:
    """The current day in Montréal."""
    return timezone.localdate()
