"""Billed lines settled many at once, inventories' proposals decided, an invoice typed by hand."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.actions.gaps import GapMatch, match_gaps
from billing.actions.proposals import accept_proposals
from billing.kinds import Detail, GapState, InvoiceState, ProposalKind, ProposalState
from billing.models import CentreTotal, Finding, Gap, Invoice, LineTotal
from members.roles import Role
from orders.kinds import LineStatus
from orders.models import LineVersion, ServiceLine
from portal.clock import today
from portal.models import AuditEvent
from tests.billing.factories import (
    GapFactory,
    LineProposalFactory,
    PaymentFactory,
    ReleaseFactory,
)
from tests.billing.pages.world import KNOWN, PDF, UNKNOWN, signed_in
from tests.members.factories import ProviderFactory
from tests.orders.factories import ServiceLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def factu(client, bills):
    return signed_in(client, bills.person(Role.FACTU))


@pytest.fixture
def rcell(client, bills):
    return signed_in(client, bills.person(Role.RCELL))


def settle(client, bills, *gaps, **fields):
    told = {"ecart": [gap.pk for gap in gaps], "settlement": "match", **fields}
    return client.post(bills.url("gap_settle"), told)


def test_a_billed_line_is_matched_and_the_totals_follow(factu, bills):
    page = factu.get(bills.url("gap_list")).content.decode()
    assert "418\u00a0555-0199" in page
    form = factu.get(bills.url("gap_settle"), {"ecart": bills.gap.pk})
    assert f"line_{bills.gap.pk}" in form.content.decode()
    answer = settle(factu, bills, bills.gap, **{f"line_{bills.gap.pk}": "418 555-0101"})
    assert answer.status_code == 302
    bills.gap.refresh_from_db()
    assert bills.gap.state == GapState.MATCHED
    assert bills.gap.settled_by == bills.person(Role.FACTU)
    total = LineTotal.objects.get(number=UNKNOWN)
    assert (total.service_line, total.cost_centre) == (bills.line, bills.centre)
    plans = CentreTotal.objects.filter(category="recurring_plan")
    assert [(one.cost_centre, one.amount) for one in plans] == [(bills.centre, Decimal("80.00"))]


def test_a_line_that_once_had_the_number_is_proposed(factu, bills):
    once = ServiceLineFactory(
        branch=bills.root, provider=bills.account.provider, number="4185550777"
    )
    LineVersion.objects.filter(service_line=once).update(number=UNKNOWN)
    form = factu.get(bills.url("gap_settle"), {"tout": "oui"}).content.decode()
    assert 'value="4185550777"' in form


def test_a_number_that_is_no_line_is_refused_on_its_field(factu, bills):
    name = f"line_{bills.gap.pk}"
    for typed, told in (
        ("418 555-0000", "Aucune ligne en service"),
        ("", "Écrivez le numéro"),
        ("douze", "Écrivez le numéro"),
    ):
        answer = settle(factu, bills, bills.gap, **{name: typed})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert told in page
        assert f'href="#id_{name}"' in page
    bills.gap.refresh_from_db()
    assert bills.gap.state == GapState.OPEN


def test_several_are_explained_or_left_at_once(factu, bills):
    others = [
        GapFactory(version=bills.gap.version, branch=bills.root, number=f"41855503{n:02}")
        for n in range(3)
    ]
    refused = settle(factu, bills, *others[:2], settlement="explain")
    assert "Dites pourquoi" in refused.content.decode()
    settle(factu, bills, *others[:2], settlement="explain", reason="Lignes d'essai")
    settle(factu, bills, others[2], settlement="ignore")
    states = Gap.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["open", "explained", "explained", "ignored"]
    again = settle(factu, bills, others[0], settlement="ignore")
    assert again.status_code == 404  # it waits no longer


def test_a_foreign_gap_refuses_them_all(factu, bills):
    foreign = GapFactory()
    answer = settle(factu, bills, bills.gap, foreign, settlement="ignore")
    assert answer.status_code == 404
    assert factu.get(bills.url("gap_settle")).status_code == 404


def test_a_line_is_matched_within_its_member_and_its_provider(bills):
    elsewhere = ServiceLineFactory()
    with pytest.raises(ValidationError, match="n'est pas de votre parc"):
        match_gaps(matches=[GapMatch(bills.gap, elsewhere)], by=bills.person(Role.FACTU))
    other = ServiceLineFactory(branch=bills.root, provider=ProviderFactory(code="autre"))
    with pytest.raises(ValidationError, match="choisissez une ligne"):
        match_gaps(matches=[GapMatch(bills.gap, other)], by=bills.person(Role.FACTU))


def proposal(bills, kind, number, line=None, **values):
    return LineProposalFactory(
        branch=bills.root,
        account=bills.account,
        kind=kind,
        number=number,
        service_line=line,
        values={name: [None, value] for name, value in values.items()},
    )


def decide(client, bills, *proposals, **fields):
    told = {"proposition": [p.pk for p in proposals], "decision": "accept", **fields}
    return client.post(bills.url("proposal_decide"), {"on": today().isoformat(), **told})


def test_proposals_change_the_fleet_many_at_once(rcell, bills):
    leaving = ServiceLineFactory(
        branch=bills.root, provider=bills.account.provider, number="4185550333"
    )
    opened = proposal(
        bills,
        ProposalKind.OPEN,
        "4185550444",
        plan_label="Forfait A",
        commitment_ends_on="2030-01-31",
    )
    changed = proposal(bills, ProposalKind.CHANGE, KNOWN, bills.line, device_label="Téléphone B")
    closed = proposal(bills, ProposalKind.CLOSE, leaving.number, leaving)
    page = rcell.get(bills.url("proposal_list")).content.decode()
    assert "Appareil\u00a0: Téléphone B" in page
    assert (
        "Forfait\u00a0: Forfait A"
        in rcell.get(bills.url("proposal_decide"), {"tout": "oui"}).content.decode()
    )
    assert decide(rcell, bills, opened, changed, closed).status_code == 302
    line = ServiceLine.objects.get(number="4185550444")
    version = line.versions.get()
    assert (version.plan_label, version.commitment_ends_on) == ("Forfait A", date(2030, 1, 31))
    assert version.account == bills.account
    assert bills.line.versions.first().device_label == "Téléphone B"
    assert leaving.versions.first().status == LineStatus.CANCELLED
    for one in (opened, changed, closed):
        one.refresh_from_db()
        assert one.state == ProposalState.ACCEPTED


def test_one_proposal_that_cannot_be_refuses_them_all(rcell, bills):
    opened = proposal(bills, ProposalKind.OPEN, "4185550444")
    taken = proposal(bills, ProposalKind.OPEN, KNOWN)
    answer = decide(rcell, bills, opened, taken)
    assert answer.status_code == 422
    assert "déjà en service" in answer.content.decode()
    assert not ServiceLine.objects.filter(number="4185550444").exists()
    opened.refresh_from_db()
    assert opened.state == ProposalState.PROPOSED


def test_a_centre_that_is_not_there_is_told(bills):
    asked = proposal(bills, ProposalKind.CHANGE, KNOWN, bills.line, cost_centre="Z-9")
    with pytest.raises(ValidationError, match="Z-9"):
        accept_proposals(proposals=[asked], on=today(), by=bills.person(Role.RCELL))


def test_what_is_so_already_is_accepted_without_a_change(bills):
    asked = proposal(
        bills, ProposalKind.CHANGE, KNOWN, bills.line, cost_centre="T-110", status="active"
    )
    accept_proposals(proposals=[asked], on=today(), by=bills.person(Role.RCELL))
    asked.refresh_from_db()
    assert asked.state == ProposalState.ACCEPTED
    assert bills.line.versions.count() == 1


def test_proposals_are_refused_with_a_reason(rcell, bills):
    asked = proposal(bills, ProposalKind.OPEN, "4185550444")
    assert decide(rcell, bills, asked, decision="decline").status_code == 422
    decide(rcell, bills, asked, decision="decline", reason="Ligne d'essai du prestataire")
    asked.refresh_from_db()
    assert asked.state == ProposalState.REFUSED
    assert decide(rcell, bills, asked).status_code == 404


def test_empty_queues_say_so(factu, client, bills):
    Gap.objects.all().delete()
    assert "Aucun écart" in factu.get(bills.url("gap_list")).content.decode()
    rcell = signed_in(client, bills.person(Role.RCELL))
    assert "Aucune proposition" in rcell.get(bills.url("proposal_list")).content.decode()


def typed(bills, **changes):
    return {
        "account": str(bills.account.pk),
        "invoice_number": "F-2020-02",
        "starts_on": "2020-02-01",
        "ends_on": "2020-02-29",
        "issued_on": "2020-03-02",
        "due_on": "2020-03-25",
        "previous_balance_amount": "114,98",
        "received_amount": "114,98",
        "adjustments_amount": "",
        "charges_amount": "1 100,00 $",
        "tps_amount": "55,00",
        "tvq_amount": "109,73",
        "other_taxes_amount": "0",
        "due_amount": "1264,73",
        "document": SimpleUploadedFile("facture.pdf", PDF),
        **changes,
    }


def test_an_invoice_is_typed_with_its_pdf(factu, bills):
    assert factu.post(bills.url("invoice_type"), typed(bills)).status_code == 302
    invoice = Invoice.objects.select_related("current").get(period__startswith=date(2020, 2, 1))
    version = invoice.current
    assert version.detail == Detail.NONE
    assert version.payments_amount == Decimal("-114.98")
    assert version.due_amount == Decimal("1264.73")
    assert not Finding.objects.filter(version=version).exists()
    page = factu.get(bills.url("invoice_detail", invoice.pk)).content.decode()
    assert "Saisie, sans détail" in page
    sent = factu.get(bills.url("invoice_document", invoice.pk))
    assert b"".join(sent.streaming_content) == PDF
    for part in ("invoice_centres", "invoice_lines"):
        assert factu.get(bills.url(part, invoice.pk)).status_code == 200


def test_typed_again_it_is_to_be_verified_again(factu, bills):
    factu.post(bills.url("invoice_type"), typed(bills))
    invoice = Invoice.objects.get(period__startswith=date(2020, 2, 1))
    Invoice.objects.filter(pk=invoice.pk).update(state=InvoiceState.VERIFIED)
    again = typed(bills, charges_amount="1000,00", due_amount="1164,73")
    assert factu.post(bills.url("invoice_type"), again).status_code == 302
    invoice.refresh_from_db()
    assert (invoice.state, invoice.current.number) == (InvoiceState.TO_VERIFY, 2)


def test_a_typed_invoice_is_judged_against_the_one_before(factu, bills):
    told = typed(
        bills,
        starts_on="2020-02-03",
        invoice_number="F-2020-01",
        previous_balance_amount="100",
        received_amount="100",
    )
    assert factu.post(bills.url("invoice_type"), told).status_code == 302
    found = Finding.objects.filter(version__detail=Detail.NONE).values_list("rule", flat=True)
    assert {"A08", "A09"} <= set(found)


@pytest.mark.parametrize(
    ("field", "changes", "told"),
    [
        ("due_amount", {"due_amount": "1264,74"}, "pas 1"),
        ("ends_on", {"ends_on": "2020-01-31"}, "finit avant de commencer"),
        ("starts_on", {"starts_on": "2020-01-15"}, "Un fichier du prestataire donne déjà"),
        ("document", {"document": SimpleUploadedFile("a.pdf", b"rien")}, "ni un PDF"),
        (
            "document",
            {"document": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n")},
            "Joignez le PDF",
        ),
        ("charges_amount", {"charges_amount": "mille"}, "nombre"),
    ],
)
def test_what_the_paper_cannot_say_is_refused_on_its_field(factu, bills, field, changes, told):
    answer = factu.post(bills.url("invoice_type"), typed(bills, **changes))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert told in page
    assert f'href="#id_{field}"' in page
    assert Invoice.objects.count() == 1


def test_a_typed_period_may_not_overlap_another(factu, bills):
    factu.post(bills.url("invoice_type"), typed(bills))
    answer = factu.post(bills.url("invoice_type"), typed(bills, starts_on="2020-02-10"))
    assert "La période chevauche" in answer.content.decode()


def withdraw(client, bills, invoice, reason="Mauvaise période"):
    told = {"withdraw-version": invoice.current.number, "withdraw-reason": reason}
    return client.post(bills.url("invoice_withdraw", invoice.pk), told)


def test_a_wrong_typing_is_withdrawn_and_its_period_typed_again(factu, bills):
    factu.post(bills.url("invoice_type"), typed(bills))
    invoice = Invoice.objects.get(period__startswith=date(2020, 2, 1))
    Invoice.objects.filter(pk=invoice.pk).update(state=InvoiceState.VERIFIED)
    right = {"starts_on": "2020-02-10"}
    refused = factu.post(bills.url("invoice_type"), typed(bills, **right)).content.decode()
    assert "Retirer cette saisie" in refused
    page = factu.get(bills.url("invoice_detail", invoice.pk)).content.decode()
    assert bills.url("invoice_withdraw", invoice.pk) in page
    assert withdraw(factu, bills, invoice, reason=" ").status_code == 422
    assert withdraw(factu, bills, invoice).status_code == 302
    assert factu.get(bills.url("invoice_detail", invoice.pk)).status_code == 404
    event = AuditEvent.objects.get(code="invoice.withdrawn")
    assert event.data["reason"] == "Mauvaise période"
    factu.post(bills.url("invoice_type"), typed(bills))  # the same, after all
    invoice.refresh_from_db()
    assert (invoice.state, invoice.current.number) == (InvoiceState.TO_VERIFY, 2)
    withdraw(factu, bills, invoice)
    assert factu.post(bills.url("invoice_type"), typed(bills, **right)).status_code == 302


def test_neither_a_file_s_invoice_nor_a_paid_one_is_withdrawn(factu, bills):
    refused = withdraw(factu, bills, bills.told()).content.decode()
    assert "seule une saisie se retire" in refused
    factu.post(bills.url("invoice_type"), typed(bills))
    invoice = Invoice.objects.get(period__startswith=date(2020, 2, 1))
    release = ReleaseFactory(branch=bills.root, invoice=invoice, version=invoice.current)
    PaymentFactory(release=release, branch=bills.root)
    assert "Un paiement de cette facture" in withdraw(factu, bills, invoice).content.decode()
    page = factu.get(bills.url("invoice_detail", invoice.pk)).content.decode()
    assert bills.url("invoice_withdraw", invoice.pk) not in page


def test_a_typed_version_is_numbered_after_the_highest(factu, bills):
    factu.post(bills.url("invoice_type"), typed(bills))
    invoice = Invoice.objects.get(period__startswith=date(2020, 2, 1))
    factu.post(bills.url("invoice_type"), typed(bills))
    invoice.versions.get(number=1).delete()
    assert factu.post(bills.url("invoice_type"), typed(bills)).status_code == 302
    assert sorted(invoice.versions.values_list("number", flat=True)) == [2, 3]
