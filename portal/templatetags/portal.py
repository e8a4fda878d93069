"""How money and dates are written on a page, in Québec's French; a form's key."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.clock import day_of, last_day
from portal.idempotency import KEY_FIELD

register = template.Library()
NARROW = "\u00a0"
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@register.filter
def money(amount: Decimal | None) -> str:
    """``1234.5`` → ``1 234,50 $`` with no-break spaces; nothing for None."""
    if amount is None:
        return ""
    sign = "\u2212" if amount < 0 else ""
    text = f"{abs(amount):,.2f}".replace(",", NARROW).replace(".", ",")
    return f"{sign}{text}{NARROW}$"


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A date as ``<time>2026-11-22</time>``, in Montréal's day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = day_of(value)
    return mark_safe(f'<time datetime="{value:%Y-%m-%d}">{value:%Y-%m-%d}</time>')  # noqa: S308


register.filter("last_day", last_day)


@register.filter
def long_day(value: date | datetime | None) -> str:
    """A date in words: ``22 novembre 2026``, ``1er mai 2026``."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = day_of(value)
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number} {MONTHS[value.month - 1]} {value.year}"


@register.filter
def instant(value: datetime | None) -> SafeString | str:
    """An instant as ``2026-11-22 à 14 h 05``, in Montréal's time."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    text = f"{local:%Y-%m-%d} à {local:%H} h {local:%M}".replace(" h ", f"{NARROW}h{NARROW}")
    return mark_safe(f'<time datetime="{local.isoformat()}">{text}</time>')  # noqa: S308


@register.filter
def under(cells: Iterable[Any], columns: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each cell of a row with the column under which it stands."""
    return zip(cells, columns, strict=True)


@register.simple_tag
def submission_key() -> SafeString:
    """A hidden key, new at each display, so that a form sent twice is done once (X-09)."""
    return format_html('<input type="hidden" name="{}" value="{}">', KEY_FIELD, uuid.uuid4())
