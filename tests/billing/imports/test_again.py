"""The same file, a corrected one, a person's word, a second reading (X-12, X-13, D-42)."""

import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.actions.files import AlreadyImported, replay_import
from billing.actions.publishing import confirm_import, refuse_import
from billing.kinds import Awaited, Detail, GapState, ImportState, InvoiceState
from billing.models import (
    CentreTotal,
    CentreUse,
    Charge,
    Gap,
    Invoice,
    InvoiceVersion,
    LineTotal,
    LineUse,
)
from members.permissions import Refused
from members.roles import Role
from orders.actions.fleet import change_line
from portal.clock import database_clock
from tests.billing.imports.test_clean import fleet_line, published
from tests.billing.imports.test_refusals import confirmed
from tests.billing.imports.world import LINES, send, sent, specimen, work
from tests.members.factories import BillingMandateFactory, CostCentreFactory, respondent_user


def telus(tmp_path, seed=7, usage_rows=0, **more):
    return specimen(
        tmp_path / f"telus_{seed}.zip", "telus_text_bill", seed=seed, usage_rows=usage_rows, **more
    ).path


def test_the_same_bytes_again_are_told_and_add_nothing(world, tmp_path):
    path = telus(tmp_path)
    (one,) = published(world, path)
    rows = Charge.objects.count()
    with pytest.raises(AlreadyImported) as caught:
        send(world, path, name="renamed.zip")
    assert caught.value.bill_file == one.bill_file
    assert "déjà importé" in caught.value.messages[0]
    assert Charge.objects.count() == rows


def test_the_same_content_packed_otherwise_changes_nothing(world, tmp_path):
    path = telus(tmp_path)
    published(world, path)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    again = tmp_path / "telus_again.zip"
    with zipfile.ZipFile(again, "w") as archive:
        for name, data in reversed(members.items()):
            archive.writestr(name, data)
    rows = Charge.objects.count()
    (one,) = sent(world, again)
    assert (one.state, one.storage) == (ImportState.UNCHANGED, None)
    assert Charge.objects.count() == rows
    assert InvoiceVersion.objects.count() == 2


def test_what_moves_from_one_line_to_another_is_told_and_what_the_file_no_longer_has(
    world, tmp_path
):
    """The totals of the invoice stay; the other account is not in the corrected file."""
    told = specimen(tmp_path / "rogers_1.csv", "rogers_charges_breakdown")
    published(world, told.path)
    first, other = LINES["123456789"][:2]
    text = told.path.read_text("cp1252").replace(";LATE;", ";FEAT;")
    swapped = text.replace(first, "x").replace(other, first).replace("x", other)
    kept = [line for line in swapped.splitlines() if not line.startswith("987654321")]
    rows = [line.split(";") for line in kept if line.startswith("123456789")]
    amount, tps, tvq = (
        str(sum(Decimal(row[n].replace(",", ".")) for row in rows)).replace(".", ",")
        for n in (9, 10, 11)
    )
    kept[-1] = f"Total;{len(rows)};;;;;;;;{amount};{tps};{tvq}"
    path = tmp_path / "rogers_2.csv"
    path.write_text("\n".join(kept) + "\n", "cp1252")
    (second,) = sent(world, path)
    assert second.awaits == [Awaited.DIFFERENCES], second.refusal
    told = second.differences
    place = "Compte 123456789, période du 2026-01-01"
    was, will = told[f"{place} : ligne {first}, avec taxes"]
    assert told[f"{place} : ligne {other}, avec taxes"] == [will, was] != [was, will]
    assert not any("Frais avant taxes" in label for label in told)
    assert told["Compte 987654321, période du 2026-01-01"] == [
        "publiée",
        "absente du fichier : ne change pas",
    ]


