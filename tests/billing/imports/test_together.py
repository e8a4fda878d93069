"""Files that cross: two at once, a mandate taken back, use refused or late, months in disorder."""

import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from billing import events
from billing.actions.publishing import confirm_import, publish_import
from billing.actions.reading import begin_import, prepare_import
from billing.actions.readings import open_bill_file
from billing.actions.typed import TypedTotals, type_invoice, withdraw_typed_invoice
from billing.kinds import Awaited, Detail, ImportState
from billing.loading.accounts import accounts_for
from billing.loading.lease import PROVIDERS
from billing.loading.reading import load
from billing.models import Finding, Import, Invoice, QuarantinedRow
from billing.queries.bill_files import invoices_made_by
from members.actions.mandates import revoke_billing_mandate
from members.models import User
from members.roles import Role
from portal.audit import SYSTEM
from portal.models import AuditEvent
from portal.uploads import Upload
from tests.billing.imports.test_again import telus
from tests.billing.imports.test_clean import published
from tests.billing.imports.test_refusals import confirmed
from tests.billing.imports.world import LINES, send, sent, specimen, work
from tests.members.factories import (
    BillingMandateFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    respondent_user,
)

ONE = {"123456789": LINES["123456789"]}
OTHER = {"987654321": [f"51455600{n:02d}" for n in range(12)]}
NOUGHT = Decimal("0.00")


def prepared(world, path) -> Import:
    """Read and judged, not shown yet: the worker is about to."""
    (one,) = send(world, path).imports.all()
    begun = begin_import(bill_import=one, by=SYSTEM)
    return prepare_import(bill_import=begun, loaded=load(begun, accounts_for(begun)), by=SYSTEM)


def totals(due: str) -> TypedTotals:
    return TypedTotals(Decimal(due), NOUGHT, NOUGHT, Decimal(due))


def test_of_two_first_files_read_together_the_second_waits_for_a_person(world, tmp_path):
    first, second = (prepared(world, telus(tmp_path, seed=seed)) for seed in (7, 8))
    assert (first.awaits, second.awaits) == ([], [])
    publish_import(bill_import=first, by=SYSTEM)
    second = publish_import(bill_import=second, by=SYSTEM)
    assert (second.state, second.awaits) == (ImportState.PREPARED, [Awaited.DIFFERENCES])
    assert any("Frais avant taxes" in label for label in second.differences)
    assert {i.current.charge_import_id for i in Invoice.objects.all()} == {first.pk}
    second = confirm_import(bill_import=second, by=world.factu)
    assert {i.current.charge_import_id for i in Invoice.objects.all()} == {second.pk}


def test_use_shown_since_the_comparison_is_not_replaced_unseen(world, tmp_path):
    """Two files of use wait for a person; the second is confirmed once the first is shown."""
    usage = "rogers_usage_breakdown"
    published(world, specimen(tmp_path / "rogers_c.csv", "rogers_charges_breakdown").path)
    paths = [
        specimen(tmp_path / f"rogers_{rows}.csv", usage, usage_rows=rows).path for rows in (90, 99)
    ]
    first, second = (prepared(world, path) for path in paths)
    waits = {"awaits": [Awaited.BLIND_SPOTS], "state": ImportState.PREPARED, "step": ""}
    Import.objects.filter(pk__in=[first.pk, second.pk]).update(**waits)
    confirm_import(bill_import=first, by=world.factu)
    told = confirm_import(bill_import=second, by=world.factu)
    assert (told.state, told.awaits) == (ImportState.PREPARED, [Awaited.DIFFERENCES])
    assert told.differences
    assert {i.current.usage_import_id for i in Invoice.objects.all()} == {first.pk}
    told = confirm_import(bill_import=second, by=world.factu)
    assert told.state == ImportState.PUBLISHED
    assert {i.current.usage_import_id for i in Invoice.objects.all()} == {second.pk}


