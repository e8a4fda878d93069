"""A billed line matched, or opened from an inventory: every month of it follows (D-43, F-41)."""

from datetime import date

from billing.actions.gaps import GapMatch, match_gaps
from billing.actions.proposals import accept_proposals
from billing.actions.publishing import confirm_import
from billing.actions.restating import restate_service_line
from billing.kinds import Awaited, GapState, ProposalKind
from billing.models import CentreTotal, CentreUse, Finding, Gap, LineTotal, LineUse
from members.roles import Role
from orders.models import LineVersion
from portal.audit import SYSTEM
from portal.clock import today
from tests.billing.factories import LineProposalFactory
from tests.billing.imports.test_again import telus
from tests.billing.imports.test_clean import fleet_line, published
from tests.billing.imports.world import LINES, sent
from tests.members.factories import CostCentreFactory, respondent_user

ACCOUNT = "123456789"
BILLED = LINES[ACCOUNT][0]
MONTHS = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def month(world, tmp_path, number):
    """A month's charges and use of the member's accounts."""
    told = MONTHS[number]
    return published(world, telus(tmp_path, seed=number + 1, month=told, usage_rows=60))


def places(number):
    """Where each row of the number is: the line of the fleet and the cost centre."""
    rows = [model.objects.filter(number=number) for model in (LineTotal, LineUse)]
    return {(r.service_line_id, r.cost_centre_id) for told in rows for r in told}


def charged(model, centre):
    """The months in which something is on the cost centre."""
    return set(model.objects.filter(cost_centre=centre).values_list("month", flat=True))


def test_a_match_moves_every_month_shown_and_the_one_that_waits(world, tmp_path):
    centre = CostCentreFactory(branch=world.root)
    version = fleet_line(world, "telus", "5145559999", ACCOUNT, cost_centre=centre)
    line = version.service_line
    for number in (0, 1):
        month(world, tmp_path, number)
    (waiting,) = sent(world, telus(tmp_path, seed=9, month=MONTHS[1]))
    shown = Gap.objects.get(number=BILLED, version__shown_by__isnull=False)
    match_gaps(matches=[GapMatch(shown, line)], by=world.factu)
    assert places(BILLED) == {(line.pk, centre.pk)}
    assert waiting.invoice_versions.filter(linetotals__service_line=line).exists()
    assert charged(CentreTotal, centre) == charged(CentreUse, centre) == set(MONTHS[:2])
    gaps = Gap.objects.filter(number=BILLED)
    assert {(gap.state, gap.service_line, gap.settled_by) for gap in gaps} == {
        (GapState.MATCHED, line, world.factu)
    }
    month(world, tmp_path, 2)
    assert places(BILLED) == {(line.pk, centre.pk)}


def test_a_correction_that_waits_follows_a_line_that_changes_centre(world, tmp_path):
    version = fleet_line(world, "telus", BILLED, ACCOUNT)
    month(world, tmp_path, 0)
    (waiting,) = sent(world, telus(tmp_path, seed=9, month=MONTHS[0]))
    assert waiting.awaits == [Awaited.DIFFERENCES]
    centre = CostCentreFactory(branch=world.root)
    LineVersion.objects.filter(pk=version.pk).update(cost_centre=centre)
    restate_service_line(service_line=version.service_line, by=SYSTEM)
    confirm_import(bill_import=waiting, by=world.factu)
    assert places(BILLED) == {(version.service_line_id, centre.pk)}
    assert charged(CentreTotal, centre) == {MONTHS[0]}


def test_a_line_matched_under_another_number_is_billed(world, tmp_path):
    line = fleet_line(world, "telus", "5145559999", ACCOUNT).service_line
    unbilled = Finding.objects.filter(rule="B03", number="5145559999")
    month(world, tmp_path, 0)
    unknown = Finding.objects.filter(rule="B02", number=BILLED)
    assert (unbilled.count(), unknown.count()) == (1, 1)
    match_gaps(matches=[GapMatch(Gap.objects.get(number=BILLED), line)], by=world.factu)
    assert (unbilled.count(), unknown.count()) == (0, 0)
    month(world, tmp_path, 1)
    assert (unbilled.count(), unknown.count()) == (0, 0)


def test_a_line_opened_from_an_inventory_takes_the_months_that_billed_it(world, tmp_path):
    for number in (0, 1):
        month(world, tmp_path, number)
    opened = LineProposalFactory(
        branch=world.root,
        account=world.accounts[f"telus {ACCOUNT}"],
        kind=ProposalKind.OPEN,
        number=BILLED,
    )
    rcell = respondent_user(Role.RCELL, world.root)
    accept_proposals(proposals=[opened], on=today(), by=rcell)
    gap = Gap.objects.get(number=BILLED)
    assert (gap.state, gap.settled_by) == (GapState.MATCHED, rcell)
    assert gap.service_line.number == BILLED
    assert places(BILLED) == {(gap.service_line_id, None)}
