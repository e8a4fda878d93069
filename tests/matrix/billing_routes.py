"""The rows of a member's bills: read, verified, released, paid, settled."""

from typing import Any

from tests.matrix.expected import Kind, Persona, Row, Where
from tests.matrix.order_routes import own_place
from tests.personas import World

BOTH, POST = ("GET", "POST"), ("POST",)
SEE, CHARGES, VERIFY = ("see_invoices",), ("see_charges",), ("verify_invoices",)
RELEASED, PAY = ("see_released_invoices",), ("record_payment",)
MATCH, KEEP, IMPORT = ("match_billed_lines",), ("keep_lines",), ("import_bills",)
GIVE = ("give_billing_mandate",)
INVALID = 422


def bills(name: str, see: tuple[str, ...], **asked: Any) -> Row:
    """A page of the bills; 403 for whoever may on no branch of the member."""
    return Row(f"billing:{name}", Kind.MEMBER, see=see, **asked)


def act(name: str, on: str) -> Row:
    """What FACTU does over an invoice."""
    return bills(name, SEE, on=on, post=VERIFY, methods=POST)


STATES = ("invoice_verified", "invoice_released", "invoice_paid")
BILLING_ROWS = (
    bills("invoice_list", SEE),
    bills("invoice_type", IMPORT, methods=BOTH, done=INVALID),
    bills("line_list", CHARGES),
    bills("use_overview", ("see_use",)),
    bills("invoice_detail", SEE, on="invoice", also=STATES),
    bills("invoice_centres", SEE, on="invoice"),
    bills("invoice_lines", SEE, on="invoice"),
    bills("invoice_document", SEE, on="invoice"),
    act("invoice_verify", "invoice"),
    act("invoice_dispute", "invoice"),
    act("invoice_release", "invoice_verified"),
    act("invoice_hold", "invoice"),
    bills("invoice_correct_period", SEE, on="invoice", post=IMPORT, methods=POST),
    bills("invoice_withdraw", SEE, on="invoice", post=IMPORT, methods=POST),
    bills("line_detail", CHARGES, on="billed_line"),
    bills("line_charges", CHARGES, on="billed_line", methods=POST, done=200),
    bills("line_use", CHARGES, on="billed_line", post=("see_use_detail",), methods=POST, done=200),
    bills("charge_source", CHARGES, on="billed_line", methods=BOTH, done=200),
    bills("payment_list", RELEASED),
    bills(
        "payment_detail",
        RELEASED,
        on="invoice_released",
        post=PAY,
        methods=BOTH,
    ),
    bills("payment_document", RELEASED, on="invoice_paid"),
    bills("gap_list", MATCH),
    bills("gap_settle", MATCH, methods=BOTH, shown=404, done=404),  # no line is chosen
    bills("proposal_list", KEEP),
    bills("proposal_decide", KEEP, methods=BOTH, shown=404, done=404),
    bills("month_statement", SEE),
    bills("statement_print", SEE, methods=POST),
    bills("statement_file", SEE, on="month_statement"),
    bills("expected_files", IMPORT),
    bills("mandate", GIVE),
    bills("mandate_give", GIVE, methods=POST, done=INVALID),
    bills("mandate_revoke", GIVE, on="billing_mandate", methods=POST),
    bills("payment_separation", ("name_payer",), methods=POST),
)


def separated(world: World, where: Where, persona: Persona) -> dict[str, Any]:
    """A branch where the persona names payers."""
    place = own_place(persona, where, "name_payer")
    return {"rule-branch": world.branches[place].pk, "rule-is_separated": "on"}


BILLING_FORMS: dict[str, Any] = {
    "billing:invoice_verify": lambda world, where, persona: {"verify-version": 1},
    "billing:invoice_dispute": lambda world, where, persona: {
        "dispute-version": 1,
        "dispute-reason": "Ligne inconnue",
    },
    "billing:invoice_release": lambda world, where, persona: {"release-version": 1},
    "billing:invoice_hold": lambda world, where, persona: {
        "hold-version": 1,
        "hold-reason": "Montant surprenant",
        "hold-until": "2099-12-31",
    },
    "billing:invoice_correct_period": lambda world, where, persona: {
        "period-version": 1,
        "period-starts_on": "2019-03-01",
        "period-ends_on": "2019-03-31",
        "period-reason": "Mauvaise période",
    },
    "billing:invoice_withdraw": lambda world, where, persona: {
        "withdraw-version": 1,
        "withdraw-reason": "Mauvaise période",
    },
    "billing:line_charges": lambda world, where, persona: {"charges-reason": "Contestation"},
    "billing:charge_source": lambda world, where, persona: {"charges-reason": "Contestation"},
    "billing:line_use": lambda world, where, persona: {"use-reason": "Plainte"},
    "billing:payment_detail": lambda world, where, persona: {
        "reference": "SAGIR-1",
        "paid_on": "2020-02-20",
        "amount": "114,98",
    },
    "billing:statement_print": lambda world, where, persona: {"mois": "2020-01"},
    "billing:mandate_give": lambda world, where, persona: {"mandate-until": "2019-01-01"},
    "billing:payment_separation": separated,
}
