"""What anyone may learn of a sealed document: no account, no personal data, no content (§3.7)."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from derogations.models import Derogation, Seal, Withdrawal
from derogations.reading import granted_labels
from portal.files import path_of

TOKEN = re.compile(rb"/ContactInfo \(([0-9a-f]{32})\)")
NUMBER = re.compile(rb"/Name \((D\\055[0-9]{4}\\055[0-9]{5,})\)")
"""A hyphen stands there as the PDF writes it."""
MOST = 8
"""How many different codes, or numbers, of a dropped file are looked up."""


class FileVerdict(StrEnum):
    """What a dropped file is, compared with the original's bytes."""

    IDENTICAL = "identical"
    EXTENDED = "extended"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register, as anyone reads it; ``kinds`` are the heads that were granted."""

    token: str
    number: str
    kinds: tuple[str, ...]
    state: str
    state_label: str
    signed_at: datetime
    sealed_at: datetime
    sha256: str
    version: int
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """The verdict on a file, and the line that it claims; none when it claims none."""

    verdict: FileVerdict
    entry: Entry | None = None


def entry_of(token: str) -> Entry | None:
    """The line of a code as it is typed: spaces and case do not count."""
    typed = re.sub(r"[\s\-]", "", token).lower()
    return _entry(Seal.objects.filter(token=typed).first())


def judge_file(content: bytes) -> FileAnswer:
    """Compare a file with the original that it says it is."""
    sha256 = hashlib.sha256(content).hexdigest()
    if entry := _entry(Seal.objects.filter(file__sha256=sha256).first()):
        return FileAnswer(FileVerdict.IDENTICAL, entry)
    entry = _claimed(content)
    if entry is None:
        return FileAnswer(FileVerdict.UNKNOWN)
    original = path_of(entry.sha256).read_bytes()
    added = len(content) > len(original) and content.startswith(original)
    return FileAnswer(FileVerdict.EXTENDED if added else FileVerdict.ALTERED, entry)


def _claimed(content: bytes) -> Entry | None:
    """The line that a file claims by its code or, where that was altered, by its number."""
    seals = Seal.objects.filter(file__isnull=False)
    codes, numbers = _first(TOKEN, content), _first(NUMBER, content)
    known = seals.in_bulk(codes, field_name="token")
    named = next((known[code] for code in codes if code in known), None)
    return _entry(named or seals.filter(version__derogation__number__in=numbers).first())


def _first(pattern: re.Pattern[bytes], content: bytes) -> list[str]:
    """The first different matches: a file may hold hundreds of thousands."""
    found: dict[bytes, None] = {}
    for match in pattern.finditer(content):
        found[match[1]] = None
        if len(found) == MOST:
            break
    return [text.replace(b"\\055", b"-").decode() for text in found]


def _entry(seal: Seal | None) -> Entry | None:
    """A seal whose document is published; one that waits is told to nobody."""
    if seal is None or seal.file is None or seal.sealed_at is None:
        return None
    derogation: Derogation = seal.version.derogation
    withdrawal = Withdrawal.objects.filter(derogation=derogation).first()
    return Entry(
        token=seal.token,
        number=derogation.number,
        kinds=tuple(granted_labels(derogation)),
        state=derogation.state,
        state_label=derogation.get_state_display(),
        signed_at=derogation.signed_at or seal.sealed_at,
        sealed_at=seal.sealed_at,
        sha256=seal.file.sha256,
        version=seal.version.number,
        withdrawn_at=withdrawal.withdrawn_at if withdrawal else None,
    )
