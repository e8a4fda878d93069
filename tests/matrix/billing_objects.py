"""At each place: an invoice in each state that an act wants, its lines, and what hangs on it."""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model

from billing.kinds import Detail, InvoiceState
from billing.models import Invoice, InvoiceVersion
from members.models import Branch
from portal.files import store
from tests.billing.factories import (
    CentreTotalFactory,
    CentreUseFactory,
    FindingFactory,
    GapFactory,
    ImportFactory,
    InvoiceFactory,
    InvoiceVersionFactory,
    LineProposalFactory,
    LineTotalFactory,
    LineUseFactory,
    MonthStatementFactory,
    PaymentFactory,
    PaymentRuleFactory,
    ReleaseFactory,
)
from tests.billing.pages.world import KNOWN, fill_charges, fill_usage, opened
from tests.members.factories import BillingMandateFactory

LONG_AGO = DateTimeTZRange(datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))


def invoice_in(branch: Branch, mark: str, state: str) -> Invoice:
    """A typed invoice with its document, a finding and totals, in a state."""
    paper = store(f"%PDF {mark}".encode(), name="facture.pdf", content_type="application/pdf")
    invoice: Invoice = InvoiceFactory(branch=branch, state=state)
    version = InvoiceVersionFactory(
        invoice=invoice, number=1, invoice_number=f"F {mark}", document=paper, shown=True
    )
    placed = {"version": version, "branch": branch}
    FindingFactory(**placed, evidence={"message": f"Constat {mark}"}, severity="I")
    LineTotalFactory(**placed, subscriber=f"Abonné {mark}")
    CentreTotalFactory(**placed)
    CentreUseFactory(**placed)
    return invoice


def billed_line(branch: Branch, mark: str) -> Model:
    """A line of an imported invoice, with its rows; it knows the keys of its own address."""
    invoice: Any = InvoiceFactory(branch=branch)
    source, used = (
        ImportFactory(branch=branch, storage=opened(invoice.account, kind))
        for kind in ("charge", "usage")
    )
    fill_charges(source, invoice.account)
    fill_usage(used, invoice.account)
    version: InvoiceVersion = InvoiceVersionFactory(
        invoice=invoice,
        number=1,
        detail=Detail.COMPLETE,
        charge_import=source,
        usage_import=used,
        shown=True,
    )
    placed = {"version": version, "branch": branch, "number": KNOWN}
    LineUseFactory(**placed)
    total: Any = LineTotalFactory(**placed, subscriber=f"Abonné {mark}")
    total.invoice, total.row = invoice.pk, 2
    return total  # type: ignore[no-any-return]


def to_verify(branch: Branch, mark: str) -> Model:
    """As it is published."""
    return invoice_in(branch, mark, InvoiceState.TO_VERIFY)


def verified(branch: Branch, mark: str) -> Model:
    """Nobody said yet what is paid of it."""
    return invoice_in(branch, mark, InvoiceState.VERIFIED)


def released(branch: Branch, mark: str) -> Model:
    """Whole, not paid yet."""
    invoice = invoice_in(branch, mark, InvoiceState.RELEASED)
    ReleaseFactory(branch=branch, invoice=invoice, version=invoice.current)
    return invoice


def paid(branch: Branch, mark: str) -> Model:
    """Released, then paid."""
    invoice = invoice_in(branch, mark, InvoiceState.PAID)
    release = ReleaseFactory(branch=branch, invoice=invoice, version=invoice.current)
    PaymentFactory(release=release, branch=branch, reference=f"P {mark}")
    return invoice


def printed(branch: Branch, mark: str) -> Model:
    """A month's PDF that is ready."""
    paper = store(f"%PDF état {mark}".encode(), name="etat.pdf", content_type="application/pdf")
    made: Model = MonthStatementFactory(branch=branch, file=paper)
    return made


def gap(branch: Branch, mark: str) -> Model:
    """On an invoice that is shown."""
    invoice = invoice_in(branch, mark, InvoiceState.TO_VERIFY)
    found: Model = GapFactory(version=invoice.current, branch=branch, subscriber=f"Abonné {mark}")
    return found


def proposal(branch: Branch, mark: str) -> Model:
    """To open a line."""
    found: Model = LineProposalFactory(branch=branch, values={"plan_label": ["", mark]})
    return found


def rule(branch: Branch, mark: str) -> Model:
    """Two people release and pay."""
    found: Model = PaymentRuleFactory(branch=branch)
    return found


def mandate(branch: Branch, mark: str) -> Model:
    """One that ended long ago, so that it opens nothing."""
    ended: Model = BillingMandateFactory(branch=branch, period=LONG_AGO)
    return ended


def billing_kinds() -> dict[str, Any]:
    """A builder for each thing that an address of the bills names."""
    return {
        "invoice": to_verify,
        "invoice_verified": verified,
        "invoice_released": released,
        "invoice_paid": paid,
        "billed_line": billed_line,
        "month_statement": printed,
        "billing_mandate": mandate,
        "gap": gap,
        "line_proposal": proposal,
        "payment_rule": rule,
    }