def test_a_corrected_file_waits_with_its_differences_then_replaces(world, tmp_path):
    (first,) = published(world, telus(tmp_path))
    shown = {i.pk: i.current_id for i in Invoice.objects.all()}
    Invoice.objects.update(state=InvoiceState.VERIFIED)
    (second,) = sent(world, telus(tmp_path, seed=8))
    assert (second.state, second.awaits) == (ImportState.PREPARED, [Awaited.DIFFERENCES])
    assert all(len(pair) == 2 for pair in second.differences.values())
    assert any("Frais avant taxes" in label for label in second.differences)
    assert {i.pk: i.current_id for i in Invoice.objects.all()} == shown
    confirm_import(bill_import=second, by=world.factu)
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, second.state) == (ImportState.SUPERSEDED, ImportState.PUBLISHED)
    assert second.confirmed_by == world.factu
    for invoice in Invoice.objects.all():
        assert invoice.current.charge_import == second
        assert invoice.current.number == 2
        assert invoice.state == InvoiceState.TO_VERIFY


def test_a_corrected_file_refused_leaves_nothing(world, tmp_path):
    published(world, telus(tmp_path))
    rows, versions = Charge.objects.count(), InvoiceVersion.objects.count()
    (second,) = sent(world, telus(tmp_path, seed=8))
    with pytest.raises(ValidationError):
        refuse_import(bill_import=second, reason=" ", by=world.factu)
    refuse_import(bill_import=second, reason="Mauvais mois.", by=world.factu)
    second.refresh_from_db()
    assert (second.state, second.refusal) == (ImportState.REFUSED, "Mauvais mois.")
    assert (Charge.objects.count(), InvoiceVersion.objects.count()) == (rows, versions)


def test_one_account_corrected_leaves_the_other(world, tmp_path):
    published(world, telus(tmp_path))
    lines = {"123456789": LINES["123456789"], "987654321": LINES["987654321"][:4]}
    (second,) = sent(world, telus(tmp_path, seed=7, **lines))
    confirm_import(bill_import=second, by=world.factu)
    numbers = {i.account.number: i.current.number for i in Invoice.objects.all()}
    assert numbers == {"123456789": 1, "987654321": 2}


def test_a_correction_of_charges_alone_keeps_the_use(world, tmp_path):
    _charges, use = published(world, telus(tmp_path, usage_rows=200))
    before = sorted(LineUse.objects.values_list("number", "kind", "unit", "quantity"))
    (second,) = sent(world, telus(tmp_path, seed=8))
    confirm_import(bill_import=second, by=world.factu)
    for invoice in Invoice.objects.all():
        assert invoice.current.detail == Detail.COMPLETE
        assert invoice.current.usage_import == use
    shown = LineUse.objects.filter(version__shown_by__isnull=False)
    assert sorted(shown.values_list("number", "kind", "unit", "quantity")) == before


def test_corrected_use_replaces_after_a_person_s_word(world, tmp_path):
    published(world, specimen(tmp_path / "rogers_c.csv", "rogers_charges_breakdown").path)
    usage = "rogers_usage_breakdown"
    (first,) = published(world, specimen(tmp_path / "rogers_1.csv", usage, usage_rows=200).path)
    path = specimen(tmp_path / "rogers_2.csv", usage, usage_rows=210).path
    (second,) = sent(world, path)
    assert second.awaits == [Awaited.DIFFERENCES]
    confirm_import(bill_import=second, by=world.factu)
    first.refresh_from_db()
    assert first.state == ImportState.SUPERSEDED
    assert {i.current.usage_import_id for i in Invoice.objects.all()} == {second.pk}
    assert sum(LineUse.objects.values_list("record_count", flat=True)) == 210


def test_a_stale_confirmation_is_refused(world, tmp_path):
    published(world, telus(tmp_path))
    (second,) = sent(world, telus(tmp_path, seed=8))
    (third,) = sent(world, telus(tmp_path, seed=9))
    confirm_import(bill_import=third, by=world.factu)
    with pytest.raises(ValidationError, match="depuis cette lecture"):
        confirm_import(bill_import=second, by=world.factu)


