"""Use of several accounts, of which some have their charges and others not yet (D-41, X-01)."""

from datetime import date

import pytest
from django.urls import reverse

from billing.actions import publishing
from billing.actions.files import replay_import
from billing.actions.publishing import confirm_import
from billing.actions.sweeping import sweep_storages
from billing.actions.typed import type_invoice
from billing.kinds import Awaited, Detail, ImportState
from billing.loading import laying
from billing.models import Import, Invoice, LineUse, RowStorage, Usage
from members.models import BillingMandate
from portal.audit import SYSTEM
from portal.models import AuditEvent, QueuedTask
from portal.uploads import Upload
from tests.billing.imports.test_clean import published
from tests.billing.imports.test_refusals import confirmed
from tests.billing.imports.test_together import ONE, OTHER, totals
from tests.billing.imports.world import LINES, TASKS, send, sent, specimen, work
from tests.members.factories import BillingMandateFactory

CHARGES, USAGE = "rogers_charges_breakdown", "rogers_usage_breakdown"
FIRST, LATE = LINES


def charges(tmp_path, **lines):
    return specimen(tmp_path / f"rogers_c{len(lines)}{min(lines)}.csv", CHARGES, **lines).path


def use(tmp_path, rows=90, **lines):
    return specimen(tmp_path / f"rogers_u{rows}.csv", USAGE, usage_rows=rows, **lines or LINES).path


def in_part(world, tmp_path) -> Import:
    """The group's use of two accounts; the charges of one are there."""
    for number in LINES:
        BillingMandateFactory(branch=confirmed(world, f"rogers {number}").branch)
    published(world, charges(tmp_path, **ONE))
    (one,) = sent(world, use(tmp_path), group=True)
    return one


def shown() -> dict[str, int | None]:
    """The import whose use each account shows."""
    told = Invoice.objects.filter(current__isnull=False)
    return dict(told.values_list("account__number", "current__usage_import"))


def page(client, world, one) -> str:
    client.force_login(world.admin if one.branch is None else world.factu)
    args = [one.bill_file_id]
    if one.branch is not None:
        args.insert(0, world.root.organisation.slug)
    name = "staff_bill_file_progress" if one.branch is None else "bill_file_progress"
    return client.get(reverse(f"billing:{name}", args=args)).content.decode()


def test_one_account_without_charges_hides_nobody_s_use(client, world, tmp_path):
    one = in_part(world, tmp_path)
    assert (one.state, one.awaits) == (ImportState.PUBLISHED, [Awaited.CHARGES])
    assert shown() == {FIRST: one.pk}
    told = page(client, world, one)
    assert "Publié, attend des frais" in told
    assert f"Compte {LATE} : ses frais ne sont pas publiés" in told
    assert f"Compte {FIRST}" not in told
    assert 'hx-trigger="every 30s"' in told
    published(world, charges(tmp_path, **OTHER))
    one.refresh_from_db()
    assert (one.state, one.awaits) == (ImportState.PUBLISHED, [])
    assert shown() == {FIRST: one.pk, LATE: one.pk}
    assert {i.current.detail for i in Invoice.objects.all()} == {Detail.COMPLETE}
    counts = LineUse.objects.filter(version__shown_by__isnull=False)
    assert sum(counts.values_list("record_count", flat=True)) == 90
    assert f"Compte {LATE}" not in page(client, world, one)
    (event,) = AuditEvent.objects.filter(code="bill_import.completed")
    assert (event.object_id, event.data["accounts"]) == (one.pk, [LATE])
    before = (LineUse.objects.count(), AuditEvent.objects.count())
    TASKS["billing.attach_late_use"].run(import_id=one.pk)
    assert (LineUse.objects.count(), AuditEvent.objects.count()) == before


def test_the_same_file_again_adds_no_row_and_its_late_account_still_follows(world, tmp_path):
    one = in_part(world, tmp_path)
    rows = Usage.objects.count()
    again = replay_import(bill_import=one, by=world.admin)
    work()
    again.refresh_from_db()
    assert (again.state, again.storage, Usage.objects.count()) == (
        ImportState.UNCHANGED,
        None,
        rows,
    )
    published(world, charges(tmp_path, **OTHER))
    assert shown() == {FIRST: one.pk, LATE: one.pk}


