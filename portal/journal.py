"""The journal's keeper: links events into a hash chain, writes its head outside, verifies it."""

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portal.models import AuditEvent, JournalLink, JournalPending

KEEPER_LOCK = 7_402_001
GENESIS = "0" * 64
EVENT_FIELDS = (
    "id",
    "code",
    "actor_id",
    "actor_label",
    "hat",
    "branch_id",
    "object_type",
    "object_id",
    "object_label",
    "data",
)


def link_hash(previous: str, position: int, event: AuditEvent) -> str:
    """Return sha256(previous ‖ position ‖ canonical event) in hexadecimal (D-30)."""
    canonical = {name: getattr(event, name) for name in EVENT_FIELDS}
    canonical["recorded_at"] = event.recorded_at.astimezone(UTC).isoformat()
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}|{position}|{text}".encode()).hexdigest()


def chain_events(limit: int = 5000) -> int:
    """Link the events that wait, in order; return how many. A second keeper does nothing (X-24)."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [KEEPER_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        waiting = list(
            JournalPending.objects.order_by("event_id").values_list("event_id", flat=True)[:limit]
        )
        last = JournalLink.objects.order_by("-position").first()
        previous, position = (last.sha256, last.position) if last else (GENESIS, 0)
        links = []
        for event in AuditEvent.objects.filter(id__in=waiting).order_by("id"):
            position += 1
            previous = link_hash(previous, position, event)
            links.append(JournalLink(position=position, event_id=event.id, sha256=previous))
        JournalLink.objects.bulk_create(links)
        JournalPending.objects.filter(event_id__in=waiting).delete()
    return len(links)


def heads_file() -> Path:
    """Where the heads are kept, outside the database."""
    return Path(settings.DATA_DIR) / "journal-heads.txt"


def write_head() -> str | None:
    """Append ``date position sha256`` of the last link to the heads file; return the line."""
    last = JournalLink.objects.order_by("-position").first()
    if last is None:
        return None
    line = f"{timezone.now().isoformat()} {last.position} {last.sha256}"
    heads_file().parent.mkdir(parents=True, exist_ok=True)
    with heads_file().open("a", encoding="utf-8") as heads:
        heads.write(line + "\n")
    return line


def journal_faults() -> Iterator[str]:
    """Yield one sentence for each break of the chain, located; nothing when whole (X-30)."""
    links = JournalLink.objects.order_by("position").iterator()
    last = yield from _link_faults(links, GENESIS, 0, _event)
    yield from _head_faults(last)
    yield from _unlinked_faults()


@dataclass(frozen=True, slots=True)
class ChainTail:
    """The end of the chain: the positions read, how many events wait, the breaks found."""

    first: int
    last: int
    waiting: int
    faults: list[str]


def chain_tail(size: int = 500) -> ChainTail:
    """Verify the last ``size`` links and the last head written outside, in five queries at most."""
    links = list(JournalLink.objects.order_by("-position")[: size + 1])[::-1]
    before = links.pop(0) if len(links) > size else None
    previous, position = (before.sha256, before.position) if before else (GENESIS, 0)
    events = AuditEvent.objects.in_bulk([link.event_id for link in links])
    faults = list(_link_faults(links, previous, position, events.get))
    faults += _head_faults(links[-1].position if links else 0, heads=1)
    return ChainTail(
        first=position + 1 if links else 0,
        last=links[-1].position if links else 0,
        waiting=JournalPending.objects.count(),
        faults=faults,
    )


def _event(event_id: int) -> AuditEvent | None:
    return AuditEvent.objects.filter(id=event_id).first()


def _link_faults(
    links: Iterable[JournalLink],
    previous: str,
    position: int,
    event_of: Callable[[int], AuditEvent | None],
) -> Generator[str, None, int]:
    """Walk links in order from the one before them; return the last position."""
    for link in links:
        position += 1
        if link.position != position:
            yield f"maillon manquant : position {position} (suit {link.position})"
            position = link.position
        event = event_of(link.event_id)
        if event is None:
            yield f"événement {link.event_id} absent (position {position})"
        elif link_hash(previous, position, event) != link.sha256:
            yield f"événement {link.event_id} altéré (position {position})"
        previous = link.sha256
    return position


def _head_faults(last_position: int, heads: int | None = None) -> Iterator[str]:
    """Compare the chain with the heads written outside the database: a cut tail shows here.

    ``heads`` limits the comparison to the last ones written.
    """
    if not heads_file().exists():
        return
    lines = heads_file().read_text(encoding="utf-8").splitlines()
    for line in lines[-heads:] if heads else lines:
        _, position, sha256 = line.split(" ")
        link = JournalLink.objects.filter(position=int(position)).first()
        if link is None:
            yield f"queue coupée : position {position} écrite au registre externe, {last_position}"
        elif link.sha256 != sha256:
            yield f"chaîne réécrite : la position {position} diffère du registre externe"


def _unlinked_faults() -> Iterator[str]:
    """Events that are neither linked nor waiting were slipped past the trigger."""
    orphans = AuditEvent.objects.exclude(id__in=JournalLink.objects.values("event_id")).exclude(
        id__in=JournalPending.objects.values("event_id")
    )
    for event_id in orphans.values_list("id", flat=True):
        yield f"événement {event_id} hors de la chaîne"
