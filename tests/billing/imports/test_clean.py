"""A clean month of each shipped layout is published to the cent, with its rollups."""

import zipfile
from datetime import date, timedelta

import polars as pl
import pytest
from django.db.models import F, Sum

from billing.actions.publishing import confirm_import
from billing.formats.shipped import shipped_definitions
from billing.kinds import Awaited, Detail, ImportState, ProfileState, ProposalKind, Severity
from billing.models import (
    CentreTotal,
    CentreUse,
    Charge,
    Finding,
    Gap,
    Import,
    Invoice,
    LineProposal,
    LineTotal,
    LineUse,
    ProfileVersion,
    Usage,
)
from tests.billing.factories import ProfileVersionFactory
from tests.billing.imports.world import LINES, sent, specimen, work
from tests.members.factories import CostCentreFactory
from tests.orders.factories import LineVersionFactory, ServiceLineFactory

CHARGES = {
    "telus_text_bill": "individual_detail",
    "telus_iq_invoice": "invoice_report",
    "rogers_charges_breakdown": "charges",
    "rogers_current_charges": "current_charges",
    "rogers_wireless_zip": "wireless",
}
BLIND = {"rogers_wireless_zip"}
TAXES = {
    "tax_tps": ("tps_amount", "tps_amount"),
    "tax_tvq": ("tvq_amount", "tvq_amount"),
    "tax_other": ("other_taxes_amount", "other_tax_amount"),
}
"""Categories that are a tax by themselves: where the invoice has it, and where a line does."""
CARRIED = ("previous_balance_amount", "payments_amount", "adjustments_amount")
OURS = ("charges_amount", "tps_amount", "tvq_amount", "other_taxes_amount")
NOT_CHARGED = [*TAXES, "balance_forward", "payment", "memo"]


def published(world, path, **how):
    """The imports of a file, confirmed where they wait for it."""
    imports = sent(world, path, **how)
    for one in imports:
        one.refresh_from_db()
        if one.state == ImportState.PREPARED and one.awaits == [Awaited.BLIND_SPOTS]:
            confirm_import(bill_import=one, by=world.factu)
    work()
    for one in imports:
        one.refresh_from_db()
        assert (one.state, one.refusal) == (ImportState.PUBLISHED, "")
    return imports


def total(queryset, name="amount"):
    return queryset.aggregate(total=Sum(name))["total"]


@pytest.mark.parametrize(("profile", "part"), CHARGES.items())
def test_what_is_published_is_what_the_file_says(world, tmp_path, profile, part):
    told = specimen(tmp_path / f"{profile}.csv", profile)
    (one,) = published(world, told.path)
    assert bool(one.confirmed_by) == (profile in BLIND)
    rows = told.rows[part]
    kept = Charge.objects.filter(storage_id=one.storage_id, import_id=one.pk).order_by("line")
    assert [(r.account, r.number, r.label, r.amount) for r in kept.order_by("line", "label")] == (
        sorted_rows(kept, rows)
    )
    invoices = Invoice.objects.select_related("current", "account")
    assert {invoice.account.number for invoice in invoices} == set(LINES)
    for invoice in invoices:
        version, own = invoice.current, rows.filter(account=invoice.account.number)
        assert version.detail == Detail.CHARGES
        lines = LineTotal.objects.filter(version=version)
        charged = own.filter(~pl.col("category").is_in(NOT_CHARGED))["amount"].sum()
        assert version.charges_amount == charged
        assert charged == total(lines) == total(version.centretotals.all())
        for tax, (ours, column) in TAXES.items():
            taxed = own.filter(category=tax)["amount"].sum() + (own[column].sum() or 0)
            assert getattr(version, ours) == taxed == total(lines, column)
            assert total(version.centretotals.all(), column) == taxed
        assert_lines_are_told_once(lines)
        assert version.charge_count == own.height
    assert CentreTotal.objects.filter(month=one.period.lower).exists()


def assert_lines_are_told_once(lines):
    """The first category of each line carries what all of them come to; the others, nothing."""
    taxes = F("tps_amount") + F("tvq_amount") + F("other_tax_amount")
    sums = {"n": Sum("amount"), "taxed": Sum(taxes), "counted": Sum("charge_count")}
    summed = lines.order_by("number").values("number").annotate(**sums)
    told = ("number", "line_amount", "line_tax_amount", "line_charge_count")
    whole = lines.exclude(line_amount=None).order_by("number").values_list(*told)
    assert list(whole) == list(summed.values_list("number", *sums))
    for one in whole:
        of_line = lines.filter(number=one[0]).order_by("category")
        assert [row.line_amount is None for row in of_line] == [False, *[True] * (len(of_line) - 1)]


