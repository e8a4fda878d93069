"""A file really refused is told until another of its days, or a person, settles it (A06, X-14)."""

from datetime import date

import pytest

from billing.actions.files import replay_import, settle_refusals
from billing.kinds import Arrival, ImportPart, ImportState
from billing.queries.expected import awaited_files, refused_still
from billing.queries.inbox import bill_items
from billing.specimens.defects import Defect, spoil
from tests.billing.imports.test_refusals import FILES, confirmed
from tests.billing.imports.world import send, sent, specimen, work
from tests.billing.staff.conftest import RENAMED
from tests.members.factories import BillingMandateFactory

NOVEMBER, DECEMBER, JANUARY = date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)
ROGERS = "rogers_charges_breakdown"


def written(tmp_path, profile, month=NOVEMBER, seed=7, **more):
    name = f"{profile}_{month:%m}_{seed}.{FILES[profile]}"
    return specimen(tmp_path / name, profile, month=month, seed=seed, **more).path


def recalled():
    """The files that are told, each of them once."""
    return set(refused_still().values_list("bill_file", flat=True))


@pytest.mark.parametrize("defect", [Defect.MISSING_COLUMN, Defect.DROPPED_ROW])
@pytest.mark.parametrize("profile", FILES)
def test_a_month_refused_stays_told_beside_the_others(world, tmp_path, profile, defect):
    """Three months at once, the first refused: only another file of its days replaces it."""
    spoiled = written(tmp_path, profile)
    spoil(spoiled, profile, defect, seed=3)
    sent_files = [send(world, spoiled)] + [
        send(world, written(tmp_path, profile, month)) for month in (DECEMBER, JANUARY)
    ]
    work()
    refused, *others = (file.imports.get() for file in sent_files)
    assert refused.state == ImportState.REFUSED
    assert {one.state for one in others} == {ImportState.PUBLISHED}
    assert (refused.period.lower, refused.period.upper) == (NOVEMBER, DECEMBER)
    assert recalled() == {refused.bill_file_id}
    assert [one.title for one in bill_items(world.factu) if one.kind == "Fichier"] == [
        f"Fichier refusé : {spoiled.name}"
    ]
    provider, organisation = refused.provider, world.root.organisation
    (told,) = [
        (account.charges, account.file_id)
        for account in awaited_files(world.factu, organisation, date(2026, 2, 10))
        if (account.provider, account.month, account.branch) == (provider, NOVEMBER, world.root)
    ]
    assert told == (Arrival.REFUSED, refused.bill_file_id)
    mended = send(world, written(tmp_path, profile, seed=8))
    assert recalled() == {refused.bill_file_id}  # received is not read
    work()
    assert mended.imports.get().state == ImportState.PUBLISHED
    assert recalled() == set()


def test_a_header_renamed_still_tells_the_days_of_the_file(world, tmp_path):
    path = written(tmp_path, ROGERS)
    path.write_bytes(path.read_bytes().replace(*(name.encode() for name in RENAMED)))
    (refused,) = sent(world, path)
    assert (refused.state, refused.period.lower) == (ImportState.REFUSED, NOVEMBER)


def test_a_refusal_of_unknown_days_is_replaced_by_the_same_file_or_by_a_person(world, tmp_path):
    refused = []
    for n, content in enumerate((b"", b"PK\x03\x04 cut")):
        path = tmp_path / f"rogers_{n}.csv"
        path.write_bytes(content)
        refused += sent(world, path)
    first, second = refused
    assert (first.state, first.period, second.period) == (ImportState.REFUSED, None, None)
    sent(world, written(tmp_path, ROGERS))
    assert recalled() == {first.bill_file_id, second.bill_file_id}
    replay_import(bill_import=first, by=world.factu)
    assert recalled() == {second.bill_file_id}
    work()
    assert recalled() == {first.bill_file_id, second.bill_file_id}  # refused again
    for one in refused:
        settle_refusals(bill_file=one.bill_file, by=world.factu)
    assert recalled() == set()


def test_the_use_refused_with_its_charges_goes_with_them(world, tmp_path):
    """A package's use says no days: those of its charges do, whoever refused it."""
    path = written(tmp_path, "telus_text_bill", usage_rows=60)
    spoil(path, "telus_text_bill", Defect.CHANGED_AMOUNT, seed=1)
    assert {one.state for one in sent(world, path)} == {ImportState.REFUSED}
    sent(world, written(tmp_path, "telus_text_bill", DECEMBER, usage_rows=60))
    assert refused_still().count() == 2
    sent(world, written(tmp_path, "telus_text_bill", seed=8, usage_rows=60))
    assert recalled() == set()


def test_the_use_alone_refused_waits_for_another_of_its_month(world, tmp_path):
    path = written(tmp_path, "telus_text_bill", usage_rows=60)
    spoil(path, "telus_text_bill", Defect.BAD_BYTE, seed=2, part="airtime_detail")
    charges, use = sent(world, path)
    assert (charges.state, use.state) == (ImportState.PUBLISHED, ImportState.REFUSED)
    sent(world, written(tmp_path, "telus_text_bill", DECEMBER, usage_rows=60))
    assert [one.part for one in refused_still()] == [ImportPart.USAGE]


def test_the_group_s_month_refused_is_counted_until_it_is_replaced(world, tmp_path):
    BillingMandateFactory(branch=confirmed(world, "rogers 123456789").branch)
    spoiled = written(tmp_path, ROGERS)
    spoil(spoiled, ROGERS, Defect.DROPPED_ROW, seed=3)
    (refused,) = sent(world, spoiled, group=True)
    sent(world, written(tmp_path, ROGERS, DECEMBER), group=True)
    sent(world, written(tmp_path, ROGERS, seed=8))  # the member's own replaces none of the group's
    assert recalled() == {refused.bill_file_id}
