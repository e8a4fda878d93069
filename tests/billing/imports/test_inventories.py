"""An inventory waits for a person, and proposes to close only what it says is gone (D-42, D-05)."""

import pytest
from django.urls import reverse

from billing.actions.proposals import accept_proposals, decline_proposals
from billing.actions.publishing import confirm_import, refuse_import
from billing.kinds import Awaited, ImportState, ProfileState, ProposalKind, ProposalState
from billing.models import LineProposal, ProfileVersion
from billing.queries.gaps import proposals_of
from members.roles import Role
from orders.kinds import LineStatus
from orders.models import LineVersion
from portal.clock import today
from tests.billing.factories import ProfileVersionFactory
from tests.billing.imports.test_clean import fleet_line, published
from tests.billing.imports.test_refusals import confirmed
from tests.billing.imports.world import LINES, sent, specimen
from tests.members.factories import BillingMandateFactory, respondent_user

ACCOUNT, OTHER = LINES
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


def test_an_account_that_the_file_does_not_hold_keeps_its_lines_and_what_is_proposed_of_it(
    world, tmp_path, rcell
):
    """Absent from the file or without any line left, nothing there says which: none is closed."""
    gone = fleet_line(world, "rogers", "5145559999", ACCOUNT).number
    kept = fleet_line(world, "rogers", "5145558888", OTHER).number
    published(world, specimen(tmp_path / "rogers_both.csv", PROFILE).path)
    assert seen(rcell, world)[gone] == seen(rcell, world)[kept] == ProposalKind.CLOSE
    before = seen(rcell, world)
    (one,) = published(world, inventory(tmp_path, "one"))
    assert one.totals["accounts"] == {ACCOUNT: {"rows": {"inventory": 12}}}
    told = LineProposal.objects.filter(bill_import=one)
    assert set(told.values_list("account__number", flat=True)) == {ACCOUNT}
    assert seen(rcell, world) == before


def test_an_account_set_apart_in_the_group_s_inventory_keeps_its_lines(world, tmp_path, rcell):
    BillingMandateFactory(branch=confirmed(world, f"rogers {ACCOUNT}").branch)
    for account, number in ((ACCOUNT, "5145559999"), (OTHER, "5145558888")):
        fleet_line(world, "rogers", number, account)
    path = specimen(tmp_path / "rogers_group.csv", PROFILE).path
    (one,) = sent(world, path, group=True)
    confirm_import(bill_import=one, by=world.admin)
    assert list(one.totals["accounts"]) == [ACCOUNT]
    closed = LineProposal.objects.filter(kind=ProposalKind.CLOSE)
    assert [proposal.number for proposal in closed] == ["5145559999"]


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


STATES = ("Résiliée", "suspendue", "ACTIF", "En attente de port", "")
"""As an inventory of five lines of the fleet tells them, the last ones in service."""


def test_the_words_of_the_profile_alone_close_or_suspend_a_line(world, tmp_path, rcell):
    """« Résiliée » meant in service; a word that is unknown proposes nothing, and is told."""
    numbers = LINES[ACCOUNT][: len(STATES)]
    for number in numbers:
        fleet_line(world, "rogers", number, ACCOUNT)
    path = inventory(tmp_path, "states", len(STATES))
    head, *rows = path.read_text().splitlines(keepends=True)
    told = [row.replace(",Active,", f",{state},") for row, state in zip(rows, STATES, strict=True)]
    path.write_text("".join([head, *told]))
    (one,) = published(world, path)
    proposed = {p.number: p for p in LineProposal.objects.filter(bill_import=one)}
    cancelled, suspended, active, unknown, blank = numbers
    assert proposed[cancelled].kind == ProposalKind.CLOSE
    assert proposed[suspended].values["status"] == ["active", "suspended"]
    assert "status" not in proposed[active].values
    assert "status" not in proposed[blank].values
    assert unknown not in proposed
    (row,) = one.quarantine.all()
    assert (row.line, row.column, row.account, row.raw) == (5, "État", ACCOUNT, STATES[3])
    assert f"rien n'est proposé pour la ligne {unknown}" in row.reason
    assert one.quarantined_count == 1


def test_a_line_that_the_inventory_says_suspended_is_opened_suspended(
    world, tmp_path, rcell, client
):
    path = inventory(tmp_path, "suspended", 2)
    path.write_text(path.read_text().replace(",Active,", ",suspendue,", 1))
    (one,) = published(world, path)
    proposals = LineProposal.objects.filter(bill_import=one).order_by("number")
    states = [proposal.values.get("status") for proposal in proposals]
    assert states == [[None, "suspended"], None]
    client.force_login(rcell, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("billing:proposal_list", args=[world.root.organisation.slug]))
    assert "État : Suspendue" in page.content.decode().replace("\u00a0", " ")
    for proposal in proposals:
        proposal.values.pop("imei")  # drawn, without its check digit
    accept_proposals(proposals=list(proposals), on=today(), by=rcell)
    opened = dict(LineVersion.objects.values_list("number", "status"))
    assert list(map(opened.get, LINES[ACCOUNT][:2])) == [LineStatus.SUSPENDED, LineStatus.ACTIVE]