def sorted_rows(kept, rows):
    """The specimen's rows in the order of the file."""
    lines = sorted({row.line for row in kept})
    assert len(kept) == rows.height
    assert lines
    told = list(rows.select("account", "number", "label", "amount").iter_rows())
    stored = {(r.account, r.number, r.label, r.amount) for r in kept}
    assert stored == set(told)
    return [(r.account, r.number, r.label, r.amount) for r in kept.order_by("line", "label")]


def test_a_statement_stands_beside_our_totals(world, tmp_path):
    told = specimen(tmp_path / "telus.zip", "telus_text_bill")
    published(world, told.path)
    for account in LINES:
        statement = told.rows["group_summary"].filter(account=account).row(0, named=True)
        charges = told.rows["individual_detail"].filter(account=account)
        version = Invoice.objects.get(account__number=account).current
        for name in ("invoice_number", "issued_on", "due_on", *CARRIED):
            assert getattr(version, name) == statement[name]
        carried = [statement[name] for name in CARRIED]
        assert 0 not in (*carried, carried[0] + carried[1]), "paid in part, and adjusted"
        sums = [charges[n].sum() for n in ("amount", "tps_amount", "tvq_amount")]
        sums.append(charges["other_tax_amount"].sum())
        assert [getattr(version, name) for name in OURS] == sums
        assert version.due_amount == sum(carried) + sum(sums) == statement["total_due_amount"]
        assert version.line_count == statement["line_count"] == len(LINES[account])
        assert version.charge_count == statement["charge_count"] == charges.height
        assert version.stated == {
            **{name: str(amount) for name, amount in zip(OURS, sums, strict=True)},
            "due_amount": str(statement["total_due_amount"]),
            "line_count": statement["line_count"],
            "charge_count": statement["charge_count"],
        }


@pytest.mark.parametrize(
    ("field", "day", "told", "mend"),
    [
        ("closed_on", date(2026, 1, 1), "est fermé depuis le 2026-01-01", "de fermeture"),
        ("opened_on", date(2026, 2, 1), "n'est ouvert que depuis le 2026-02-01", "d'ouverture"),
    ],
)
def test_charges_of_an_account_that_is_not_open_then_are_blocked(
    world, tmp_path, field, day, told, mend
):
    """B01; a day earlier, or later, the account stood."""
    account = world.accounts["telus 123456789"]
    other = world.accounts["telus 987654321"]
    edge = day + timedelta(days=1 if field == "closed_on" else -1)
    for one, when in ((account, day), (other, edge)):
        setattr(one, field, when)
        one.save()
    published(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path)
    (finding,) = Finding.objects.filter(rule="B01")
    assert finding.version.invoice.account == account
    assert finding.severity == Severity.BLOCKS
    assert f"Le compte 123456789 {told}" in finding.evidence["message"]
    assert "Contestez ces frais" in finding.evidence["message"]
    assert finding.evidence["message"].endswith(f"corriger la date {mend}.")


def test_use_comes_after_charges_onto_the_same_invoices(world, tmp_path):
    told = specimen(tmp_path / "telus.zip", "telus_text_bill", usage_rows=400)
    charges, use = published(world, told.path)
    assert charges.storage.month
    assert use.storage.kind == "usage"
    rows = told.rows["airtime_detail"]
    assert Usage.objects.filter(storage_id=use.storage_id, import_id=use.pk).count() == 400
    for invoice in Invoice.objects.all():
        version, own = invoice.current, rows.filter(account=invoice.account.number)
        assert (version.detail, version.usage_import_id) == (Detail.COMPLETE, use.pk)
        lines = LineUse.objects.filter(version=version)
        assert total(lines, "record_count") == own.height
        assert total(lines, "quantity") == own["quantity"].sum()
        assert total(CentreUse.objects.filter(version=version)) == own["amount"].sum()


def test_use_that_comes_first_waits_for_its_charges(world, tmp_path):
    use_file = specimen(tmp_path / "rogers_u.csv", "rogers_usage_breakdown", usage_rows=300)
    (use,) = sent(world, use_file.path)
    assert (use.state, use.awaits) == (ImportState.PREPARED, [Awaited.CHARGES])
    assert not Invoice.objects.exists()
    charges = specimen(tmp_path / "rogers_c.csv", "rogers_charges_breakdown")
    published(world, charges.path)
    use.refresh_from_db()
    assert use.state == ImportState.PUBLISHED
    assert {i.current.detail for i in Invoice.objects.all()} == {Detail.COMPLETE}


