"""The child process that seals: settings and a PDF on standard input, what came of it on the other.

Input and output are one line of JSON, then bytes. It seals in one certifying pass (PAdES B-LT, no
change allowed, revocation data inside), then verifies what it made before anyone may see it.
"""

import asyncio
import base64
import hashlib
import io
import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko_certvalidator import ValidationContext

from derogations.timestamps import TimestampClient
from derogations.verification import certificates_in, judge_stamp, parts_of, verify

MEMORY = 1024 * 1024 * 1024
"""bytes"""
FIELD = "Sceau"


class Unavailable(Exception):
    """What the sealing needs is away; time may mend it. ``what`` is key, timestamp or check."""

    def __init__(self, what: str, reason: object) -> None:
        super().__init__(str(reason))
        self.what = what


def main() -> None:
    """Limit this process, do what is asked, answer."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    logging.disable(logging.CRITICAL)
    asked = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    try:
        told, made = {"seal": seal, "stamp": stamp}[asked["act"]](asked, content)
    except Unavailable as error:
        told, made = {"unavailable": error.what, "reason": str(error)[:400]}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made)


def seal(asked: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """The sealed bytes, and what an independent check of them needs."""
    roots, timestamp_roots = _read(asked["roots"]), _read(asked["timestamp_roots"])
    signer = _signer(asked)
    try:
        sealed = _sign(asked, content, signer, roots + b"\n" + timestamp_roots)
    except TimestampRequestError as error:
        raise Unavailable("timestamp", error) from error
    except (SigningError, ValueError, OSError) as error:
        raise Unavailable("check", repr(error)) from error
    report = verify(sealed, roots, timestamp_roots)
    if not report.is_valid or report.sealed_at is None:
        raise Unavailable("check", " ; ".join(report.faults))
    parts = parts_of(sealed)
    told = {
        "sealed_at": report.sealed_at.isoformat(),
        "sealed_by": report.sealed_by,
        "sha256": report.sha256,
        "timestamp": _text(parts.timestamp),
        "certificates": [_text(der) for der in parts.certificates],
        "revocations": [_text(der) for der in parts.revocations],
    }
    return told, sealed


def stamp(asked: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """A timestamp over ``content``, checked against its root."""
    digest = hashlib.sha256(content).digest()
    context = _context(asked, _read(asked["timestamp_roots"]))
    try:
        token = asyncio.run(_client(asked).async_timestamp(digest, "sha256"))
        assert isinstance(token, cms.ContentInfo)
        status = judge_stamp(token, content, context)
    except (TimestampRequestError, SigningError, ValueError) as error:
        raise Unavailable("timestamp", error) from error
    if not (status.intact and status.valid and status.trusted):
        raise Unavailable("check", "the timestamp is not of the trusted root")
    told = {
        "stamped_at": status.timestamp.isoformat(),
        "good_until": status.signing_cert.not_valid_after.isoformat(),
    }
    return told, token.dump()


def _sign(asked: dict[str, Any], content: bytes, signer: signers.Signer, roots: bytes) -> bytes:
    together = SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
    said = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=asked["number"],
        contact_info=asked["token"],
        location=asked["address"],
        reason=asked["reason"],
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=_context(asked, roots),
        dss_settings=DSSContentSettings(include_vri=False, placement=together),
    )
    made = signers.PdfSigner(said, signer, timestamper=_client(asked)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(content))
    )
    sealed: bytes = made.getvalue()
    return sealed


def _signer(asked: dict[str, Any]) -> signers.SimpleSigner:
    """The key and its certificates, from a PKCS#12 or from two PEM files."""
    passphrase = asked["passphrase"].encode() or None
    if asked["pkcs12"]:
        load = signers.SimpleSigner.load_pkcs12
        signer = load(asked["pkcs12"], passphrase=passphrase)  # type: ignore[no-untyped-call]
    else:
        signer = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
            asked["key"],
            asked["certificate"],
            ca_chain_files=(asked["certificate"],),
            key_passphrase=passphrase,
        )
    if not isinstance(signer, signers.SimpleSigner):
        raise Unavailable("key", "the key cannot be read")
    return signer


def _context(asked: dict[str, Any], roots: bytes) -> ValidationContext:
    """Local revocation lists when they are given; otherwise those that the certificates name."""
    return ValidationContext(
        trust_roots=certificates_in(roots),
        crls=[_read(path) for path in asked["revocations"]],
        allow_fetching=not asked["revocations"],
        revocation_mode="require",
    )


def _client(asked: dict[str, Any]) -> TimestampClient:
    return TimestampClient(asked["timestamp_url"], seconds=asked["seconds"])


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unavailable("key", error) from error


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()


if __name__ == "__main__":
    main()
