"""What was paid is never paid twice, what is left can be, and what is not owed goes to nobody."""

from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from billing.actions.payments import record_payment
from billing.actions.releases import hold_invoice, release_invoice
from billing.actions.verification import verify_invoice
from billing.kinds import InvoiceState
from billing.models import Payment, Release
from billing.queries.inbox import bill_items
from billing.queries.statements import statement_of
from members.roles import Role
from portal.clock import today
from portal.templatetags.portal import money
from portal.workflow import TransitionRefused
from tests.billing.factories import MONTH, InvoiceVersionFactory, ReleaseFactory
from tests.billing.pages.world import in_state, signed_in

pytestmark = pytest.mark.django_db
DUE = Decimal("114.98")


def corrected(bills, number, due):
    """Another version is shown, which is to be verified again."""
    invoice = in_state(bills, InvoiceState.TO_VERIFY)
    InvoiceVersionFactory(invoice=invoice, number=number, due_amount=Decimal(due), shown=True)


def release(bills, **fields):
    """Verified where it is not, then released."""
    by = bills.person(Role.FACTU)
    invoice = bills.told()
    if invoice.state == InvoiceState.TO_VERIFY:
        verify_invoice(invoice=invoice, version=invoice.current, by=by)
    return release_invoice(invoice=invoice, version=invoice.current, by=by, **fields)


def pay(bills, amount):
    by = bills.person(Role.PAYER)
    told = {"reference": "SAGIR-1", "paid_on": today(), "amount": Decimal(amount)}
    return record_payment(invoice=bills.told(), by=by, **told)


def standing(bills):
    return statement_of(bills.root, MONTH.lower).total


def page(client, bills, role, name="invoice_detail"):
    answer = signed_in(client, bills.person(role)).get(bills.url(name, bills.invoice.pk))
    return " ".join(unescape(answer.content.decode()).replace("\u00a0", " ").split())


def test_a_correction_of_a_paid_invoice_asks_the_difference_alone(client, bills):
    release(bills)
    pay(bills, DUE)
    corrected(bills, 2, "125.00")
    told = standing(bills)
    assert (told.paid, told.to_verify) == (DUE, Decimal("10.02"))
    verify_invoice(invoice=bills.told(), version=bills.told().current, by=bills.person(Role.FACTU))
    assert "Il reste à libérer : 10,02 $. Déjà payé : 114,98 $" in page(client, bills, Role.FACTU)
    with pytest.raises(ValidationError, match="10,02"):
        release(bills, amount=Decimal("20.00"), reason="Trop")
    assert release(bills).amount == Decimal("10.02")
    told = standing(bills)
    assert (told.paid, told.to_pay) == (DUE, Decimal("10.02"))
    assert "Déjà payé" in page(client, bills, Role.PAYER, "payment_detail")
    with pytest.raises(ValidationError, match="10,02"):
        pay(bills, "125.00")
    pay(bills, "10.02")
    assert (bills.told().state, standing(bills).paid) == (InvoiceState.PAID, Decimal("125.00"))


@pytest.mark.parametrize(("paid", "due"), [(False, "-50.00"), (True, "114.98"), (True, "100.00")])
def test_an_invoice_that_asks_nothing_is_settled_without_the_payer(client, bills, paid, due):
    if paid:
        release(bills)
        pay(bills, DUE)
    corrected(bills, 2, due)
    in_state(bills, InvoiceState.VERIFIED)
    assert "Rien n'est à payer" in page(client, bills, Role.FACTU)
    url = bills.url("invoice_release", bills.invoice.pk)
    answer = signed_in(client, bills.person(Role.FACTU)).post(
        url, {"release-version": 2}, follow=True
    )
    assert "rien n&#x27;était à payer" in answer.content.decode()
    assert (bills.told().state, Release.objects.first().amount) == (InvoiceState.PAID, 0)
    told = standing(bills)
    assert (told.to_pay, told.credit) == (0, Decimal(due) - (DUE if paid else 0))
    assert not [one for one in bill_items(bills.person(Role.PAYER)) if "Payer" in one.title]
    told = page(client, bills, Role.PAYER, "payment_detail")
    assert "Rien à payer" in told
    assert ("Réglée sans paiement" in told) is not paid  # paid before: « Payée » is true
    assert "En entier" not in told
    assert "Réglée : rien à payer" in page(client, bills, Role.FACTU)


