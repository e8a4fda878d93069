"""The register of seals: what waits, what a signed version rests on, what is told to anyone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import dropwhile

from django.db import Error
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.events import DEROGATION_SIGNED
from derogations.models import (
    Derogation,
    PaperSignature,
    RegisterStamp,
    Seal,
    Signature,
    Version,
)
from members.models import Organisation, User
from members.permissions import WHOLE_GROUP, can, visible
from members.roles import May, StaffMay
from portal.files import read
from portal.health import Part
from portal.inbox import Awaiting
from portal.models import AuditEvent, ClockTimestamp, JournalLink, QueuedTask

LATE = timedelta(minutes=15)
"""A seal that waits longer is an alarm (signing.md §3.6)."""

FORGOTTEN = timedelta(minutes=2)
SEAL_TASK = "derogations.seal"
STAMP_LIFE = timedelta(days=365)
STAMP_MARGIN = timedelta(days=60)
STAMP_REST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Link:
    """Where the journal holds the signature: the event, its position, the hash there."""

    event: AuditEvent
    position: int
    sha256: str
    previous: str


@dataclass(frozen=True, slots=True)
class KeptStamp:
    """A stamp of the register, read: when, the list of hashes, the authority's token (DER)."""

    stamped_at: datetime
    hashes: bytes
    token: bytes


def waiting_seals() -> QuerySet[Seal]:
    """Seals asked for whose document is not there yet; a paper once confirmed asks for none."""
    by_hand = PaperSignature.objects.filter(
        version=OuterRef("version"), confirmed_again_at__isnull=False
    )
    return Seal.objects.filter(~Exists(by_hand), file__isnull=True)


def forgotten_seals() -> QuerySet[Seal]:
    """Waiting seals that no open task will drive: lost, or given up (X-07, X-25)."""
    driven = QueuedTask.objects.annotate(
        version_id=Cast(KeyTextTransform("version_id", "kwargs"), BigIntegerField())
    ).filter(
        task_name=SEAL_TASK,
        version_id=OuterRef("version_id"),
        done_at__isnull=True,
        dead_at__isnull=True,
    )
    asked = waiting_seals().filter(asked_at__lt=ClockTimestamp() - FORGOTTEN)
    return asked.filter(~Exists(driven))


def late_seals() -> QuerySet[Seal]:
    """Waiting seals past the alarm."""
    return waiting_seals().filter(asked_at__lt=ClockTimestamp() - LATE)


def seal_health() -> tuple[str, Part]:
    """The part that /sante and the console show; a late seal is told and takes nothing down."""
    try:
        oldest = late_seals().order_by("asked_at").first()
        count = late_seals().count() if oldest else 0
    except Error:
        return "sceaux", Part(ok=False, detail="base injoignable")
    if oldest is None:
        return "sceaux", Part(ok=True, detail="Aucun sceau en retard")
    reason = oldest.last_error or "cause inconnue"
    detail = f"ALARME : {count} en attente depuis plus de 15 minutes ({reason})"
    return "sceaux", Part(ok=True, detail=detail)


def console_entries(user: User) -> list[Awaiting]:
    """Late seals, for whom may act on tasks."""
    if not can(user, StaffMay.REPLAY_TASKS, on=WHOLE_GROUP):
        return []
    url = reverse("admin:portal_queuedtask_changelist") + f"?q={SEAL_TASK}"
    label = _("Documents signés dont le sceau tarde (plus de 15 minutes)")
    return [Awaiting(label, url, late_seals())]


def link_of(derogation: Derogation) -> Link | None:
    """Where the journal's chain holds the last signature; None until the keeper linked it."""
    event = (
        AuditEvent.objects.filter(
            code=DEROGATION_SIGNED.code,
            object_type=derogation._meta.label_lower,
            object_id=derogation.pk,
        )
        .order_by("-pk")
        .first()
    )
    if event is None:
        return None
    link = JournalLink.objects.filter(event_id=event.pk).first()
    if link is None:
        return None
    before = JournalLink.objects.filter(position=link.position - 1).first()
    return Link(event, link.position, link.sha256, before.sha256 if before else "0" * 64)


def signatures_of(version: Version) -> list[Signature]:
    """The effective signatures of a version, in the order in which they were given."""
    rows = version.signatures.filter(voided_at__isnull=True).select_related(
        *("person", "acting_for", "delegation__plan__act_file", "interim__act_file"),
        "own_delegation__plan__act_file",
    )
    return list(rows.order_by("signed_at", "pk"))


def sealed_derogation(user: User, organisation: Organisation, number: str) -> QuerySet[Seal]:
    """The sealed document of a derogation that ``user`` may see, newest version first."""
    seen = visible(user, May.SEE_DEROGATIONS, Derogation.objects.all())
    mine = seen.filter(branch__organisation=organisation, number=number)
    seals = Seal.objects.filter(version__derogation__in=mine, file__isnull=False)
    return seals.select_related("file", "evidence", "version__derogation").order_by("-pk")


def register_hashes() -> str:
    """Every sealed document and every earlier stamp, one a line, in the order of the register."""
    seals = Seal.objects.filter(file__isnull=False).order_by("sealed_at", "pk")
    lines = [
        f"{sha256} {token} {_text(sealed_at)}"
        for sha256, token, sealed_at in seals.values_list("file__sha256", "token", "sealed_at")
    ]
    stamps = RegisterStamp.objects.order_by("stamped_at").values_list(
        "hashes__sha256", "stamp__sha256", "stamped_at"
    )
    lines += [f"{hashes} {stamp} {_text(at)}" for hashes, stamp, at in stamps]
    return "\n".join(lines) + "\n" if lines else ""


def stamps_since(sha256: str, sealed_at: datetime) -> list[KeptStamp]:
    """The stamps of the register since a document, oldest first.

    The first may have been asked for just before the document was published: it is left out.
    """
    rows = RegisterStamp.objects.filter(stamped_at__gt=sealed_at).order_by("stamped_at", "pk")
    kept = [
        KeptStamp(row.stamped_at, read(row.hashes), read(row.stamp))
        for row in rows.select_related("hashes", "stamp")
    ]
    return list(dropwhile(lambda one: f"{sha256} ".encode() not in one.hashes, kept))


def is_stamp_due() -> bool:
    """Yearly, and before the certificate of the last stamp ends."""
    if not Seal.objects.filter(file__isnull=False).exists():
        return False
    last = RegisterStamp.objects.order_by("-stamped_at").first()
    if last is None:
        return True
    now = ClockTimestamp()
    due = RegisterStamp.objects.filter(pk=last.pk, stamped_at__lt=now - STAMP_LIFE)
    ending = RegisterStamp.objects.filter(
        pk=last.pk, good_until__lt=now + STAMP_MARGIN, stamped_at__lt=now - STAMP_REST
    )
    return due.exists() or ending.exists()


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
