"""The rows of the seal: everybody's check, the sealed document, the evidence."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH, POST = ("GET", "POST"), ("POST",)
SEE = ("see_derogations",)
OPEN = {"GET": 200, "POST": 200}

SEAL_ROWS = (
    Row("derogations:verification", Kind.PUBLIC, methods=BOTH, done=200, anonymous=OPEN),
    # A code that names nothing; one that does is told in tests/derogations/test_verification.py.
    Row(
        "derogations:verification_detail",
        Kind.PUBLIC,
        shown=404,
        anonymous={"GET": 404, "POST": 405},
    ),
    Row("derogations:sealed_document", Kind.MEMBER, on="derogation_sealed", see=SEE),
    Row(
        "derogations:evidence_download",
        Kind.MEMBER,
        on="derogation_sealed",
        see=SEE,
        post=SEE,
        methods=POST,
        done=200,
    ),
)
SEAL_KEYS: dict[str, dict[str, Any]] = {"derogations:verification_detail": {"token": "f" * 32}}