def test_no_page_calls_paid_what_nobody_paid(client, bills):
    corrected(bills, 2, "-50.00")
    release(bills)
    for role, name, keys in (
        (Role.PAYER, "payment_list", ()),
        (Role.PAYER, "payment_detail", (bills.invoice.pk,)),
        (Role.FACTU, "invoice_list", ()),
        (Role.FACTU, "invoice_lines", (bills.invoice.pk,)),
        (Role.FACTU, "month_statement", ()),
    ):
        told = signed_in(client, bills.person(role)).get(bills.url(name, *keys)).content.decode()
        assert 'badge--success">Réglée sans paiement<' in told, name
        assert 'badge--success">Payée<' not in told, name
    listed = client.get(bills.url("invoice_list"), {"format": "csv"})
    assert "Réglée sans paiement" in b"".join(listed).decode("utf-8-sig")


def test_an_invoice_stays_released_until_what_was_released_is_paid(client, bills):
    release(bills)
    pay(bills, "100.00")
    told = standing(bills)
    assert bills.told().state == InvoiceState.RELEASED
    assert (told.paid, told.to_pay, told.contested) == (100, Decimal("14.98"), 0)
    assert 'value="14.98"' in page(client, bills, Role.PAYER, "payment_detail")
    (item,) = [one for one in bill_items(bills.person(Role.PAYER)) if "Payer" in one.title]
    assert "14,98" in item.detail
    pay(bills, "14.98")
    assert bills.told().state == InvoiceState.PAID
    assert Payment.objects.count() == 2
    with pytest.raises(TransitionRefused):
        pay(bills, "1.00")


def test_what_a_part_left_is_released_later_whether_the_part_is_paid_or_not(client, bills):
    release(bills, amount=Decimal("60.00"), reason="Ligne contestée")
    assert "Il reste à libérer : 54,98 $" in page(client, bills, Role.FACTU)
    more = release(bills, amount=Decimal("20.00"), reason="Crédit refusé en partie")
    assert more.amount == 80
    pay(bills, "80.00")
    told = standing(bills)
    assert (bills.told().state, told.paid, told.contested) == (
        InvoiceState.PAID,
        80,
        Decimal("34.98"),
    )
    assert "Il reste à libérer : 34,98 $" in page(client, bills, Role.FACTU)
    assert release(bills).amount == Decimal("34.98")
    pay(bills, "34.98")
    assert standing(bills).paid == DUE
    with pytest.raises(ValidationError, match="déjà payé ou libéré"):
        release(bills)
    assert "Libérer le paiement" not in page(client, bills, Role.FACTU)


def test_what_was_paid_of_a_release_is_not_held_nor_released_again(bills):
    release(bills)
    pay(bills, "100.00")
    invoice = bills.told()
    hold_invoice(
        invoice=invoice,
        version=invoice.current,
        reason="Crédit attendu",
        until=today(),
        by=bills.person(Role.FACTU),
    )
    told = standing(bills)
    assert (told.paid, told.held) == (100, Decimal("14.98"))
    assert release(bills).amount == Decimal("14.98")


def hold(client, bills, until, reason="Crédit attendu"):
    url = bills.url("invoice_hold", bills.invoice.pk)
    told = {"hold-version": 1, "hold-reason": reason, "hold-until": until}
    return signed_in(client, bills.person(Role.FACTU)).post(url, told)


def reminders(bills):
    items = bill_items(bills.person(Role.FACTU))
    return [one.detail for one in items if "paiement retenu" in one.title]


def test_a_hold_has_an_end_that_is_shown_everywhere_it_is(client, bills):
    for until, told in (("", "obligatoire"), ("2020-01-01", "choisissez un jour à venir")):
        refused = hold(client, bills, until)
        assert (refused.status_code, told in refused.content.decode()) == (422, True)
    assert not Release.objects.exists()
    end = (today() + timedelta(days=9)).isoformat()
    assert hold(client, bills, end).status_code == 302
    assert f"jusqu'au {end}. Crédit attendu" in page(client, bills, Role.FACTU)
    month = signed_in(client, bills.person(Role.FACTU)).get(bills.url("month_statement"))
    assert "Retenue jusqu'au <time" in month.content.decode()


