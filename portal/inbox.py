"""« Ce qui m'attend »: each app declares a source in ``INBOX_SOURCES``; home gathers them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing that awaits someone: what, where, since when, and why it matters."""

    title: str
    url: str
    kind: str
    since: datetime
    detail: str = ""
    member: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A line of the console's front page: how many things await ITQ there; uncounted, an act."""

    label: str
    url: str
    count: int | None = None
    note: str = ""


def items_for(user: "AbstractBaseUser") -> list[InboxItem]:
    """Everything that awaits ``user``, urgent first, then oldest first."""
    sources: list[Callable[..., list[InboxItem]]] = [
        import_string(path) for path in settings.INBOX_SOURCES
    ]
    items = [item for source in sources for item in source(user)]
    return sorted(items, key=lambda item: (not item.urgent, item.since))
