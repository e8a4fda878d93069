"""The rows of the delegation plan's pages."""

from typing import Any

from tests.matrix.expected import Kind, Row
from tests.matrix.member_routes import BOTH, INVALID, POST

SEE = ("see_plan",)
RECORD = ("record_delegation",)
CONFIRM = ("confirm_delegation",)
ATTEST = ("attest_identity",)


def page(name: str, **asked: Any) -> Row:
    """A page of the plan without an object."""
    return Row(f"members:{name}", Kind.MEMBER, **{"see": SEE, **asked})


def form(name: str, *may: str, **asked: Any) -> Row:
    return page(name, **{"see": may, "methods": BOTH, "done": INVALID, **asked})


def one(name: str, on: str, *may: str, **asked: Any) -> Row:
    """A form over one object of the plan: seen first, then asked."""
    options = {"methods": BOTH, "done": INVALID, "get": may, "post": may, **asked}
    return Row(f"members:{name}", Kind.MEMBER, on=on, see=SEE, **options)


def seen(name: str, on: str, **asked: Any) -> Row:
    return Row(f"members:{name}", Kind.MEMBER, on=on, see=SEE, **asked)


def pressed(name: str, on: str, *may: str, **asked: Any) -> Row:
    return seen(name, on, post=may, methods=POST, **asked)


PLAN_ROWS = (
    page("plan_overview"),
    page("plan_list"),
    form("plan_open", *RECORD, scope="root"),
    seen("plan_detail", "plan", rooted=True),
    seen("plan_act", "plan", rooted=True),
    one("plan_end", "plan", *RECORD, rooted=True),
    one("signing_rule_set", "plan", *RECORD, rooted=True),
    pressed("signing_rule_remove", "signing_rule", *RECORD, rooted=True),
    pressed("signing_rule_confirm", "signing_rule", *CONFIRM, rooted=True),
    page("delegation_list"),
    form("delegation_record", *RECORD),
    form("delegation_import", *RECORD, scope="root"),
    page("delegation_import_template", see=RECORD, scope="root"),
    page("delegation_import_apply", see=RECORD, scope="root", methods=POST),
    seen("delegation_detail", "delegation"),
    one("delegation_correct", "delegation", *RECORD),
    one("delegation_end", "delegation", *RECORD),
    one("delegation_confirm", "delegation", *CONFIRM, done=302),
    one("signer_attest", "delegation", *ATTEST, shown=404, done=404),
    one("signer_invite", "delegation", *RECORD, shown=404, done=404),
    one("signer_factor_reset", "delegation", *ATTEST, shown=404, done=404),
    one("interim_name", "delegation", *RECORD),
    seen("interim_act", "interim"),
    pressed("interim_confirm", "interim", *CONFIRM),
    one("interim_end", "interim", *RECORD),
    form("absence_declare", "declare_absence"),
    pressed("absence_end", "absence", "declare_absence"),
    Row("members:my_absence", Kind.PERSON, methods=BOTH, done=INVALID),
    Row("members:my_absence_end", Kind.PERSON, methods=POST, done=404),
)

PLAN_KEYS: dict[str, dict[str, Any]] = {
    "members:my_absence_end": {"pk": 987_654_321},
    "members:signer_attest": {"person": 987_654_321},
    "members:signer_invite": {"person": 987_654_321},
    "members:signer_factor_reset": {"account": 987_654_321},
}
