"""``seal_pdf()``: a PDF becomes a sealed one in a child process with limits (signing.md §3.6)."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from portal.documents import child_environment

SEAL_SECONDS = 45
"""How long the child may take, two timestamps included."""
TIMESTAMP_SECONDS = 10

REASONS = {
    "key": "clé ou certificat du sceau absent",
    "timestamp": "autorité d'horodatage injoignable",
    "check": "vérification du sceau refusée",
    "time": "scellement trop long",
    "fault": "scellement interrompu",
}
"""What the console says of a seal that waits."""


class SealUnavailable(Exception):
    """Nothing was sealed; ``reason`` is one of REASONS, the message says the rest."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{REASONS[reason]} ({detail})" if detail else REASONS[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wording:
    """What the seal itself says, beside the document."""

    number: str
    token: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed PDF, verified, with what checks it elsewhere (DER)."""

    content: bytes
    sealed_at: datetime
    sealed_by: str
    timestamp: bytes
    certificates: tuple[bytes, ...]
    revocations: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp over some bytes (DER), and the end of the certificate that gave it."""

    token: bytes
    stamped_at: datetime
    good_until: datetime


def seal_pdf(content: bytes, wording: Wording) -> Sealed:
    """Seal and verify; takes 2 to 3 s, so in tasks only. Raises SealUnavailable."""
    told, sealed = _ask(
        "seal",
        content,
        number=wording.number,
        token=wording.token,
        address=wording.address,
        reason=wording.reason,
    )
    return Sealed(
        sealed,
        datetime.fromisoformat(told["sealed_at"]),
        told["sealed_by"],
        base64.b64decode(told["timestamp"]),
        tuple(base64.b64decode(text) for text in told["certificates"]),
        tuple(base64.b64decode(text) for text in told["revocations"]),
    )


def stamp(content: bytes) -> Stamped:
    """A trusted timestamp over ``content``. Raises SealUnavailable."""
    told, token = _ask("stamp", content)
    return Stamped(
        token,
        datetime.fromisoformat(told["stamped_at"]),
        datetime.fromisoformat(told["good_until"]),
    )


def _ask(act: str, content: bytes, **wording: str) -> tuple[dict[str, Any], bytes]:
    """Run the child; the key's passphrase goes by its standard input, no secret by its environment.

    A child that hangs, swells, dies or babbles is one more way of being unavailable (X-27).
    """
    said = settings.SEAL
    if not (said["pkcs12"] or said["key"]) or not said["root"] or not said["timestamp_url"]:
        raise SealUnavailable("key", "SEAL_PKCS12, SEAL_ROOT, TIMESTAMP_URL")
    asked = {
        **wording,
        **{name: said[name] for name in ("pkcs12", "key", "certificate", "passphrase")},
        "act": act,
        "roots": said["root"],
        "timestamp_roots": said["timestamp_root"] or said["root"],
        "revocations": said["revocations"],
        "timestamp_url": said["timestamp_url"],
        "seconds": TIMESTAMP_SECONDS,
    }
    try:
        child = subprocess.run(
            [sys.executable, "-m", "derogations.seal_child"],
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=SEAL_SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise SealUnavailable("time", f"{SEAL_SECONDS} s") from error
    head, _, made = child.stdout.partition(b"\n")
    if child.returncode or not head:
        raise SealUnavailable("fault", child.stderr.decode(errors="replace")[-400:])
    told: dict[str, Any] = json.loads(head)
    if "unavailable" in told:
        raise SealUnavailable(told["unavailable"], told["reason"])
    return told, made
