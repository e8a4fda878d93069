"""The rows of the catalogue, for members and for ITQ."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH = ("GET", "POST")
INVALID = 422
MANAGE, PARAMETERS = ("manage_catalogue",), ("manage_contracts",)


def member(name: str, **asked: Any) -> Row:
    """A member's page."""
    return Row(f"catalogue:{name}", Kind.MEMBER, **asked)


def staff(name: str, may: tuple[str, ...], **asked: Any) -> Row:
    """A page of ITQ's."""
    return Row(f"catalogue:{name}", Kind.STAFF, see=may, **asked)


CATALOGUE_ROWS = (
    member("offer_list", see=("see_catalogue",), refused=404),
    member("offer_detail", see=("see_catalogue",), refused=404),
    member("request_list", see=("see_catalogue",), refused=404),
    member("request_new", see=("ask_offer",), refused=404, methods=BOTH, done=INVALID),
    member("request_detail", on="offer_request", see=("see_catalogue",)),
    member(
        "request_read",
        on="offer_request",
        see=("see_catalogue",),
        post=("asked_it",),  # somebody else asked: nobody here may
        methods=("POST",),
    ),
    staff("version_list", MANAGE),
    staff("version_detail", MANAGE, on="version"),
    staff("import_list", MANAGE),
    staff("import_new", MANAGE, methods=BOTH, done=INVALID),
    staff("import_template", MANAGE),
    staff("import_detail", MANAGE, on="list_import"),
    staff("import_publish", MANAGE, on="list_import", methods=("POST",), done=409),
    staff("import_file", MANAGE, on="list_import"),
    staff("request_queue", ("answer_members",)),
    staff("request_answer", ("answer_members",), on="offer_request", methods=BOTH, done=INVALID),
    staff("parameter_list", PARAMETERS),
    staff("body_new", PARAMETERS, methods=BOTH, done=INVALID),
    staff("provider_new", PARAMETERS, methods=BOTH, done=INVALID),
    staff("joining_rule_new", PARAMETERS, methods=BOTH, done=INVALID),
    staff("contract_new", PARAMETERS, methods=BOTH, done=INVALID),
    staff("phase_new", PARAMETERS, on="contract", methods=BOTH, done=INVALID),
    staff("tax_new", PARAMETERS, methods=BOTH, done=INVALID),
)
CATALOGUE_KEYS: dict[str, dict[str, Any]] = {
    "catalogue:offer_detail": {"pk": lambda world: world.objects["offer"]["A"].pk},
}
