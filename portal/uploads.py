"""A document as received, typed by its content and never by its name (PDF, PNG, JPEG)."""

from dataclasses import dataclass

LARGEST = 20 * 1024 * 1024
"""bytes"""

SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
"""How each accepted type begins; the name and the browser's word prove nothing."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes, the name given, and the type that the bytes show."""

    content: bytes
    name: str
    content_type: str


def type_of(content: bytes) -> str | None:
    """The accepted type that ``content`` shows, or None."""
    for start, content_type in SIGNATURES.items():
        if content.startswith(start):
            return content_type
    return None
