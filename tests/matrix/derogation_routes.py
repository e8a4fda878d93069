"""The rows of requests of derogations, and of what ITQ sets over them."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH, POST, INVALID = ("GET", "POST"), ("POST",), 422
KEEPS = ("record_delegation",)
SEE, ASK, SET = ("see_derogations",), ("ask_derogation",), ("set_derogation_rules",)


def page(name: str, **asked: Any) -> Row:
    """A page of the member."""
    return Row(f"derogations:{name}", Kind.MEMBER, **asked)


def one(name: str, on: str = "derogation", **asked: Any) -> Row:
    """A page of one request, or of what hangs on it."""
    return page(name, on=on, see=SEE, **asked)


def written(name: str, on: str = "derogation", **asked: Any) -> Row:
    """A form of a draft."""
    return one(name, on, **{"get": ASK, "post": ASK, "methods": BOTH, "done": INVALID, **asked})


def pressed(name: str, on: str) -> Row:
    """A button of a draft."""
    return one(name, on, post=ASK, methods=POST)


def staff(name: str, **asked: Any) -> Row:
    """A page of ITQ's administrators."""
    return Row(f"derogations:{name}", Kind.STAFF, see=SET, **asked)


DEROGATION_ROWS = (
    page("request_list"),  # empty for those who see none; its menu entry is not shown either
    page("request_new", see=ASK, refused=404, methods=BOTH, done=INVALID),
    page("request_earlier", see=ASK, refused=404, methods=BOTH, done=INVALID),
    one("request_detail"),
    written("request_kinds"),
    written("request_edit"),
    written("place_add"),
    written("place_edit", "derogation_place"),
    pressed("place_remove", "derogation_place"),
    written("test_add", "derogation_place"),
    pressed("test_remove", "derogation_test"),
    written("attachment_add"),
    one("attachment_file", "derogation_paper"),
    pressed("attachment_remove", "derogation_paper"),
    one("provider_form_file"),
    one("provider_form_filled"),
    written("request_submit", done=302),
    one(
        "reexamination",
        "derogation_flagged",
        get=KEEPS,
        post=KEEPS,
        methods=BOTH,
        done=INVALID,
    ),
    one("request_cancel", post=ASK, methods=POST),
    one("message_write", methods=POST),
    one("annex_ask", "derogation_talked", methods=POST),
    one("annex_file", "derogation_talked"),
    one("request_version", "derogation_frozen"),
    one("request_document", "derogation_frozen"),
    staff("proof_rule_list"),
    staff("proof_rule_new", methods=BOTH, done=INVALID),
    staff("provider_form_list"),
    staff("provider_form_new", methods=BOTH, done=INVALID),
    staff("staff_form_file", on="provider_form"),
    staff("reply_template_list"),
    staff("reply_template_new", methods=BOTH, done=INVALID),
    staff("reply_template_edit", on="reply_template", methods=BOTH, done=INVALID),
    staff("reminder_delay_edit", methods=BOTH, done=INVALID),
)
DEROGATION_KEYS: dict[str, dict[str, Any]] = {
    "derogations:request_edit": {"part": "besoin"},
    "derogations:request_version": {"version": 1},
    "derogations:request_document": {"version": 1},
    **{
        f"derogations:{name}": {"form": lambda world: world.objects["provider_form"]["A"].pk}
        for name in ("provider_form_file", "provider_form_filled")
    },
}
DEROGATION_FORMS: dict[str, Any] = {
    "derogations:request_cancel": lambda world, where, persona: {"cancel-reason": "Erreur"},
    "derogations:message_write": lambda world, where, persona: {"message-text": "Bonjour"},
}
