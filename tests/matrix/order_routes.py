"""The rows of orders: built, submitted, sent, followed."""

from typing import Any

from tests.matrix.expected import PLACES, Kind, Persona, Row, Where
from tests.personas import World

BOTH = ("GET", "POST")
SEE, ORDER = ("see_orders",), ("order",)


def page(name: str, **asked: Any) -> Row:
    """A member's page."""
    return Row(f"orders:{name}", Kind.MEMBER, **asked)


def act(name: str, on: str, post: tuple[str, ...], **asked: Any) -> Row:
    """A form of an order's page: seen through the gate, then asked."""
    return page(name, on=on, see=SEE, methods=("POST",), post=post, **asked)


EVERY_STATE = (
    *("order_awaiting", "order_entered", "order_unknown", "order_sent", "order_delivered"),
)
ORDER_ROWS = (
    page("order_list"),  # empty for those who see no order; its menu entry is not shown either
    page("order_start", see=ORDER, refused=404),
    page("line_add", see=ORDER, refused=404, methods=BOTH),
    page("order_detail", on="order", also=EVERY_STATE, see=SEE),
    page("order_sheet", on="order_sent", see=SEE),
    page("line_edit", on="order", see=SEE, get=ORDER, post=ORDER, methods=BOTH),
    act("line_remove", "order", ORDER),
    act("order_repeat", "order", ORDER),
    act("order_update", "order", ORDER),
    act("order_submit", "order", ORDER),
    act("order_placed", "order", ORDER),
    act("order_cancel", "order", ORDER),
    act("order_reopen", "order_awaiting", ORDER),
    act("order_provider_entry", "order_entered", ORDER),
    act("order_new_link", "order_sent", ORDER),
    act("order_settle", "order_unknown", ("settle_sending",)),
    act("order_receive", "order_sent", ORDER),
    act("order_close", "order_delivered", ORDER),
    act("milestone_record", "order_sent", ("record_milestone",)),
    Row(
        "orders:sheet_download",
        Kind.PUBLIC,
        methods=BOTH,
        shown=404,
        done=404,
        anonymous={"GET": 404, "POST": 404},
    ),
)
ORDER_KEYS: dict[str, dict[str, Any]] = {
    "orders:line_add": {"kind": "new_line"},
    "orders:line_edit": {"position": 1},
    "orders:line_remove": {"position": 1},
    "orders:milestone_record": {"position": 1},
    "orders:sheet_download": {"token": "absent"},
}


def own_place(persona: Persona, where: Where, *may: str) -> str:
    """A place of the member where the persona may, else its root."""
    inside = sorted(PLACES.get(where.member, PLACES["A"]) & persona.reach(may))
    return inside[0] if inside else where.member if where.member in PLACES else "A"


def place_of(where: Where) -> str:
    """The place of the object, or any other when it is missing."""
    return where.object if where.object in PLACES else "A1"


def line_fields(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """The draft's own line, sent again."""
    line = world.objects["order"][place_of(where)].lines.get(position=1)
    names = ("device", "plan", "holder", "cost_centre", "address")
    return {name: getattr(line, f"{name}_id") for name in names} | {
        "sim_kind": line.sim_kind,
        "quantity": 1,
    }


def new_lines(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """A first line for one holder of the first branch where the persona orders."""
    line = world.objects["order"][own_place(persona, where, "order")].lines.get(position=1)
    return {
        "device": line.device_id,
        "plan": line.plan_id,
        "address": line.address_id,
        "sim_kind": line.sim_kind,
        "quantity": 1,
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        "rows-0-holder": line.holder_id,
        "rows-0-cost_centre": line.cost_centre_id,
    }


ORDER_FORMS: dict[str, Any] = {
    "orders:line_add": new_lines,
    "orders:line_edit": line_fields,
    "orders:order_submit": lambda world, where, persona: {"attested": "on"},
    "orders:order_placed": lambda world, where, persona: {
        "placed-placed_on": "2026-11-02",
        "placed-confirmation": "R-1",
        "placed-attested": "on",
    },
    "orders:order_cancel": lambda world, where, persona: {"cancel-reason": "Erreur"},
    "orders:order_reopen": lambda world, where, persona: {"reopen-reason": "Erreur"},
    "orders:order_provider_entry": lambda world, where, persona: {"confirmation": "R-1"},
    "orders:order_settle": lambda world, where, persona: {"arrived": "oui", "note": "Appelé"},
    "orders:milestone_record": lambda world, where, persona: {
        "m1-kind": "shipped",
        "m1-reached_on": "2026-11-02",
    },
}