@pytest.mark.parametrize("profile", ["telus_inventory", "rogers_eligibility"])
def test_an_inventory_proposes(world, tmp_path, profile):
    gone = fleet_line(world, profile[:5], "5145559999", "123456789")
    fleet_line(world, profile[:5], LINES["123456789"][0], "123456789")
    suffix = "xlsx" if profile == "telus_inventory" else "csv"
    told = specimen(tmp_path / f"{profile}.{suffix}", profile)
    (one,) = published(world, told.path)
    kinds = dict(LineProposal.objects.filter(bill_import=one).values_list("number", "kind"))
    assert kinds.pop(gone.number) == ProposalKind.CLOSE
    assert kinds.pop(LINES["123456789"][0]) == ProposalKind.CHANGE
    assert set(kinds.values()) == {ProposalKind.OPEN}
    assert len(kinds) == 16
    opened = LineProposal.objects.get(number=LINES["987654321"][0])
    assert opened.values["plan_label"] == [None, "Forfait 20 Go Canada"]
    assert opened.branch == world.accounts[f"{one.provider.code} 987654321"].branch


def fleet_line(world, code, number, account, **fields):
    """A line in service of the member, on one of its accounts."""
    code = "telus" if code == "telus" else "rogers"
    held = world.accounts[f"{code} {account}"]
    line = ServiceLineFactory(
        branch=held.branch, provider=held.provider, number=number, version=False
    )
    return LineVersionFactory(
        service_line=line, branch=held.branch, number=number, account=held, **fields
    )


def test_totals_use_the_cost_centre_of_the_day(world, tmp_path):
    number = LINES["123456789"][0]
    centre = CostCentreFactory(branch=world.root)
    fleet_line(world, "telus", number, "123456789", cost_centre=centre)
    told = specimen(tmp_path / "telus.zip", "telus_text_bill")
    published(world, told.path)
    rows = told.rows["individual_detail"].filter(number=number)
    assert total(CentreTotal.objects.filter(cost_centre=centre)) == rows["amount"].sum()
    assert not Gap.objects.filter(number=number).exists()
    assert Gap.objects.count() == 16
    assert {f.rule for i in Invoice.objects.all() for f in i.current.findings.all()} == {"B02"}


def test_a_period_that_only_the_charges_tell_is_said_on_the_invoice(world, tmp_path):
    """It stays so once the invoice is shown; a file that says its period has no such finding."""
    told = ProfileVersion.objects.get(definition__code="rogers_charges_breakdown")
    del told.definition["parts"][0]["layout"]["facts"]
    ProfileVersion.objects.filter(pk=told.pk).update(state=ProfileState.RETIRED)
    made = ProfileVersionFactory(profile=told.profile, number=2, definition=told.definition)
    ProfileVersion.objects.filter(pk=made.pk).update(state=ProfileState.ACTIVE)
    published(world, specimen(tmp_path / "rogers.csv", "rogers_charges_breakdown").path)
    published(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path)
    shown = Finding.objects.filter(rule="A06", version__shown_by__isnull=False)
    assert {one.version.invoice.account.provider.code for one in shown} == {"rogers"}
    assert [one.severity for one in shown] == [Severity.INFORMS] * len(LINES)
    assert (
        "du 2026-01-01 au 2026-01-31, vient des jours de ses frais"
        in (shown[0].evidence["message"])
    )


def test_every_shipped_layout_is_tried_here():
    tried = {*CHARGES, "rogers_usage_breakdown", "telus_inventory", "rogers_eligibility"}
    assert tried == set(shipped_definitions())


def test_a_package_whose_use_has_no_row_is_published(world, tmp_path, monkeypatch):
    """A part with its headers alone, under a profile that sees all: nobody confirms it."""
    monkeypatch.setattr("billing.actions.reading._is_blind", lambda *told: False)
    told = specimen(tmp_path / "telus.zip", "telus_text_bill", usage_rows=3)
    with zipfile.ZipFile(told.path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(told.path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data.splitlines(True)[0] if "airtime" in name else data)
    imports = sent(world, told.path)
    states = [Import.objects.get(pk=one.pk).state for one in imports]
    assert states == [ImportState.PUBLISHED] * 2
    assert not LineUse.objects.exists()
