"""The rows of what orders do with derogations: asked, chosen, renewed, counted by ITQ."""

from typing import Any

from tests.matrix.expected import Kind, Persona, Row, Where
from tests.matrix.order_routes import place_of
from tests.personas import World

POST = ("POST",)
ORDERS, SEE = ("see_orders",), ("see_derogations",)
GROUP = ("see_group_derogations",)


def member(name: str, **asked: Any) -> Row:
    """A page under a member's name."""
    return Row(f"orders:{name}", Kind.MEMBER, **asked)


DRAWING_ROWS = (
    member("line_derogation_ask", on="order_needing", see=ORDERS, post=("order",), methods=POST),
    member("line_derogation_choose", on="order_needing", see=ORDERS, post=("order",), methods=POST),
    member("derogation_dependents", on="derogation_signed", see=SEE),
    member(
        "derogation_renew",
        on="derogation_signed",
        see=SEE,
        post=("ask_derogation",),
        methods=POST,
    ),
    member("irregular_line_list", see=("see_lines",)),
    Row("orders:derogation_statistics", Kind.STAFF, see=GROUP),
    Row("orders:unserved_place_list", Kind.STAFF, see=GROUP),
    Row("orders:conformity_list", Kind.STAFF, see=GROUP),
)
DRAWING_KEYS: dict[str, dict[str, Any]] = {
    "orders:line_derogation_ask": {"position": 1},
    "orders:line_derogation_choose": {"position": 1},
}


def chosen(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """The signed derogation of the order's own place."""
    return {"choix-1-derogation": world.objects["derogation_signed"][place_of(where)].pk}


DRAWING_FORMS: dict[str, Any] = {
    "orders:line_derogation_ask": lambda world, where, persona: {"kind": "non_zero_cost_device"},
    "orders:line_derogation_choose": chosen,
}
