"""« Ce qui m'attend »: each app declares a source in ``INBOX_SOURCES``; home gathers them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, QuerySet, Value
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
    """A line of the console's front page: the rows that await ITQ there; without rows, an act."""

    label: str
    url: str
    rows: QuerySet[Any] | None = None
    note: str = ""


def counted(entries: Sequence[Awaiting]) -> Iterator[tuple[Awaiting, int | None]]:
    """Each entry with the count of its rows, all in one query; None for an act."""
    counts = [
        entry.rows.order_by()
        .annotate(entry_rank=Value(rank))
        .values("entry_rank")
        .annotate(entry_count=Count("pk", distinct=True))
        .values_list("entry_rank", "entry_count")
        for rank, entry in enumerate(entries)
        if entry.rows is not None
    ]
    found = dict(counts[0].union(*counts[1:], all=True)) if counts else {}
    for rank, entry in enumerate(entries):
        yield entry, None if entry.rows is None else found.get(rank, 0)


def items_for(user: "AbstractBaseUser") -> list[InboxItem]:
    """Everything that awaits ``user``, urgent first, then oldest first."""
    sources: list[Callable[..., list[InboxItem]]] = [
        import_string(path) for path in settings.INBOX_SOURCES
    ]
    items = [item for source in sources for item in source(user)]
    return sorted(items, key=lambda item: (not item.urgent, item.since))
