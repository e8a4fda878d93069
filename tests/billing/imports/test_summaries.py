"""A report that only has amounts by line never takes the place of a detail (Rogers, TELUS IQ)."""

import pytest
from django.core.exceptions import ValidationError

from billing.actions.publishing import confirm_import
from billing.kinds import Awaited, FileKind, ImportState
from billing.models import Invoice
from billing.tasks import read_import
from tests.billing.imports.world import LINES, send, sent, specimen, work

PAIRS = (
    ("telus", "zip", "telus_text_bill", "csv", "telus_iq_invoice"),
    ("rogers", "csv", "rogers_charges_breakdown", "csv", "rogers_current_charges"),
)
pytestmark = pytest.mark.parametrize("pair", PAIRS)


def both(tmp_path, pair, **lines):
    """The detail of a month, and the report of the same."""
    provider, ending, detail, report_ending, report = pair
    return (
        specimen(tmp_path / f"{provider}_detail.{ending}", detail, **lines).path,
        specimen(tmp_path / f"{provider}_report.{report_ending}", report).path,
    )


def kinds_shown():
    """Of which kind of file each account's invoice is shown."""
    kind = "current__charge_import__profile_version__profile__kind"
    return dict(Invoice.objects.values_list("account__number", kind))


def test_a_report_of_invoices_in_detail_changes_nothing(world, tmp_path, pair):
    detail, report = both(tmp_path, pair)
    (first, *_) = sent(world, detail)
    assert first.state == ImportState.PUBLISHED
    (second,) = sent(world, report)
    assert (second.state, second.awaits) == (ImportState.UNCHANGED, [])
    assert FileKind.SUMMARY not in kinds_shown().values()


def test_only_the_accounts_without_a_detail_are_taken(world, tmp_path, pair):
    one, other = LINES
    detail, report = both(tmp_path, pair, **{one: LINES[one]})
    sent(world, detail)
    (second,) = sent(world, report)
    assert second.state == ImportState.PUBLISHED
    assert kinds_shown()[other] == FileKind.SUMMARY
    assert kinds_shown()[one] != FileKind.SUMMARY


def test_a_detail_takes_the_place_of_a_report_once_confirmed(world, tmp_path, pair):
    detail, report = both(tmp_path, pair)
    sent(world, report)
    (second, *_) = sent(world, detail)
    assert second.awaits == [Awaited.DIFFERENCES]
    confirm_import(bill_import=second, by=world.factu)
    assert FileKind.SUMMARY not in kinds_shown().values()


def test_a_detail_shown_since_the_report_was_compared_is_kept(world, tmp_path, pair, monkeypatch):
    """Both were read before either was shown: the report then waits, and cannot be confirmed."""
    detail, report = both(tmp_path, pair)
    late = send(world, report).imports.get()
    monkeypatch.setattr("billing.tasks.publish_import", lambda **told: None)
    read_import.run(import_id=late.pk)
    monkeypatch.undo()
    early = send(world, detail).imports.earliest("pk")
    read_import.run(import_id=early.pk)
    work()
    late.refresh_from_db()
    assert late.awaits == [Awaited.DIFFERENCES]
    with pytest.raises(ValidationError, match="relisez"):
        confirm_import(bill_import=late, by=world.factu)
    assert FileKind.SUMMARY not in kinds_shown().values()
