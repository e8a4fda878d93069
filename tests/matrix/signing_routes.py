"""The rows of signing: the signer's own pages, that ask no role, and the paper path (D-25)."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.matrix.expected import Kind, Persona, Row, Where
from tests.personas import World

BOTH, POST, INVALID = ("GET", "POST"), ("POST",), 422
SEE, ATTACH, CONFIRM = ("see_derogations",), ("attach_paper",), ("confirm_paper",)


def signer(name: str, on: str = "derogation_to_sign", **asked: Any) -> Row:
    """A page of whoever was granted the request."""
    return Row(f"derogations:{name}", Kind.SIGNER, on=on, **asked)


def paper(name: str, on: str = "derogation_to_sign", **asked: Any) -> Row:
    """A page of the paper path, under its member."""
    return Row(f"derogations:{name}", Kind.MEMBER, on=on, see=SEE, **asked)


SIGNING_ROWS = (
    Row("derogations:signature_list", Kind.PERSON),
    signer("signature_request", methods=BOTH),
    signer("signature_document"),
    signer("signature_paper", shown=404),
    signer("signature_sealed", shown=404),
    signer("signature_message", methods=POST, done=INVALID),
    signer("signature_refuse", methods=BOTH, done=INVALID),
    signer("signature_question", methods=BOTH, done=INVALID),
    signer("signature_enrol", methods=BOTH, shown=302, done=302),
    signer("signature_withdraw", "derogation_signed_once", methods=BOTH),
    signer(
        "signature_withdraw_confirm",
        "derogation_signed_once",
        methods=BOTH,
        shown=404,
        done=404,
    ),
    signer("signature_sign", methods=BOTH, shown=404, done=404),
    paper("paper_detail"),
    paper("paper_attach", post=ATTACH, methods=POST, done=INVALID),
    paper("paper_resolution", post=ATTACH, methods=POST, done=INVALID),
    paper("paper_confirm", "derogation_on_paper", post=CONFIRM, methods=POST),
    paper("paper_scan", "derogation_on_paper"),
)
SIGNING_KEYS: dict[str, dict[str, Any]] = {
    "derogations:signature_paper": {"paper": 987_654_321},
    "derogations:signature_withdraw_confirm": {"nonce": "0" * 32},
    "derogations:signature_sign": {"nonce": "0" * 32},
}


def scan() -> SimpleUploadedFile:
    """A document whose first bytes are those of a PDF."""
    return SimpleUploadedFile("signe.pdf", b"%PDF-1.7 signe", content_type="application/pdf")


def paper_fields(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """A day before the submission: whoever may attach is told so, nobody else gets that far."""
    from derogations.declarations import power_key
    from derogations.queries.papers import powers_on_paper

    places = world.objects["derogation_to_sign"]
    powers = powers_on_paper(places.get(where.object, places["A1"]))
    return {"power": power_key(powers[0]), "signed_on": "2020-01-01", "scan": scan()}


def resolution_fields(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """A line suffices there: whoever may attach is told so."""
    from derogations.queries.papers import people_on_paper

    places = world.objects["derogation_to_sign"]
    clerk = people_on_paper(places.get(where.object, places["A1"])).order_by("pk")[0]
    return {"clerk": clerk.pk, "number": "1", "adopted_on": "2020-01-01", "extract": scan()}


def confirm_fields(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """The scan that the page shows."""
    places = world.objects["derogation_on_paper"]
    return {"scan_sha256": places.get(where.object, places["A1"]).scan.sha256}


SIGNING_FORMS: dict[str, Any] = {
    "derogations:paper_attach": paper_fields,
    "derogations:paper_resolution": resolution_fields,
    "derogations:paper_confirm": confirm_fields,
}