def test_an_invoice_typed_meanwhile_is_not_replaced_unseen(world, tmp_path):
    path = specimen(tmp_path / "rogers_z.zip", "rogers_wireless_zip").path
    (one,) = sent(world, path)
    assert one.awaits == [Awaited.BLIND_SPOTS]
    months = {i.period for i in Invoice.objects.all()}
    assert months
    invoice = type_invoice(
        account=world.accounts["rogers 123456789"],
        starts_on=one.period.lower,
        ends_on=date(2026, 1, 31),
        totals=totals("10.00"),
        document=Upload(b"%PDF-1.7", "f.pdf", "application/pdf"),
        by=world.factu,
    )
    assert invoice.period in months
    with pytest.raises(ValidationError, match="depuis cette lecture"):
        confirm_import(bill_import=one, by=world.factu)


def typed(world, month, number):
    """The month of an account, typed under a number."""
    return type_invoice(
        account=world.accounts["rogers 123456789"],
        starts_on=date(2026, month, 1),
        ends_on=date(2026, month, 28),
        totals=totals("10.00"),
        document=Upload(b"%PDF-1.7", "f.pdf", "application/pdf"),
        invoice_number=number,
        by=world.factu,
    )


def test_one_number_on_two_invoices_is_told_of_both_and_until_one_is_taken_back(world):
    first, *_between, last = [typed(world, month, f"F{month % 7}") for month in range(1, 9)]
    doubled = Finding.objects.filter(rule="A08")
    assert {told.version.invoice for told in doubled} == {first, last}
    withdraw_typed_invoice(
        invoice=first, version=first.current, reason="Saisie deux fois.", by=world.factu
    )
    assert not doubled.filter(version__shown_by__isnull=False).exists()


def test_the_group_s_file_is_read_under_the_mandates_in_force(world, tmp_path):
    intrl = respondent_user(Role.INTRL, world.root)
    mandate = BillingMandateFactory(branch=world.root)
    confirmed(world, "telus 123456789")
    (one,) = sent(world, telus(tmp_path, **ONE), group=True)
    assert invoices_made_by(world.admin, one.bill_file).count() == 1
    open_bill_file(bill_file=one.bill_file, reason="", by=world.admin)
    told = AuditEvent.objects.filter(code=events.FILE_READ.code)
    assert {event.branch_id for event in told} == {None, world.root.pk}
    revoke_billing_mandate(mandate=mandate, by=intrl)
    again = User.objects.get(pk=world.admin.pk)
    assert not invoices_made_by(again, one.bill_file).exists()


def test_a_mandate_taken_back_keeps_its_member_s_bills_out(world, tmp_path):
    intrl, mandate = (
        respondent_user(Role.INTRL, world.root),
        BillingMandateFactory(branch=world.root),
    )
    taken = confirmed(world, "telus 123456789")
    other = OrganisationFactory(name="Ville Topaze").branches.get()
    BillingMandateFactory(branch=other)
    ProviderAccountFactory(
        branch=other,
        provider=taken.provider,
        number="555000111",
        confirmed_at=taken.confirmed_at,
        confirmed_by=taken.confirmed_by,
    )
    lines = {**ONE, "555000111": ["4185550009"]}
    (first, _use) = sent(world, telus(tmp_path, usage_rows=90, **lines), group=True)
    assert (first.state, first.refusal) == (ImportState.PUBLISHED, "")
    (second, use) = sent(world, telus(tmp_path, seed=8, usage_rows=95, **lines), group=True)
    assert second.awaits == [Awaited.DIFFERENCES]
    revoke_billing_mandate(mandate=mandate, by=intrl)
    confirm_import(bill_import=second, by=world.admin)
    work()
    shown = {i.account.number: i.current.charge_import_id for i in Invoice.objects.all()}
    assert shown == {"123456789": first.pk, "555000111": second.pk}
    (told,) = QuarantinedRow.objects.filter(bill_import=second)
    assert "n'a pas donné à ITQ de mandat" in told.reason
    use.refresh_from_db()
    assert use.awaits == [Awaited.BLIND_SPOTS]  # not the charges of whom took the mandate back
    confirm_import(bill_import=use, by=world.admin)
    work()
    assert Invoice.objects.get(account__number="555000111").current.usage_import == use
    assert Invoice.objects.get(account__number="123456789").current.usage_import != use