def test_a_hold_is_told_all_that_is_wrong_with_it_at_once(client, bills):
    refused = hold(client, bills, "2020-01-01", reason=" ")
    told = unescape(refused.content.decode())
    for field, sentence in (("reason", "obligatoire"), ("until", "choisissez un jour à venir")):
        assert f'href="#id_hold-{field}"' in told
        assert sentence in str(refused.context["hold_form"].errors[field])
    invoice, by = bills.told(), bills.person(Role.FACTU)
    when = today() - timedelta(days=1)
    with pytest.raises(ValidationError) as caught:
        hold_invoice(invoice=invoice, version=invoice.current, reason=" ", until=when, by=by)
    assert set(caught.value.message_dict) == {"reason", "until"}


def test_home_reminds_of_a_hold_once_its_end_has_come(client, bills):
    hold(client, bills, today() + timedelta(days=1))
    assert reminders(bills) == []
    hold(client, bills, today())
    assert today().isoformat() in reminders(bills)[0]
    corrected(bills, 2, "125.00")
    assert reminders(bills) == []


def of_invoices(bills, role=Role.FACTU):
    """Title and detail of what home says of invoices, without their account."""
    items = [one for one in bill_items(bills.person(role)) if one.kind in ("Facture", "Paiement")]
    return [(one.title.removesuffix(f" {bills.account}"), one.detail) for one in items]


def test_home_reminds_of_what_a_part_left_until_it_is_decided(bills):
    release(bills, amount=Decimal("60.00"), reason="Ligne contestée")
    left = f"Reste à décider : {money(Decimal('54.98'))}, échéance le 2020-02-25"
    assert [title for title, _detail in of_invoices(bills, Role.PAYER)] == ["Payer la facture"]
    for paid in ("20.00", "40.00"):
        pay(bills, paid)
        assert of_invoices(bills) == [("Décider du reste de la facture", left)]
    assert bills.told().state == InvoiceState.PAID
    release(bills)
    assert of_invoices(bills) == []


def test_what_a_part_left_is_no_longer_told_once_a_later_bill_carries_it_over(bills):
    release(bills, amount=Decimal("60.00"), reason="Ligne contestée")
    later = DateRange(date(2020, 2, 1), date(2020, 3, 1))
    facts = {"invoice__account": bills.account, "invoice__period": later, "shown": True}
    facts |= {"invoice__branch": bills.root, "invoice__state": InvoiceState.PAID}
    after = InvoiceVersionFactory(number=1, **facts)
    assert len(of_invoices(bills)) == 1  # it says nothing of the balance before it
    balance = {"previous_balance_amount": Decimal("54.98"), "shown": True}
    InvoiceVersionFactory(invoice=after.invoice, number=2, **balance)
    assert of_invoices(bills) == []


def test_what_is_held_while_it_falls_due_is_told_once_at_the_end_of_the_hold(client, bills):
    in_state(bills, InvoiceState.VERIFIED)
    assert [title for title, _detail in of_invoices(bills)] == ["Libérer la facture"]
    hold(client, bills, today() + timedelta(days=1))
    assert of_invoices(bills) == []
    hold(client, bills, today())
    assert [title for title, _detail in of_invoices(bills)] == [
        "Décider du paiement retenu de la facture"
    ]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"due_amount": "114.98"}, "demandé par le prestataire"),
        ({"due_amount": "115.00"}, "calculé d'après les frais"),
        ({}, "calculé d'après les frais"),
    ],
)
def test_the_amount_due_is_the_provider_s_where_it_states_it(client, bills, stated, told):
    version = bills.told().current
    again = InvoiceVersionFactory(
        invoice=bills.invoice,
        number=2,
        detail=version.detail,
        charge_import=version.charge_import,
        usage_import=version.usage_import,
        stated=stated,
        shown=True,
    )
    ReleaseFactory(branch=bills.root, invoice=bills.invoice, version=again)
    in_state(bills, InvoiceState.RELEASED)
    assert told in page(client, bills, Role.PAYER, "payment_detail")
    assert told in page(client, bills, Role.FACTU)
