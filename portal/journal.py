"""The journal's keeper: links events into a hash chain and writes its head outside (D-30)."""

import hashlib
import json
import os
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portal.models import AuditEvent, JournalLink, JournalPending

KEEPER_LOCK = 7_402_001
GENESIS = "0" * 64
AT_ONCE = 5000
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
    text = json.dumps(event_facts(event), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}|{position}|{text}".encode()).hexdigest()


def event_facts(event: AuditEvent) -> dict[str, object]:
    """An event as the plain values that its link covers."""
    facts = {name: getattr(event, name) for name in EVENT_FIELDS}
    return {**facts, "recorded_at": event.recorded_at.astimezone(UTC).isoformat()}


def chain_events() -> int:
    """Link the events that wait, in order; return how many. A second keeper does nothing (X-24).

    What waits and has no event keeps waiting: the verification names it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [KEEPER_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        waiting = list(
            JournalPending.objects.order_by("event_id").values_list("event_id", flat=True)[:AT_ONCE]
        )
        last = JournalLink.objects.order_by("-position").first()
        previous, position = (last.sha256, last.position) if last else (GENESIS, 0)
        links = []
        for event in AuditEvent.objects.filter(id__in=waiting).order_by("id"):
            position += 1
            previous = link_hash(previous, position, event)
            links.append(JournalLink(position=position, event_id=event.id, sha256=previous))
        JournalLink.objects.bulk_create(links)
        linked = [link.event_id for link in links]
        JournalPending.objects.filter(event_id__in=linked).delete()
    if last is None and links:
        write_head()
    return len(links)


def heads_file() -> Path:
    """Where the heads are kept, outside the database."""
    return Path(settings.DATA_DIR) / "journal-heads.txt"


def write_head() -> str | None:
    """Append ``date position sha256`` of the last link to the heads file, unless it is there."""
    last = JournalLink.objects.order_by("-position").first()
    written = heads_written()
    if last is None or (written and written[-1].endswith(f" {last.position} {last.sha256}")):
        return None
    line = f"{timezone.now().isoformat()} {last.position} {last.sha256}"
    heads_file().parent.mkdir(parents=True, exist_ok=True)
    with heads_file().open("a", encoding="utf-8") as heads:
        heads.write(line + "\n")
        heads.flush()
        os.fsync(heads.fileno())
    return line


def heads_written() -> list[str]:
    """The lines of the heads file, oldest first; none when it is absent."""
    try:
        return heads_file().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