def test_use_shown_is_not_replaced_by_a_file_that_other_charges_complete(world, tmp_path):
    charges, usage = "rogers_charges_breakdown", "rogers_usage_breakdown"
    published(world, specimen(tmp_path / "rogers_a.csv", charges, **ONE).path)
    (shown,) = published(
        world, specimen(tmp_path / "rogers_1.csv", usage, usage_rows=50, **ONE).path
    )
    (late,) = sent(
        world, specimen(tmp_path / "rogers_2.csv", usage, usage_rows=90, **ONE, **OTHER).path
    )
    assert late.awaits == [Awaited.DIFFERENCES]
    published(world, specimen(tmp_path / "rogers_b.csv", charges, **OTHER).path)
    late.refresh_from_db()
    assert (late.state, late.awaits) == (ImportState.PREPARED, [Awaited.DIFFERENCES])
    assert next(iter(late.differences.values()))[0] == "50"
    invoice = Invoice.objects.get(account__number="123456789")
    assert invoice.current.usage_import == shown
    confirm_import(bill_import=late, by=world.factu)
    work()
    assert {i.current.usage_import_id for i in Invoice.objects.all()} == {late.pk}


def test_a_package_whose_use_is_refused_keeps_the_use_that_was_shown(world, tmp_path):
    _charges, use = published(world, telus(tmp_path, usage_rows=200))
    path = telus(tmp_path, seed=8, usage_rows=210)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    (airtime,) = [name for name in members if "airtime" in name.lower()]
    members[airtime] = members[airtime][:-40]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    charges, late = sent(world, path)
    confirm_import(bill_import=charges, by=world.factu)
    work()
    late.refresh_from_db(), use.refresh_from_db()
    assert (late.state, use.state) == (ImportState.REFUSED, ImportState.PUBLISHED)
    for invoice in Invoice.objects.all():
        told = (invoice.current.charge_import, invoice.current.usage_import, invoice.current.detail)
        assert told == (charges, use, Detail.COMPLETE)
        assert invoice.current.lineuses.exists()


def test_a_month_that_comes_late_closes_the_hole_that_was_told(world, tmp_path):
    def send_month(month):
        path = specimen(tmp_path / f"telus_{month}.zip", "telus_text_bill", month=month, **ONE)
        published(world, path.path)

    for month in (date(2026, 1, 1), date(2026, 3, 1)):
        send_month(month)
    holes = Finding.objects.filter(rule="A09", version__shown_by__isnull=False)
    hole = holes.get()
    assert hole.evidence["message"].startswith("Rien n'est facturé du 2026-02-01 au 2026-02-28")
    send_month(date(2026, 2, 1))
    assert not holes.exists()


def test_charges_and_use_of_one_provider_are_settled_one_after_the_other(world, tmp_path):
    """Each would miss what the other has not committed, and the use would wait for ever."""
    path = specimen(tmp_path / "rogers_u.csv", "rogers_usage_breakdown", usage_rows=30).path
    assert not locked_providers()
    assert prepared(world, path).awaits == [Awaited.CHARGES]
    assert locked_providers() == {world.providers["rogers"].pk}
    publish_import(bill_import=prepared(world, telus(tmp_path)), by=SYSTEM)
    assert locked_providers() == {provider.pk for provider in world.providers.values()}


def locked_providers() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            " AND pid = pg_backend_pid() AND classid = %s",
            [PROVIDERS],
        )
        return {row[0] for row in cursor.fetchall()}
