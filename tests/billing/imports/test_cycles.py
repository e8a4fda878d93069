"""A file beside the cycle before of its own accounts: rows far from it wait for a person."""

from datetime import date

import pytest

from billing.actions.publishing import confirm_import
from billing.kinds import Awaited, ImportState
from tests.billing.imports.test_clean import published
from tests.billing.imports.world import LINES, sent, specimen

LARGE, SMALL = LINES
FEBRUARY = date(2026, 2, 1)


def bill(tmp_path, month, **lines):
    """A text bill of these accounts: account → how many of its lines."""
    told = {account: LINES[account][:count] for account, count in lines.items()}
    path = tmp_path / f"telus_{month.month}_{'_'.join(told)}.zip"
    return specimen(path, "telus_text_bill", month=month, **told)


def test_a_small_account_is_not_measured_by_a_large_one(world, tmp_path):
    """A text bill is of one account: the member's other one is no cycle of it."""
    for month in (date(2026, 1, 1), FEBRUARY):
        published(world, bill(tmp_path, month, **{LARGE: 12}).path)
        (small,) = published(world, bill(tmp_path, month, **{SMALL: 2}).path)
    told = bill(tmp_path, date(2026, 1, 1), **{SMALL: 2}).rows["individual_detail"]
    assert small.totals["last_rows"] == told.height + 1  # its statement too


@pytest.mark.parametrize(("before", "after"), [(2, 12), (12, 2)])
def test_a_fleet_far_from_its_last_cycle_waits_for_a_person(world, tmp_path, before, after):
    first = bill(tmp_path, date(2026, 1, 1), **{LARGE: before})
    second = bill(tmp_path, FEBRUARY, **{LARGE: after})
    published(world, first.path)
    (one,) = sent(world, second.path)
    assert (one.state, one.awaits) == (ImportState.PREPARED, [Awaited.ROW_RATIO]), one.refusal
    ((label, figures),) = one.differences.items()
    assert "de 0,5 à 2 fois" in label
    assert figures == [str(file.rows["individual_detail"].height) for file in (first, second)]
    confirm_import(bill_import=one, by=world.factu)
    one.refresh_from_db()
    assert (one.state, one.confirmed_by) == (ImportState.PUBLISHED, world.factu)


def test_a_cycle_is_measured_by_an_earlier_one_alone(world, tmp_path):
    """Months sent in any order: what follows is no measure of what came before."""
    published(world, bill(tmp_path, FEBRUARY, **{LARGE: 12}).path)
    (one,) = published(world, bill(tmp_path, date(2026, 1, 1), **{LARGE: 2}).path)
    assert "last_rows" not in one.totals