def test_an_account_that_shows_another_file_s_use_keeps_it(world, tmp_path):
    one = in_part(world, tmp_path)
    (own,) = sent(world, use(tmp_path, rows=40, **OTHER))
    assert own.awaits == [Awaited.CHARGES]
    published(world, charges(tmp_path, **OTHER))
    one.refresh_from_db()
    assert shown() == {FIRST: one.pk, LATE: own.pk}
    assert (one.state, one.awaits) == (ImportState.PUBLISHED, [])


def test_what_still_awaits_charges_is_neither_superseded_nor_swept(world, tmp_path, monkeypatch):
    monkeypatch.setattr(laying, "ALONE", 0)
    one = in_part(world, tmp_path)
    (own,) = sent(world, use(tmp_path, rows=50, **ONE))
    confirm_import(bill_import=own, by=world.factu)
    work()
    RowStorage.objects.update(opened_at="2020-01-01T00:00:00Z")
    sweep_storages(by=SYSTEM)
    one.refresh_from_db()
    assert (one.state, one.storage.dropped_at) == (ImportState.PUBLISHED, None)
    published(world, charges(tmp_path, **OTHER))
    assert shown() == {FIRST: own.pk, LATE: one.pk}


def test_use_attached_late_and_cut_shows_nothing_then_all(world, tmp_path, monkeypatch):
    one = in_part(world, tmp_path)
    send(world, charges(tmp_path, **OTHER))
    monkeypatch.setitem(TASKS, "billing.attach_late_use", TASKS["billing.restate_line"])
    with pytest.raises(TypeError):  # promised, and the worker dies there
        work()
    monkeypatch.undo()
    with monkeypatch.context() as cut:
        cut.setattr(publishing, "_supersede", None)
        with pytest.raises(TypeError):
            TASKS["billing.attach_late_use"].run(import_id=one.pk)
    assert shown() == {FIRST: one.pk, LATE: None}
    assert not LineUse.objects.filter(version__invoice__account__number=LATE).exists()
    QueuedTask.objects.filter(task_name="billing.attach_late_use").update(done_at=None)
    work()
    assert shown() == {FIRST: one.pk, LATE: one.pk}


def typed(world, number):
    """The account's January, typed from its paper."""
    type_invoice(
        account=world.accounts[f"rogers {number}"],
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 1, 31),
        totals=totals("10.00"),
        document=Upload(b"%PDF-1.7", "f.pdf", "application/pdf"),
        by=world.factu,
    )


def test_a_typed_invoice_is_told_to_itq_under_its_mandate_alone(client, world, tmp_path):
    one = in_part(world, tmp_path)
    typed(world, LATE)
    assert f"Compte {LATE} : sa facture du 2026-01-01" in page(client, world, one)
    BillingMandate.objects.all().delete()  # that of the root covers its subdivisions
    assert f"Compte {LATE} : ses frais ne sont pas publiés" in page(client, world, one)


def test_use_on_a_typed_invoice_says_what_to_do(client, world, tmp_path):
    typed(world, FIRST)
    (one,) = sent(world, use(tmp_path, **ONE))
    assert (one.state, one.awaits) == (ImportState.PREPARED, [Awaited.CHARGES])
    told = page(client, world, one)
    assert f"Compte {FIRST} : sa facture du 2026-01-01 au 2026-01-31 est saisie" in told
    assert "Déposez le fichier de ses frais" in told
    (corrected,) = sent(world, charges(tmp_path, **ONE))
    assert corrected.awaits == [Awaited.DIFFERENCES]
    confirm_import(bill_import=corrected, by=world.factu)
    work()
    assert shown() == {FIRST: one.pk}
    assert "est saisie" not in page(client, world, one)


def test_many_accounts_without_charges_are_counted(client, world, tmp_path):
    one = in_part(world, tmp_path)
    one.totals["without_charges"] = [f"{n:09}" for n in range(23)]
    one.save(update_fields=["totals"])
    told = page(client, world, one)
    assert told.count("ses frais ne sont pas publiés") == 20
    assert "Autres comptes : 3" in told
