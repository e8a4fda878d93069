"""Acts that finish a signature: its seal is published, or waits; the register is stamped."""

from derogations import events
from derogations.models import RegisterStamp, Seal
from derogations.sealing import Sealed, Stamped
from members.models import User
from members.permissions import require
from members.roles import May
from portal.audit import SystemActor, record
from portal.commands import action
from portal.files import store
from portal.models import StoredFile
from portal.workflow import locked

PDF, ZIP = "application/pdf", "application/zip"


@action
def publish_seal(
    *, seal: Seal, sealed: Sealed, evidence: bytes, journal_position: int, by: SystemActor
) -> Seal:
    """The document becomes the only original; a second one finds it there (signing.md §3.6).

    Files, register and journal are written together. Raises NoRoom when the disk is full (X-11).
    """
    fresh = locked(seal)
    if fresh.file_id:
        return fresh
    derogation = fresh.version.derogation
    number = derogation.number
    fresh.file = store(sealed.content, name=f"{number}.pdf", content_type=PDF)
    fresh.evidence = store(evidence, name=f"{number}-preuve.zip", content_type=ZIP)
    fresh.sealed_at = sealed.sealed_at
    fresh.journal_position = journal_position
    fresh.last_error = ""
    fresh.save()
    record(
        events.DEROGATION_SEALED,
        by=by,
        on=derogation,
        version=fresh.version.number,
        sha256=fresh.file.sha256,
        sealed_at=sealed.sealed_at.isoformat(),
        sealed_by=sealed.sealed_by,
    )
    return fresh


@action
def note_seal_delay(*, seal: Seal, reason: str, by: SystemActor) -> None:
    """Say why a seal waits, once for each reason; nothing else changes."""
    told = reason[:500]
    fresh = locked(seal)
    if fresh.file_id or fresh.last_error == told:
        return
    Seal.objects.filter(pk=fresh.pk).update(last_error=told)
    record(events.SEAL_DELAYED, by=by, on=fresh.version.derogation, reason=told)


@action
def keep_stamp(*, hashes: str, stamped: Stamped, by: SystemActor) -> RegisterStamp:
    """Keep a fresh timestamp over the register beside files that never change (§3.6)."""
    day = f"{stamped.stamped_at:%Y-%m-%d}"
    row = RegisterStamp.objects.create(
        stamped_at=stamped.stamped_at,
        good_until=stamped.good_until,
        hashes=store(hashes.encode(), name=f"registre-{day}.txt", content_type="text/plain"),
        stamp=store(
            stamped.token, name=f"registre-{day}.tst", content_type="application/timestamp-token"
        ),
    )
    record(events.REGISTER_STAMPED, by=by, on=row, lines=hashes.count("\n"))
    return row


@action
def export_evidence(*, seal: Seal, by: User) -> StoredFile:
    """The evidence leaves with whoever sees the derogation; who took it is kept."""
    derogation = seal.version.derogation
    hat = require(by, May.SEE_DEROGATIONS, on=derogation)
    assert seal.evidence
    record(events.EVIDENCE_EXPORTED, by=by, on=derogation, hat=hat, sha256=seal.evidence.sha256)
    return seal.evidence
