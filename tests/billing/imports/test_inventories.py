"""An inventory waits for a person, and proposes to close only what it says is gone (D-42, D-05)."""

import pytest

from billing.actions.proposals import decline_proposals
from billing.actions.publishing import confirm_import, refuse_import
from billing.kinds import Awaited, ImportState, ProfileState, ProposalKind, ProposalState
from billing.models import LineProposal, ProfileVersion
from billing.queries.gaps import proposals_of
from members.roles import Role
from tests.billing.factories import ProfileVersionFactory
from tests.billing.imports.test_clean import fleet_line, published
from tests.billing.imports.world import LINES, sent, specimen
from tests.members.factories import respondent_user

ACCOUNT = "123456789"
PROFILE = "rogers_eligibility"


@pytest.fixture
def rcell(world):
    return respondent_user(Role.RCELL, world.root)


def inventory(tmp_path, name, count=12):
    """An inventory of so many lines of the account."""
    lines = {ACCOUNT: LINES[ACCOUNT][:count]}
    return specimen(tmp_path / f"rogers_{name}.csv", PROFILE, **lines).path


def seen(rcell, world):
    """What is proposed to RCELL, number by number."""
    rows = proposals_of(rcell, world.root.organisation).filter(state=ProposalState.PROPOSED)
    return dict(rows.values_list("number", "kind"))


def test_a_cut_inventory_proposes_nothing_before_a_person_compared_its_counts(
    world, tmp_path, rcell
):
    for number in LINES[ACCOUNT][:11]:
        fleet_line(world, "rogers", number, ACCOUNT)
    published(world, inventory(tmp_path, "whole"))
    whole = seen(rcell, world)
    assert ProposalKind.CLOSE not in whole.values()
    (one,) = sent(world, inventory(tmp_path, "cut", 4))
    assert (one.state, one.awaits) == (ImportState.PREPARED, [Awaited.BLIND_SPOTS])
    assert (one.totals["rows"], one.totals["last_rows"]) == (4, 12)
    assert seen(rcell, world) == whole
    refuse_import(bill_import=one, reason="Fichier coupé.", by=world.factu)
    assert seen(rcell, world) == whole
    (again,) = sent(world, inventory(tmp_path, "shorter", 5))
    confirm_import(bill_import=again, by=world.factu)
    assert [*seen(rcell, world).values()].count(ProposalKind.CLOSE) == 6


def test_a_line_whose_row_was_rejected_is_not_proposed_to_be_closed(world, tmp_path, rcell):
    told = ProfileVersion.objects.get(definition__code=PROFILE)
    ProfileVersion.objects.filter(pk=told.pk).update(state=ProfileState.RETIRED)
    lenient = {**told.definition, "controls": {"rejects": {"rows": 1}}}
    made = ProfileVersionFactory(profile=told.profile, number=2, definition=lenient)
    ProfileVersion.objects.filter(pk=made.pk).update(state=ProfileState.ACTIVE)
    number = LINES[ACCOUNT][0]
    fleet_line(world, "rogers", number, ACCOUNT)
    path = inventory(tmp_path, "spoilt")
    path.write_bytes(path.read_bytes().replace(number.encode(), b"5145550x00", 1))
    (one,) = published(world, path)
    assert one.rejected_count == 1
    assert number not in seen(rcell, world)
    assert len(seen(rcell, world)) == 11


def test_what_was_refused_of_a_line_is_not_proposed_again(world, tmp_path, rcell):
    gone = fleet_line(world, "rogers", "5145559999", ACCOUNT).number
    published(world, inventory(tmp_path, "first", 2))
    refused = LineProposal.objects.filter(number__in=[gone, LINES[ACCOUNT][0]])
    assert refused.count() == 2
    decline_proposals(proposals=list(refused), reason="Ligne prêtée.", by=rcell)
    published(world, inventory(tmp_path, "second", 3))
    assert seen(rcell, world) == dict.fromkeys(LINES[ACCOUNT][1:3], ProposalKind.OPEN)
    LineProposal.objects.filter(number=LINES[ACCOUNT][0]).update(values={"plan_label": ["", "A"]})
    published(world, inventory(tmp_path, "third", 4))
    assert LINES[ACCOUNT][0] in seen(rcell, world)
    assert gone not in seen(rcell, world)
