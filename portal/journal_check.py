"""Is the journal whole? Its chain is read again and held against the heads kept outside (X-30)."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from portal.journal import GENESIS, heads_written, link_hash
from portal.models import AuditEvent, JournalLink, JournalPending

BATCH = 2000


def journal_faults() -> Iterator[str]:
    """Yield one sentence for each break, located; nothing when whole (X-30)."""
    links = JournalLink.objects.order_by("position").iterator(BATCH)
    last = yield from _link_faults(links, GENESIS, 0)
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
    faults = list(_link_faults(links, previous, position))
    faults += _head_faults(links[-1].position if links else 0, heads=1)
    return ChainTail(
        first=position + 1 if links else 0,
        last=links[-1].position if links else 0,
        waiting=JournalPending.objects.count(),
        faults=faults,
    )


def _link_faults(
    links: Iterable[JournalLink], previous: str, position: int
) -> Generator[str, None, int]:
    """Walk links in order from the one before them; return the last position."""
    for some in _batches(links):
        events = AuditEvent.objects.in_bulk([link.event_id for link in some])
        for link in some:
            position += 1
            if link.position != position:
                yield f"maillons manquants : positions {position} à {link.position - 1}"
                position = link.position
            elif event := events.get(link.event_id):
                if link_hash(previous, position, event) != link.sha256:
                    yield f"événement {link.event_id} altéré (position {position})"
            else:
                yield f"événement {link.event_id} absent (position {position})"
            previous = link.sha256
    return position


def _batches(links: Iterable[JournalLink]) -> Iterator[list[JournalLink]]:
    """Links by thousands, so that their events are read together."""
    some: list[JournalLink] = []
    for link in links:
        some.append(link)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some


def _head_faults(last_position: int, heads: int = 0) -> Iterator[str]:
    """Hold the chain against the heads: a cut tail or a chain made again shows at the first.

    ``heads`` keeps the last ones only.
    """
    lines = heads_written()[-heads:]
    if not lines and last_position:
        yield "registre externe absent : rien ne prouve la fin de la chaîne"
    told = [_read_head(line) for line in lines]
    links = JournalLink.objects.in_bulk([position for position, _ in told])
    kept = 0
    for position, sha256 in told:
        if not sha256:
            yield "registre externe illisible : une ligne n'a pas sa forme"
        elif position not in links:
            yield f"queue coupée : le registre externe dit {position}, la chaîne {last_position}"
            return
        elif links[position].sha256 != sha256:
            yield f"chaîne réécrite entre les positions {kept + 1} et {position}"
            return
        kept = position


def _read_head(line: str) -> tuple[int, str]:
    """The position and the hash that a line says; no hash when it cannot be read."""
    try:
        _, position, sha256 = line.split(" ")
        return int(position), sha256
    except ValueError:
        return 0, ""


def _unlinked_faults() -> Iterator[str]:
    """Events slipped past the trigger or taken out of the wait, and waits without their event."""
    link = JournalLink.objects.filter(event_id=OuterRef("pk"))
    wait = JournalPending.objects.filter(event_id=OuterRef("pk"))
    strays = AuditEvent.objects.filter(~Exists(link), ~Exists(wait))
    for event_id in strays.values_list("pk", flat=True):
        yield f"événement {event_id} hors de la chaîne"
    event = AuditEvent.objects.filter(pk=OuterRef("event_id"))
    for event_id in JournalPending.objects.filter(~Exists(event)).values_list("pk", flat=True):
        yield f"événement {event_id} attendu par la chaîne, absent"
