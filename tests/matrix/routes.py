"""A row for each route, written by hand: who it is for, what it asks, what it answers (D-06)."""

from collections.abc import Callable
from typing import Any

from tests.matrix.account_routes import ACCOUNT_KEYS, ACCOUNT_ROWS
from tests.matrix.billing_routes import BILLING_FORMS, BILLING_ROWS
from tests.matrix.billing_staff_routes import BILLING_STAFF_ROWS
from tests.matrix.catalogue_routes import CATALOGUE_KEYS, CATALOGUE_ROWS
from tests.matrix.console_routes import CONSOLE_ROWS
from tests.matrix.derogation_routes import (
    DEROGATION_FORMS,
    DEROGATION_KEYS,
    DEROGATION_ROWS,
)
from tests.matrix.drawing_routes import DRAWING_FORMS, DRAWING_KEYS, DRAWING_ROWS
from tests.matrix.expected import Kind, Persona, Row, Where
from tests.matrix.fleet_routes import FLEET_ROWS
from tests.matrix.member_routes import MEMBER_KEYS, MEMBER_ROWS
from tests.matrix.order_routes import ORDER_FORMS, ORDER_KEYS, ORDER_ROWS
from tests.matrix.plan_routes import PLAN_KEYS, PLAN_ROWS
from tests.matrix.seal_routes import SEAL_KEYS, SEAL_ROWS
from tests.matrix.signing_routes import SIGNING_FORMS, SIGNING_KEYS, SIGNING_ROWS
from tests.personas import World

_PORTAL = (
    Row("portal:home", Kind.PERSON),
    Row("portal:health", Kind.PUBLIC, shown=503, anonymous={"GET": 503, "POST": 405}),
    Row("portal:gallery", Kind.PUBLIC, anonymous={"GET": 200, "POST": 405}),
)

ALL_ROWS = (
    *ACCOUNT_ROWS,
    *_PORTAL,
    *MEMBER_ROWS,
    *PLAN_ROWS,
    *CATALOGUE_ROWS,
    *DEROGATION_ROWS,
    *SIGNING_ROWS,
    *SEAL_ROWS,
    *ORDER_ROWS,
    *FLEET_ROWS,
    *DRAWING_ROWS,
    *BILLING_ROWS,
    *BILLING_STAFF_ROWS,
    *CONSOLE_ROWS,
)
ROWS: dict[str, Row] = {row.name: row for row in ALL_ROWS}

KEYS: dict[str, dict[str, Any]] = {
    **ACCOUNT_KEYS,
    **MEMBER_KEYS,
    **PLAN_KEYS,
    **CATALOGUE_KEYS,
    **DEROGATION_KEYS,
    **SIGNING_KEYS,
    **SEAL_KEYS,
    **ORDER_KEYS,
    **DRAWING_KEYS,
}
"""Parameters that name no object of the row, or how to find their value in the world."""

FORMS: dict[str, Callable[[World, Where, Persona], dict[str, Any]]] = {
    **ORDER_FORMS,
    **DRAWING_FORMS,
    **DEROGATION_FORMS,
    **SIGNING_FORMS,
    **BILLING_FORMS,
}
"""What each form sends, for a row whose act succeeds."""
