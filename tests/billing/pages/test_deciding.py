"""What people do over bills: verify, contest, release, hold, pay; the mandate and the PDF."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.actions.payments import record_payment, set_payment_rule
from billing.actions.releases import hold_invoice, release_invoice
from billing.actions.statements import ask_statement, store_statement
from billing.actions.verification import verify_invoice
from billing.kinds import InvoiceState, ReleaseKind
from billing.models import MonthStatement, Payment, PaymentRule, Release
from billing.queries.statements import statement_of
from billing.tasks import render_month_statement
from members.models import BillingMandate
from members.permissions import Refused
from members.projection import project
from members.roles import Role
from portal.audit import SYSTEM
from portal.clock import database_clock, today
from portal.files import store
from portal.models import AuditEvent, QueuedTask
from portal.workflow import TransitionRefused
from tests.billing.factories import MONTH, InvoiceVersionFactory
from tests.billing.pages.world import PDF, block, in_state, signed_in
from tests.members.factories import RespondentFactory

pytestmark = pytest.mark.django_db
DUE = Decimal("114.98")


@pytest.fixture
def factu(client, bills):
    return signed_in(client, bills.person(Role.FACTU))


def send(client, bills, name, prefix, version=1, **fields):
    told = {f"{prefix}-{field}": value for field, value in fields.items()}
    return client.post(bills.url(name, bills.invoice.pk), {f"{prefix}-version": version, **told})


def released(bills, **fields):
    """The invoice, verified then released."""
    by = bills.person(Role.FACTU)
    invoice = bills.told()
    verify_invoice(invoice=invoice, version=invoice.current, by=by)
    return release_invoice(invoice=invoice, version=invoice.current, by=by, **fields)


def test_an_invoice_is_verified_released_then_paid(client, factu, bills):
    assert send(factu, bills, "invoice_verify", "verify").status_code == 302
    assert bills.told().state == InvoiceState.VERIFIED
    page = factu.get(bills.url("invoice_detail", bills.invoice.pk)).content.decode()
    assert "Libérer pour paiement" in page
    assert send(factu, bills, "invoice_release", "release").status_code == 302
    release = Release.objects.get()
    assert (release.kind, release.amount) == (ReleaseKind.FULL, DUE)
    payer = signed_in(client, bills.person(Role.PAYER))
    assert "114,98" in payer.get(bills.url("payment_list")).content.decode()
    url = bills.url("payment_detail", bills.invoice.pk)
    page = payer.get(url).content.decode()
    assert "Inscrire le paiement" in page
    assert "Système de paiement" in page
    answer = payer.post(
        url, {"reference": "SAGIR-77", "paid_on": today().isoformat(), "amount": "114,98 $"}
    )
    assert answer.status_code == 302
    assert Payment.objects.get().reference == "SAGIR-77"
    assert bills.told().state == InvoiceState.PAID
    assert "Paiement inscrit" in payer.get(url).content.decode()


def test_a_part_says_why_and_how_much(factu, bills):
    in_state(bills, InvoiceState.VERIFIED)
    refused = send(factu, bills, "invoice_release", "release", amount="100", reason="")
    assert refused.status_code == 422
    assert "Dites pourquoi la facture" in refused.content.decode()
    refused = send(factu, bills, "invoice_release", "release", amount="200", reason="Trop")
    assert "au plus ce qui reste à libérer" in refused.content.decode()
    assert not Release.objects.exists()
    assert bills.told().state == InvoiceState.VERIFIED
    send(factu, bills, "invoice_release", "release", amount="100,00", reason="Ligne contestée")
    assert Release.objects.get().kind == ReleaseKind.PART
    statement = statement_of(bills.root, MONTH.lower)
    assert statement.total.to_pay == 100
    assert statement.total.contested == Decimal("14.98")


def test_a_blocker_asks_a_written_waiver(factu, bills):
    in_state(bills, InvoiceState.VERIFIED)
    block(bills)
    refused = send(factu, bills, "invoice_release", "release")
    assert refused.status_code == 422
    assert not Release.objects.exists()
    invoice = bills.told()
    with pytest.raises(ValidationError) as caught:
        release_invoice(
            invoice=invoice, version=invoice.current, by=bills.person(Role.FACTU), waiver=" "
        )
    assert "waiver" in caught.value.message_dict
    send(factu, bills, "invoice_release", "release", waiver="Solde confirmé par téléphone")
    assert Release.objects.get().waiver == "Solde confirmé par téléphone"


def test_a_payment_is_held_with_a_reason_and_released_again(factu, bills):
    released(bills)
    assert send(factu, bills, "invoice_hold", "hold", reason="").status_code == 422
    send(factu, bills, "invoice_hold", "hold", reason="En attente d'un crédit", until=today())
    assert bills.told().state == InvoiceState.VERIFIED
    assert statement_of(bills.root, MONTH.lower).total.held == DUE
    page = factu.get(bills.url("invoice_detail", bills.invoice.pk)).content.decode()
    assert "Paiement retenu" in page
    assert "En attente d&#x27;un crédit" in page
    send(factu, bills, "invoice_release", "release")
    assert bills.told().state == InvoiceState.RELEASED


def test_an_invoice_to_verify_is_held_without_moving(factu, bills):
    send(factu, bills, "invoice_hold", "hold", reason="Montant surprenant", until=today())
    assert bills.told().state == InvoiceState.TO_VERIFY
    assert AuditEvent.objects.filter(code="invoice.held").exists()


def test_a_paid_invoice_is_no_longer_held(bills):
    invoice = in_state(bills, InvoiceState.PAID)
    with pytest.raises(ValidationError, match="déjà payée"):
        hold_invoice(
            invoice=invoice,
            version=invoice.current,
            reason="Trop tard",
            until=today(),
            by=bills.person(Role.FACTU),
        )


def test_an_invoice_is_contested_with_a_reason(factu, bills):
    assert send(factu, bills, "invoice_dispute", "dispute", reason="").status_code == 422
    send(factu, bills, "invoice_dispute", "dispute", reason="Ligne inconnue")
    assert bills.told().state == InvoiceState.DISPUTED
    assert statement_of(bills.root, MONTH.lower).total.contested == DUE


def test_what_was_decided_over_an_older_version_is_refused(factu, bills):
    InvoiceVersionFactory(invoice=bills.invoice, number=2, shown=True)
    refused = send(factu, bills, "invoice_verify", "verify", version=1)
    assert refused.status_code == 422
    assert "remplacée par une version plus récente" in refused.content.decode()
    assert bills.told().state == InvoiceState.TO_VERIFY


def test_an_act_that_is_no_longer_open_is_told(factu, bills):
    in_state(bills, InvoiceState.PAID)
    refused = send(factu, bills, "invoice_verify", "verify")
    assert refused.status_code == 422
    assert "n&#x27;est plus possible" in refused.content.decode()


def test_who_released_does_not_pay_where_the_two_are_separate(bills):
    both = bills.person(Role.FACTU)
    RespondentFactory(person=both.person, role=Role.PAYER, branch=bills.root)
    project([both.person_id])
    set_payment_rule(branch=bills.root, is_separated=True, by=bills.person(Role.INTRL))
    released(bills)
    paying = {"reference": "X-1", "paid_on": today(), "amount": DUE}
    with pytest.raises(ValidationError, match="une autre personne"):
        record_payment(invoice=bills.told(), by=both, **paying)
    assert bills.told().state == InvoiceState.RELEASED
    record_payment(invoice=bills.told(), by=bills.person(Role.PAYER), **paying)
    assert bills.told().state == InvoiceState.PAID


def test_one_person_does_both_where_nothing_separates_them(bills):
    both = bills.person(Role.FACTU)
    RespondentFactory(person=both.person, role=Role.PAYER, branch=bills.root)
    project([both.person_id])
    released(bills)
    record_payment(invoice=bills.told(), reference="X-1", paid_on=today(), amount=DUE, by=both)
    assert Payment.objects.exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("amount", {"amount": "115"}),
        ("amount", {"amount": "0"}),
        ("paid_on", {"paid_on": "2999-01-01"}),
        ("reference", {"reference": ""}),
    ],
)
def test_a_payment_is_refused_on_its_field(client, bills, field, changes):
    released(bills)
    payer = signed_in(client, bills.person(Role.PAYER))
    told = {"reference": "X-1", "paid_on": today().isoformat(), "amount": "114.98", **changes}
    answer = payer.post(bills.url("payment_detail", bills.invoice.pk), told)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not Payment.objects.exists()


def test_a_payer_sees_nothing_before_the_release(client, bills):
    payer = signed_in(client, bills.person(Role.PAYER))
    assert "Rien à payer" in payer.get(bills.url("payment_list")).content.decode()
    assert payer.get(bills.url("payment_detail", bills.invoice.pk)).status_code == 404
    assert payer.get(bills.url("payment_document", bills.invoice.pk)).status_code == 404


def test_others_read_and_do_not_decide(client, bills):
    manda = signed_in(client, bills.person(Role.MANDA))
    page = manda.get(bills.url("invoice_detail", bills.invoice.pk)).content.decode()
    assert "Suite à donner" not in page
    assert send(manda, bills, "invoice_verify", "verify").status_code == 403
    invoice = bills.told()
    with pytest.raises(Refused):
        verify_invoice(invoice=invoice, version=invoice.current, by=bills.person(Role.MANDA))
    with pytest.raises(TransitionRefused):
        release_invoice(invoice=invoice, version=invoice.current, by=bills.person(Role.FACTU))


def test_home_tells_the_payer(client, bills):
    released(bills)
    assert (
        "Payer la facture" in signed_in(client, bills.person(Role.PAYER)).get("/").content.decode()
    )


def test_the_interlocutor_gives_and_takes_back_the_mandate(client, bills):
    intrl = signed_in(client, bills.person(Role.INTRL))
    assert "Aucun mandat" in intrl.get(bills.url("mandate")).content.decode()
    told = {"mandate-branch": str(bills.root.pk), "mandate-until": ""}
    assert intrl.post(bills.url("mandate_give"), told).status_code == 302
    mandate = BillingMandate.objects.get()
    twice = intrl.post(bills.url("mandate_give"), told)
    assert twice.status_code == 422
    assert "ITQ a déjà ce mandat" in twice.content.decode()
    past = {**told, "mandate-branch": str(bills.below.pk), "mandate-until": "2020-01-01"}
    assert (
        "La fin doit être à venir" in intrl.post(bills.url("mandate_give"), past).content.decode()
    )
    assert "Retirer le mandat" in intrl.get(bills.url("mandate")).content.decode()
    intrl.post(bills.url("mandate_revoke", mandate.pk))
    mandate.refresh_from_db()
    assert mandate.revoked_at
    page = intrl.post(bills.url("mandate_revoke", mandate.pk), follow=True).content.decode()
    assert "Ce mandat a déjà pris fin" in page


def test_the_interlocutor_separates_releasing_and_paying(client, bills):
    intrl = signed_in(client, bills.person(Role.INTRL))
    told = {"rule-branch": str(bills.root.pk), "rule-is_separated": "on"}
    intrl.post(bills.url("payment_separation"), told)
    assert PaymentRule.objects.get().is_separated
    assert "deux personnes" in intrl.get(bills.url("mandate")).content.decode()


def test_a_pdf_of_the_month_is_asked_for_once_then_downloaded(factu, bills):
    told = {"mois": "2020-01", "subdivision": str(bills.root.pk)}
    assert factu.post(bills.url("statement_print"), told).status_code == 302
    factu.post(bills.url("statement_print"), told)
    statement = MonthStatement.objects.get()
    assert QueuedTask.objects.filter(task_name="billing.render_statement").count() == 1
    page = factu.get(bills.url("month_statement")).content.decode()
    assert "PDF en préparation" in page
    assert factu.get(bills.url("statement_file", statement.pk)).status_code == 404
    paper = store(PDF, name="etat.pdf", content_type="application/pdf")
    for _ in range(2):
        store_statement(statement=statement, paper=paper, produced_at=database_clock(), by=SYSTEM)
    assert "PDF produit le" in factu.get(bills.url("month_statement")).content.decode()
    sent = factu.get(bills.url("statement_file", statement.pk))
    assert b"".join(sent.streaming_content) == PDF
    for wrong in ({"mois": "hier"}, {"mois": "2020-01", "subdivision": "0"}):
        assert factu.post(bills.url("statement_print"), wrong).status_code == 404


def test_the_worker_renders_the_month(bills):
    statement = ask_statement(
        branch=bills.root, month=date(2020, 1, 15), by=bills.person(Role.FACTU)
    )
    render_month_statement(statement.pk)
    render_month_statement(statement.pk)
    statement.refresh_from_db()
    assert statement.file.name == "etat-du-mois-2020-01.pdf"
