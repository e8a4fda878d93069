"""What home says of bills to verify and to release."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from billing.kinds import ImportState, InvoiceState, Severity
from billing.models import Import, Invoice
from billing.queries import inbox
from billing.queries.staff_console import console_entries
from members.roles import Role, StaffRole
from portal.clock import today
from portal.templatetags.portal import money
from tests.billing.factories import (
    FindingFactory,
    ImportFactory,
    InvoiceFactory,
    InvoiceVersionFactory,
)
from tests.billing.pages.world import signed_in
from tests.members.factories import staff_user

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


def imported(bills, state, **facts):
    """A file of the member in that state."""
    facts.setdefault("refusal", "Une colonne manque." if state == ImportState.REFUSED else "")
    return ImportFactory(
        branch=bills.root,
        provider=bills.account.provider,
        bill_file__name=f"{state}.csv",
        state=state,
        **facts,
    )


def filed(bills):
    """Title → address of what home says of files to who sends them."""
    told = inbox.bill_items(bills.person(Role.FACTU))
    return {item.title: item.url for item in told if item.kind == "Fichier"}


def test_a_file_that_waits_for_a_decision_and_one_that_was_refused_are_told(bills):
    imported(bills, ImportState.PREPARED, awaits=["charges"], part="usage")
    imported(bills, ImportState.PREPARED, awaits=[])  # confirmed: the worker is to show it
    waiting = imported(bills, ImportState.PREPARED, awaits=["differences"])
    assert filed(bills) == {
        "Confirmer le fichier prepared.csv": bills.url("bill_file_detail", waiting.bill_file_id)
    }
    Import.objects.filter(pk=waiting.pk).update(state=ImportState.UNCHANGED)
    refused = imported(bills, ImportState.REFUSED, period=None)
    assert filed(bills) == {
        "Fichier refusé : refused.csv": bills.url("bill_file_detail", refused.bill_file_id)
    }
    imported(bills, ImportState.REFUSED, period=None)
    assert filed(bills) == {"Fichiers refusés : 2": bills.url("bill_file_list") + "?etat=refused"}


def test_a_refused_file_is_no_longer_told_once_another_replaces_it(bills):
    refused = imported(bills, ImportState.REFUSED)
    imported(bills, ImportState.PUBLISHED, period=DateRange(date(2021, 1, 1), date(2021, 2, 1)))
    assert len(filed(bills)) == 1  # another month
    imported(bills, ImportState.PUBLISHED, period=refused.period)
    assert filed(bills) == {}


def test_who_sends_no_file_is_told_of_none(bills):
    imported(bills, ImportState.REFUSED)
    told = inbox.bill_items(bills.person(Role.RCELL))
    assert not [item for item in told if item.kind == "Fichier"]


def test_the_console_counts_the_group_s_files_that_wait_for_a_person(bills):
    agent = staff_user(StaffRole.AGENT)
    for awaits in (["charges"], [], ["row_ratio"], ["differences", "charges"]):
        ImportFactory(branch=None, state=ImportState.PREPARED, awaits=awaits)
    (entry,) = [one for one in console_entries(agent) if "à confirmer" in str(one.label)]
    assert entry.rows.count() == 2


def test_the_console_counts_the_group_s_refused_files(bills):
    agent = staff_user(StaffRole.AGENT)
    ImportFactory(branch=None, state=ImportState.REFUSED, refusal="Coupé.")
    imported(bills, ImportState.REFUSED)  # a member's own, which gave no mandate
    (entry,) = [one for one in console_entries(agent) if "refusés" in str(one.label)]
    assert entry.rows.count() == 1
