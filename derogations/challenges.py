"""What a signer's key signs: the terms of one act, in canonical form, and their SHA-256."""

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import rfc8785

if TYPE_CHECKING:
    from derogations.models import Challenge

TAG = "portail-cellulaire/derogation/1"
LIFE = timedelta(minutes=10)
NONCE_BYTES = 16


def new_nonce() -> str:
    """128 bits, hexadecimal."""
    return secrets.token_hex(NONCE_BYTES)


def session_digest(session_key: str) -> str:
    """The session, as the challenge keeps it."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def terms_of(challenge: "Challenge", declaration: str) -> dict[str, Any]:
    """Everything that the gesture is bound to; kept with the proof, so that anyone hashes it again.

    (tag, act, nonce, hashes of content, paper and declaration, heads, lines, person.)
    """
    return {
        "tag": TAG,
        "act": challenge.act,
        "nonce": challenge.nonce,
        "content_sha256": challenge.content_sha256,
        "pdf_sha256": challenge.pdf_sha256,
        "declaration_sha256": hashlib.sha256(declaration.encode()).hexdigest(),
        "kinds": sorted(challenge.kinds),
        "line": challenge.delegation_id,
        "own_line": challenge.own_delegation_id,
        "person": challenge.person_id,
    }


def digest_of(terms: dict[str, Any]) -> bytes:
    """SHA-256 of the terms in canonical JSON (RFC 8785): WebAuthn's own challenge."""
    return hashlib.sha256(rfc8785.dumps(terms)).digest()
