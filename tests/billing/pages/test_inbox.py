"""What home says of bills to verify and to release."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.kinds import InvoiceState, Severity
from billing.models import Invoice
from billing.queries import inbox
from members.roles import Role
from portal.clock import today
from portal.templatetags.portal import money
from tests.billing.factories import FindingFactory, InvoiceFactory, InvoiceVersionFactory
from tests.billing.pages.world import signed_in

pytestmark = pytest.mark.django_db


def invoices(bills, count, state, *, due_on=None):
    """So many of the member's invoices, each shown, each of one hundred dollars."""
    for _each in range(count):
        invoice = InvoiceFactory(branch=bills.root, state=state)
        InvoiceVersionFactory(
            invoice=invoice, due_amount=Decimal("100.00"), due_on=due_on, shown=True
        )


def verifying(bills):
    return [item for item in inbox.bill_items(bills.person(Role.FACTU)) if "?etat=" in item.url]


def test_many_to_verify_are_counted_and_summed_though_few_are_read(bills, monkeypatch):
    monkeypatch.setattr(inbox, "_MOST", 3)
    before = bills.told().current.due_amount
    invoices(bills, 11, InvoiceState.TO_VERIFY)
    (item,) = [one for one in verifying(bills) if "to_verify" in one.url]
    assert item.title == "Factures à vérifier : 12"
    assert item.detail.endswith(money(before + 1100))


def test_verified_ones_that_fall_due_have_their_own_line_and_the_others_none(bills):
    invoices(bills, 5, InvoiceState.VERIFIED, due_on=today() + timedelta(days=2))
    invoices(bills, 2, InvoiceState.VERIFIED, due_on=today() + timedelta(days=30))
    (item,) = [one for one in verifying(bills) if "verified" in one.url]
    assert (item.title, item.urgent) == ("Factures à libérer : 5", True)


def put_at_stake(invoice, *told):
    """Findings of these rules, severities and amounts."""
    for rule, severity, amount in told:
        FindingFactory(
            version=invoice.current,
            branch=invoice.branch,
            rule=rule,
            severity=severity,
            at_stake_amount=amount and Decimal(amount),
        )


def test_an_invoice_to_verify_tells_what_is_at_stake(client, bills):
    """A gap is one whether above or below; found again in the amount due, it counts once."""
    factu = bills.person(Role.FACTU)
    (item,) = [one for one in inbox.bill_items(factu) if one.kind == "Facture"]
    assert "en jeu" not in item.detail
    url = bills.url("invoice_detail", bills.invoice.pk)
    assert '<p class="stat__value">–</p>' in signed_in(client, factu).get(url).content.decode()
    put_at_stake(
        bills.told(),
        ("A04", Severity.BLOCKS, "-20.00"),
        ("A04", Severity.BLOCKS, "-20.00"),
        ("A10", Severity.BLOCKS, "5.00"),
        ("A02", Severity.BLOCKS, None),
        ("C02", Severity.DISPUTE, "1.50"),
        ("B02", Severity.INFORMS, "40.00"),
    )
    (item,) = [one for one in inbox.bill_items(factu) if one.kind == "Facture"]
    assert item.detail.endswith(f"en jeu : {money(Decimal('26.50'))}")
    invoices(bills, 1, InvoiceState.PAID)
    listed = client.get(bills.url("invoice_list") + "?tri=-en_jeu").context["listing"].page
    assert [one.stake_amount for one in listed] == [Decimal("26.50"), None]
    for page in (url, bills.url("invoice_list")):
        assert money(Decimal("26.50")) in client.get(page).content.decode()


def test_many_to_verify_tell_what_they_put_at_stake_together(bills):
    invoices(bills, 5, InvoiceState.TO_VERIFY)
    for invoice in Invoice.objects.select_related("current", "branch"):
        put_at_stake(invoice, ("A10", Severity.BLOCKS, "2.00"))
    (item,) = [one for one in verifying(bills) if "to_verify" in one.url]
    assert item.detail.endswith(f"en jeu : {money(Decimal(12))}")