def test_blind_controls_wait_for_a_person_each_time(world, tmp_path):
    for month in (date(2026, 1, 1), date(2026, 2, 1)):
        path = tmp_path / f"rogers_{month.month}.zip"
        (one,) = sent(world, specimen(path, "rogers_wireless_zip", month=month).path)
        assert one.awaits == [Awaited.BLIND_SPOTS]
        confirm_import(bill_import=one, by=world.factu)
    assert one.totals["last_rows"]
    assert Invoice.objects.filter(current__isnull=False).count() == 4


def test_only_who_may_send_confirms(world, tmp_path):
    (one,) = sent(world, specimen(tmp_path / "rogers.zip", "rogers_wireless_zip").path)
    rcell = respondent_user(Role.RCELL, world.root)
    for act in (
        lambda: confirm_import(bill_import=one, by=rcell),
        lambda: refuse_import(bill_import=one, reason="Non.", by=rcell),
        lambda: replay_import(bill_import=one, by=rcell),
    ):
        with pytest.raises(Refused):
            act()


def test_a_file_read_again_takes_the_account_that_was_apart(world, tmp_path):
    taken = confirmed(world, "telus 123456789")
    BillingMandateFactory(branch=taken.branch)
    path = telus(tmp_path)
    (one,) = sent(world, path, group=True)
    assert Invoice.objects.count() == 1
    confirmed(world, "telus 987654321")
    again = replay_import(bill_import=one, by=world.admin)
    with pytest.raises(ValidationError, match="en cours de lecture"):
        replay_import(bill_import=one, by=world.admin)
    work()
    again.refresh_from_db()
    assert (again.state, again.refusal) == (ImportState.PUBLISHED, "")
    assert {i.account.number: i.current.number for i in Invoice.objects.all()} == {
        "123456789": 1,
        "987654321": 1,
    }


def test_what_was_settled_of_a_line_is_not_asked_again(world, tmp_path):
    published(world, telus(tmp_path))
    gaps = Gap.objects.order_by("number")
    first, second = gaps[0], gaps[1]
    Gap.objects.filter(pk=first.pk).update(
        state=GapState.EXPLAINED,
        reason="Essai.",
        settled_at=database_clock(),
        settled_by=world.factu,
    )
    published(world, telus(tmp_path, seed=9, month=date(2026, 2, 1)))
    assert Gap.objects.filter(number=first.number).count() == 1
    assert Gap.objects.filter(number=second.number).count() == 1


def test_a_line_s_new_cost_centre_moves_the_invoices_since_then(world, tmp_path):
    """A dated act on a past day restates what it covers, and nothing before (D-43)."""
    number = LINES["123456789"][0]
    rcell = respondent_user(Role.RCELL, world.root)
    old, new = CostCentreFactory(branch=world.root), CostCentreFactory(branch=world.root)
    version = fleet_line(world, "telus", number, "123456789", cost_centre=old)
    for month in (date(2026, 1, 1), date(2026, 2, 1)):
        published(world, telus(tmp_path, seed=month.month, month=month, usage_rows=60))
    change_line(
        service_line=version.service_line,
        on=date(2026, 2, 15),
        by=rcell,
        reason="Mutation.",
        cost_centre=new,
    )
    work()
    told = {
        (row.month.month, row.cost_centre_id)
        for model in (CentreTotal, CentreUse)
        for row in model.objects.exclude(cost_centre=None)
    }
    assert told == {(1, old.pk), (2, new.pk)}
    totals = CentreTotal.objects.filter(month=date(2026, 2, 1))
    shown = Invoice.objects.filter(period__startswith=date(2026, 2, 1))
    billed = LineTotal.objects.filter(version__in=shown.values("current"))
    assert sum(t.amount for t in totals) == sum(t.amount for t in billed)
