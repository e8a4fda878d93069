"""Absences and substitutes: who says so, who is strong enough, who is told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from members.actions.absences import (
    declare_absence,
    declare_own_absence,
    end_absence,
    end_own_absence,
)
from members.models import Absence
from members.permissions import Unseen
from members.powers import Capacity, DerogationKind
from members.queries.delegations import standing_powers
from members.queries.plans import colleagues_of
from members.roles import Role
from portal.clock import database_clock, today
from portal.models import QueuedTask
from tests.members.factories import (
    BranchFactory,
    DelegationFactory,
    DelegationPlanFactory,
    InterimFactory,
    UserFactory,
    respondent_user,
)

pytestmark = pytest.mark.django_db
NETWORK = [DerogationKind.NETWORK.value]


@pytest.fixture
def plan():
    return DelegationPlanFactory()


@pytest.fixture
def root(plan):
    return plan.organisation.branches.get()


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


@pytest.fixture
def line(plan):
    return DelegationFactory(plan=plan)


def declared(line, intrl, substitute=None, days=5, **changes):
    given = {"branch": line.branch, "person": line.holder, "since": today(), **changes}
    last_day = today() + timedelta(days=days)
    return declare_absence(last_day=last_day, substitute=substitute, by=intrl, **given)


def refused(field, *args, **changes):
    with pytest.raises(ValidationError) as error:
        declared(*args, **changes)
    return error.value.message_dict[field]


def test_a_substitute_signs_for_the_absent_person_who_stays_able(plan, root, line, intrl):
    own = DelegationFactory(plan=plan)
    absence = declared(line, intrl, own.holder)
    powers = standing_powers(root, NETWORK, database_clock())
    (for_other,) = [p for p in powers if p.capacity == Capacity.SUBSTITUTE]
    assert (for_other.person, for_other.acting_for) == (own.holder, line.holder)
    assert (for_other.absence, for_other.lines) == (absence, (line, own))
    holders = {p.person for p in powers if p.capacity == Capacity.HOLDER}
    assert holders == {line.holder, own.holder}
    end_absence(absence=absence, by=intrl)
    powers = standing_powers(root, NETWORK, database_clock())
    assert all(p.capacity == Capacity.HOLDER for p in powers)


@pytest.mark.parametrize(
    "weaker",
    [
        {"ceiling_amount": Decimal("24999.99")},
        {"kinds": NETWORK},
        {"confirmed_at": None, "confirmed_by": None},
        {"beyond_fiscal_year": False},
    ],
)
def test_a_substitute_without_enough_authority_is_refused(plan, intrl, weaker):
    line = DelegationFactory(plan=plan, beyond_fiscal_year=True)
    own = DelegationFactory(plan=plan, **{"beyond_fiscal_year": True, **weaker})
    (told,) = refused("substitute", line, intrl, own.holder)
    assert str(line) in told
    assert "au moins égal" in told
    assert not Absence.objects.exists()


def test_a_substitute_of_another_subdivision_is_refused(plan, line, intrl):
    elsewhere = DelegationFactory(plan=plan, branch=BranchFactory(organisation=plan.organisation))
    refused("substitute", line, intrl, elsewhere.holder)


def test_authority_must_last_as_long_as_the_absence(plan, line, intrl):
    interim = InterimFactory(delegation=DelegationFactory(plan=plan))
    interim.valid = type(interim.valid)(interim.valid.lower, today() + timedelta(days=3))
    interim.save()
    refused("substitute", line, intrl, interim.person, days=5)
    declared(line, intrl, interim.person, days=2)


def test_nobody_stands_in_for_oneself_or_while_away(plan, line, intrl):
    assert refused("substitute", line, intrl, line.holder) == ["On ne se remplace pas soi-même."]
    own = DelegationFactory(plan=plan)
    declared(own, intrl)
    assert "elle-même absente" in refused("substitute", line, intrl, own.holder)[0]


def test_an_absence_has_days_to_come_and_a_signer(plan, line, intrl):
    refused("last_day", line, intrl, days=-1)
    refused("last_day", line, intrl, since=today() + timedelta(days=9))
    refused("person", line, intrl, person=UserFactory().person)
    declared(line, intrl)
    assert "déjà une partie" in refused("since", line, intrl)[0]


def test_a_signer_says_when_he_is_away_and_nobody_else_does_for_him(plan, root, line):
    signer, stranger = UserFactory(person=line.holder), UserFactory()
    days = {"since": today(), "last_day": today()}
    with pytest.raises(Unseen):
        declare_own_absence(branch=root, by=stranger, **days)
    absence = declare_own_absence(branch=root, by=signer, **days)
    with pytest.raises(Unseen):
        end_own_absence(absence=absence, by=stranger)
    end_own_absence(absence=absence, by=signer)
    with pytest.raises(ValidationError, match="déjà terminée"):
        end_own_absence(absence=absence, by=signer)
    assert (
        QueuedTask.objects.filter(
            task_name="derogations.project_signing_grants",
            kwargs={"organisation_id": plan.organisation_id},
        ).count()
        == 2
    )


def test_only_those_whose_lines_reach_as_far_are_offered_as_substitutes(plan, line):
    branch = BranchFactory(organisation=plan.organisation)
    below = DelegationFactory(plan=plan, branch=branch)
    elsewhere = DelegationFactory(plan=plan, branch=BranchFactory(organisation=plan.organisation))
    beside = DelegationFactory(plan=plan)
    DelegationFactory()
    offered = set(colleagues_of(UserFactory(person=below.holder)))
    assert offered == {line.holder, beside.holder}
    assert elsewhere.holder not in offered
    assert set(colleagues_of(UserFactory(person=line.holder))) == {beside.holder}
    DelegationFactory(plan=plan, holder=None)
    for stranger in (UserFactory(), UserFactory(person=None)):
        assert not colleagues_of(stranger).exists()
