"""A typed invoice's wrong period is corrected, paid or not; its money is asked once (ADR 0017)."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from billing.kinds import InvoiceState
from billing.models import Finding, Invoice, InvoiceVersion
from billing.queries.payments import owing_of
from members.roles import Role
from portal.models import AuditEvent
from tests.billing.factories import (
    InvoiceFactory,
    InvoiceVersionFactory,
    PaymentFactory,
    ReleaseFactory,
)
from tests.billing.pages.test_settling import typed, withdraw
from tests.billing.pages.world import signed_in

pytestmark = pytest.mark.django_db
NOVEMBER = DateRange(date(2020, 11, 1), date(2020, 12, 1))
BILLED = DateRange(date(2020, 10, 24), date(2020, 11, 24))
PAID = Decimal("1264.73")


@pytest.fixture
def factu(client, bills):
    return signed_in(client, bills.person(Role.FACTU))


@pytest.fixture
def paid(bills, factu):
    """Typed from 1 to 30 November, released and paid whole."""
    told = typed(bills, starts_on="2020-11-01", ends_on="2020-11-30")
    assert factu.post(bills.url("invoice_type"), told).status_code == 302
    invoice = Invoice.objects.select_related("current").get(period=NOVEMBER)
    release = ReleaseFactory(
        branch=bills.root, invoice=invoice, version=invoice.current, amount=PAID
    )
    PaymentFactory(release=release, branch=bills.root, amount=PAID, reference="SAGIR-9")
    Invoice.objects.filter(pk=invoice.pk).update(state=InvoiceState.PAID)
    return invoice


def of_file(bills, period=BILLED, **state):
    """What a file gives of the account."""
    invoice = InvoiceFactory(account=bills.account, branch=bills.root, period=period, **state)
    source = bills.told().current.charge_import
    InvoiceVersionFactory(
        invoice=invoice, detail="charges", charge_import=source, due_amount=PAID, shown=True
    )
    return invoice


def correct(client, bills, invoice, starts_on, ends_on, reason="Jours du cycle"):
    told = {
        "period-version": invoice.current.number,
        "period-starts_on": starts_on,
        "period-ends_on": ends_on,
        "period-reason": reason,
    }
    return client.post(bills.url("invoice_correct_period", invoice.pk), told)


def words(answer):
    """What a page says, without its no-break spaces."""
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def shown(bills):
    """The periods of the account's invoices that are shown since October."""
    rows = Invoice.objects.filter(account=bills.account, current__isnull=False)
    return [one.period for one in rows.order_by("period") if one.period.lower.month >= 10]


def test_a_paid_typing_takes_its_right_period_with_its_payments(factu, bills, paid):
    page = factu.get(bills.url("invoice_detail", paid.pk)).content.decode()
    assert bills.url("invoice_correct_period", paid.pk) in page
    assert "« Corriger la période »" in words(withdraw(factu, bills, paid))
    assert correct(factu, bills, paid, "2020-10-24", "2020-11-23").status_code == 302
    assert shown(bills) == [BILLED]
    right = Invoice.objects.select_related("current").get(period=BILLED)
    assert right.state == InvoiceState.TO_VERIFY
    assert right.current.document == paid.current.document
    assert owing_of(right, right.current.due_amount).rest == 0
    assert factu.get(bills.url("invoice_detail", paid.pk)).status_code == 404
    page = words(factu.get(bills.url("invoice_detail", right.pk)))
    assert "SAGIR-9" in page
    assert "du 2020-11-01 au 2020-11-30 : Jours du cycle" in page
    events = AuditEvent.objects.filter(code="invoice.period_corrected")
    assert events.count() == 2
    assert {event.data["paid"] for event in events} == {str(PAID)}


def test_a_file_s_invoice_takes_the_payments_of_the_typing_that_it_overlaps(factu, bills, paid):
    """« 1 au 30 novembre » was typed and paid; the file says 24 October to 23 November."""
    right = of_file(bills, state=InvoiceState.RELEASED)
    ReleaseFactory(branch=bills.root, invoice=right, version=right.current, amount=PAID)
    assert owing_of(right, PAID).to_pay == PAID
    refused = factu.post(
        bills.url("invoice_type"), typed(bills, starts_on="2020-10-24", ends_on="2020-11-23")
    )
    assert "« Corriger la période »" in words(refused)
    assert correct(factu, bills, paid, "2020-10-24", "2020-11-23").status_code == 302
    assert shown(bills) == [BILLED]
    right.refresh_from_db()
    assert right.state == InvoiceState.TO_VERIFY
    owing = owing_of(right, PAID)
    assert (owing.rest, owing.to_pay) == (0, 0)
    assert InvoiceVersion.objects.filter(invoice=right).count() == 1


def test_an_overlap_says_how_to_mend_it(factu, bills, paid):
    of_file(bills)
    typed_again = correct(factu, bills, paid, "2020-11-02", "2020-11-30")
    assert typed_again.status_code == 422
    told = typed_again.content.decode()
    assert "du 2020-10-24 au 2020-11-23" in told
    assert "donnez exactement ces jours" in told
    assert len(shown(bills)) == 2


@pytest.mark.parametrize(
    ("days", "reason", "told"),
    [
        (("2020-11-30", "2020-11-01"), "Cycle", "finit avant de commencer"),
        (("2020-11-01", "2020-11-30"), "Cycle", "déjà la période"),
        (("2020-10-24", "2020-11-23"), " ", "obligatoire"),
    ],
)
def test_what_is_no_correction_is_refused(factu, bills, paid, days, reason, told):
    answer = correct(factu, bills, paid, *days, reason=reason)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert shown(bills) == [NOVEMBER]


def test_a_file_s_period_is_not_corrected(factu, bills):
    answer = correct(factu, bills, bills.told(), "2020-10-24", "2020-11-23")
    assert "seule la période d'une saisie se corrige" in words(answer)


def test_a_typing_that_nobody_paid_leaves_no_release_behind(factu, bills):
    factu.post(bills.url("invoice_type"), typed(bills))
    invoice = Invoice.objects.get(period__startswith=date(2020, 2, 1))
    assert correct(factu, bills, invoice, "2020-10-24", "2020-11-23").status_code == 302
    right = Invoice.objects.get(period=BILLED)
    assert not right.releases.exists()
    assert not Finding.objects.filter(version=right.current, rule="A08").exists()
    again = correct(factu, bills, right, "2020-02-01", "2020-02-29")  # it was right, after all
    assert again.status_code == 302
    invoice.refresh_from_db()
    assert invoice.current.number == 2
