"""Who stands on the plan at an instant: both times, the days of Montréal, branches, interims."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from members.models import Delegation
from members.powers import Capacity
from members.queries.delegations import plan_on, standing_powers
from members.signing_steps import Step, steps_asked
from tests.members.factories import (
    LONG_AGO,
    AbsenceFactory,
    BranchFactory,
    DelegationFactory,
    DelegationPlanFactory,
    InterimFactory,
    SigningRuleFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 16, tzinfo=UTC)
"""Noon in Montréal on May 4th, 2026."""
NETWORK = ["network"]


@pytest.fixture
def plan():
    return DelegationPlanFactory()


@pytest.fixture
def root(plan):
    return plan.organisation.branches.get()


def people(branch, at=NOON, kinds=NETWORK):
    return {power.person for power in standing_powers(branch, kinds, at)}


def test_a_line_empowers_for_its_kinds_only(plan, root):
    line = DelegationFactory(plan=plan, kinds=["network", "technological"])
    assert people(root) == {line.holder}
    assert people(root, kinds=["network", "technological"]) == {line.holder}
    assert people(root, kinds=["non_zero_cost_device"]) == set()
    assert people(root, kinds=["network", "non_zero_cost_device"]) == set()


def test_a_day_begins_and_ends_at_midnight_in_montreal(plan, root):
    DelegationFactory(plan=plan, valid=DateRange(date(2026, 5, 4), date(2026, 5, 5)))
    first, last = datetime(2026, 5, 4, 4, tzinfo=UTC), datetime(2026, 5, 5, 4, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    assert not people(root, first - tick)
    assert people(root, first)
    assert people(root, last - tick)
    assert not people(root, last)


@pytest.mark.parametrize(
    "changes",
    [
        {"confirmed_at": None, "confirmed_by": None},
        {"confirmed_at": NOON + timedelta(seconds=1)},
        {"recorded": DateTimeTZRange(NOON + timedelta(seconds=1), None)},
        {"recorded": DateTimeTZRange(NOON - timedelta(days=9), NOON)},
    ],
)
def test_what_the_portal_did_not_hold_for_true_then_empowers_nobody(plan, root, changes):
    DelegationFactory(plan=plan, **changes)
    assert people(root) == set()


def test_a_root_s_line_reaches_below_and_a_branch_s_stays_there(plan, root):
    branch = BranchFactory(organisation=plan.organisation)
    other = BranchFactory(organisation=plan.organisation)
    above, below = DelegationFactory(plan=plan), DelegationFactory(plan=plan, branch=branch)
    DelegationFactory()
    assert people(root) == {above.holder}
    assert people(branch) == {above.holder, below.holder}
    assert people(other) == {above.holder}


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({}, True),
        ({"confirmed_at": None, "confirmed_by": None}, False),
        ({"valid": DateRange(date(2026, 5, 5), None)}, False),
        ({"valid": DateRange(date(2026, 1, 1), date(2026, 5, 4))}, False),
        ({"ended_at": NOON}, False),
        ({"ended_at": NOON + timedelta(seconds=1)}, True),
    ],
)
def test_an_interim_stands_at_its_dates_until_ended(plan, root, changes, stands):
    line = DelegationFactory(plan=plan, holder=None)
    if "ended_at" in changes:
        changes = {**changes, "ended_by": line.recorded_by}
    interim = InterimFactory(delegation=line, **changes)
    Delegation.objects.filter(pk=line.pk).update(holder=None)
    type(interim).objects.filter(pk=interim.pk).update(recorded_at=NOON - timedelta(days=1))
    powers = standing_powers(root, NETWORK, NOON)
    assert [(p.person, p.capacity, p.interim) for p in powers] == (
        [(interim.person, Capacity.INTERIM, interim)] if stands else []
    )


def test_a_substitute_who_is_on_no_line_of_enough_kinds_does_not_stand(plan, root):
    line = DelegationFactory(plan=plan)
    own = DelegationFactory(plan=plan, kinds=["technological"])
    absence = AbsenceFactory(branch=root, person=line.holder, substitute=own.holder)
    type(absence).objects.filter(pk=absence.pk).update(recorded_at=NOON - timedelta(days=1))
    assert people(root) == {line.holder}
    both = standing_powers(root, ["technological"], NOON)
    assert [p.capacity for p in both if p.acting_for] == [Capacity.SUBSTITUTE]


def test_it_asks_three_questions_whatever_the_plan_s_size(plan, root):
    for _number in range(12):
        InterimFactory(delegation=DelegationFactory(plan=plan))
    with CaptureQueriesContext(connection) as asked:
        powers = standing_powers(root, NETWORK, datetime.now(UTC))
        assert {str(p.person) and str(p.delegation.plan.tax_basis) for p in powers}
    assert len(powers) == 24
    assert len(asked) == 3


def test_the_plan_of_a_day_is_the_latest_approved_by_then(plan):
    organisation = plan.organisation
    newer = DelegationPlanFactory(organisation=organisation, approved_on=date(2026, 4, 1))
    assert plan_on(organisation, date(2019, 1, 1)) is None
    assert plan_on(organisation, date(2026, 3, 31)) == plan
    assert plan_on(organisation, date(2026, 4, 1)) == newer


def test_the_rule_of_the_amount_says_how_many_sign(plan):
    SigningRuleFactory(plan=plan, from_amount=Decimal(1000), needed=2)
    SigningRuleFactory(plan=plan, from_amount=Decimal(5000), needed=3, posts=["Direction"])
    SigningRuleFactory(plan=plan, kind="technological", from_amount=Decimal(0), needed=4)
    rules = plan.signing_rules.order_by("from_amount")
    small, large = rules.filter(from_amount__lte=1000), rules
    assert steps_asked(rules.none()) == (Step(1),)
    assert steps_asked(small.filter(kind="network")) == (Step(2),)
    assert steps_asked(large.filter(kind="network")) == (Step(1, "Direction"), Step(2))
    assert steps_asked(large) == (Step(1, "Direction"), Step(3))


def test_the_posts_of_each_kind_s_rule_sign_once_where_they_come_last(plan):
    """Two heads in one request (R-20): the director still comes after both chiefs."""
    SigningRuleFactory(plan=plan, posts=["Chef", "Direction"])
    SigningRuleFactory(plan=plan, kind="technological", posts=["Informatique", "Direction"])
    asked = steps_asked(plan.signing_rules.order_by("pk"))
    assert [str(step) for step in asked] == ["Chef", "Informatique", "Direction"]


def test_a_post_is_not_taken_out_of_a_rule_by_one_person(plan):
    """What nobody confirmed takes nothing away (R-02)."""
    second = UserFactory()
    agreed = {"confirmed_at": LONG_AGO, "confirmed_by": second}
    leaving = {"removed_at": LONG_AGO, "removed_by": second}
    SigningRuleFactory(plan=plan, needed=1, posts=["Direction"], **agreed, **leaving)
    SigningRuleFactory(plan=plan, needed=2)
    assert steps_asked(plan.signing_rules.all()) == (Step(1, "Direction"), Step(1))
