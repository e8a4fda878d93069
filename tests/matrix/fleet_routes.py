"""The rows of the lines in service, their holders and addresses, and the take-over."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH, POST = ("GET", "POST"), ("POST",)
LINES, KEEP, ORDERS = ("see_lines",), ("keep_lines",), ("see_orders",)
INVALID = 422


def fleet(name: str, *may: str, **asked: Any) -> Row:
    """A page of the fleet; 403 for whoever may on no branch of the member."""
    return Row(f"orders:{name}", Kind.MEMBER, see=may, **asked)


def form(name: str, **asked: Any) -> Row:
    """A page that takes a form."""
    return fleet(name, "keep_lines", **{"methods": BOTH, "done": INVALID, **asked})


def one(name: str, on: str, see: tuple[str, ...], **asked: Any) -> Row:
    """A page over one object."""
    return Row(f"orders:{name}", Kind.MEMBER, on=on, see=see, **asked)


FLEET_ROWS = (
    fleet("line_list", "see_lines"),
    one("line_detail", "line", LINES),
    one("line_change", "line", LINES, get=KEEP, post=KEEP, methods=BOTH, done=INVALID),
    form("line_bulk_change", shown=404, done=404),  # no line is chosen
    fleet("holder_list", "see_lines"),
    form("holder_add"),
    one("holder_edit", "holder", LINES, get=KEEP, post=KEEP, methods=BOTH, done=INVALID),
    one("holder_retire", "holder", LINES, post=KEEP, methods=POST),
    one("holder_restore", "holder", LINES, post=KEEP, methods=POST),
    fleet("address_list", "see_orders"),
    form("address_add"),
    one("address_retire", "address", ORDERS, post=KEEP, methods=POST),
    one("address_confirm", "address", ORDERS, post=("confirm_address",), methods=POST),
    fleet("fleet_import_list", "keep_lines"),
    form("fleet_import_add"),
    fleet("fleet_import_template", "keep_lines"),
    one("fleet_import_detail", "fleet_import", KEEP),
    one("fleet_import_file", "fleet_import", KEEP),
    one("fleet_import_apply", "fleet_import", KEEP, post=KEEP, methods=POST),
    Row("orders:dispatch_mode_list", Kind.STAFF, see=("manage_contracts",)),
    Row(
        "orders:dispatch_mode_new",
        Kind.STAFF,
        see=("manage_contracts",),
        methods=BOTH,
        done=INVALID,
    ),
)
