"""Billed lines that the fleet lacks are in the queue while an invoice shown bills them (F-41)."""

from datetime import date

import pytest

from billing.actions.gaps import explain_gaps, ignore_gaps
from billing.actions.publishing import confirm_import
from billing.kinds import Awaited, GapState
from billing.models import Gap
from tests.billing.imports.test_again import telus
from tests.billing.imports.test_clean import published
from tests.billing.imports.world import LINES, sent

ACCOUNT = "123456789"
NUMBER = LINES[ACCOUNT][0]
FEBRUARY = date(2026, 2, 1)


def queued(number=NUMBER):
    """What is asked about the number on the invoices that are shown."""
    return list(Gap.objects.filter(number=number, version__shown_by__isnull=False))


def corrected(world, path):
    """A correction that waits for a person."""
    (waiting,) = sent(world, path)
    assert waiting.awaits == [Awaited.DIFFERENCES]
    return waiting


def test_nothing_is_asked_of_an_invoice_that_is_not_shown(world, tmp_path):
    published(world, telus(tmp_path))
    waiting = corrected(world, telus(tmp_path, seed=8))
    assert not Gap.objects.filter(version__charge_import=waiting).exists()
    confirm_import(bill_import=waiting, by=world.factu)
    shown = Gap.objects.filter(version__charge_import=waiting)
    assert set(shown.values_list("number", flat=True)) == {n for own in LINES.values() for n in own}
    (gap,) = queued()
    total = gap.version.linetotals.get(number=NUMBER, line_amount__isnull=False)
    assert (gap.amount, gap.branch) == (total.line_amount, world.root)
    assert gap.subscriber


@pytest.mark.parametrize("act", [explain_gaps, ignore_gaps])
def test_what_is_settled_while_a_correction_waits_is_not_asked_by_it(world, tmp_path, act):
    published(world, telus(tmp_path))
    waiting = corrected(world, telus(tmp_path, seed=8))
    act(gaps=queued(), reason="Ligne prêtée.", by=world.factu)
    confirm_import(bill_import=waiting, by=world.factu)
    assert queued() == []
    assert not Gap.objects.filter(number=NUMBER, state=GapState.OPEN).exists()


@pytest.mark.parametrize("act", [explain_gaps, ignore_gaps])
def test_a_word_on_a_line_settles_what_is_left_of_earlier_versions(world, tmp_path, act):
    published(world, telus(tmp_path))
    confirm_import(bill_import=corrected(world, telus(tmp_path, seed=8)), by=world.factu)
    act(gaps=queued(), reason="Ligne prêtée.", by=world.factu)
    told = Gap.objects.filter(number=NUMBER)
    assert {(gap.settled_by, gap.reason) for gap in told} == {(world.factu, "Ligne prêtée.")}
    assert told.count() == 2
    assert not told.filter(state=GapState.OPEN).exists()


def test_a_line_that_a_correction_drops_is_asked_of_the_next_month_that_bills_it(world, tmp_path):
    published(world, telus(tmp_path))
    published(world, telus(tmp_path, seed=9, month=FEBRUARY))
    assert [gap.version.invoice.period.lower.month for gap in queued()] == [1]
    lines = {**LINES, ACCOUNT: LINES[ACCOUNT][1:]}
    waiting = corrected(world, telus(tmp_path, seed=8, **lines))
    confirm_import(bill_import=waiting, by=world.factu)
    assert [gap.version.invoice.period.lower for gap in queued()] == [FEBRUARY]
    assert len(queued(LINES[ACCOUNT][1])) == 1
