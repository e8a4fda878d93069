"""What home says of bills to verify and to release."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.kinds import InvoiceState
from billing.queries import inbox
from members.roles import Role
from portal.clock import today
from portal.templatetags.portal import money
from tests.billing.factories import InvoiceFactory, InvoiceVersionFactory

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
