"""The verdict read from the rows of the day."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from members.joining import Outcome
from members.models import JoiningRule
from members.queries import membership_verdict
from members.queries.contracts import membership_verdicts
from tests.members.factories import MembershipFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)


@pytest.fixture
def rule():
    return JoiningRule.objects.create(
        mode=JoiningRule.Mode.BLOCK, source="FAQ", valid=DateRange(date(2015, 1, 1), None)
    )


def judged(membership, day=DAY):
    return membership_verdict(membership.organisation, membership.contract, day)


def test_a_member_in_good_standing_may_order(rule, django_assert_num_queries):
    membership = MembershipFactory()
    with django_assert_num_queries(1):
        assert judged(membership).outcome == Outcome.ALLOWED


def test_a_membership_that_ended_blocks(rule):
    membership = MembershipFactory(valid=DateRange(date(2020, 1, 1), DAY))
    assert judged(membership).outcome == Outcome.BLOCKED
    assert judged(membership, DAY - timedelta(days=1)).outcome == Outcome.ALLOWED


def test_the_mode_of_the_day_decides(rule):
    membership = MembershipFactory(authorisation="required")
    assert judged(membership).outcome == Outcome.BLOCKED
    rule.valid = DateRange(date(2015, 1, 1), DAY)
    rule.save()
    JoiningRule.objects.create(mode="warn", source="Loi", valid=DateRange(DAY, None))
    assert judged(membership).outcome == Outcome.WARNED
    assert judged(membership, DAY - timedelta(days=1)).outcome == Outcome.BLOCKED


def test_an_unconfirmed_membership_blocks(rule):
    membership = MembershipFactory(confirmed_at=None, confirmed_by=None)
    assert "ITQ" in judged(membership).sentence


def test_without_a_recorded_rule_a_missing_authorisation_blocks():
    membership = MembershipFactory(authorisation="required")
    assert judged(membership).outcome == Outcome.BLOCKED
    verdicts = membership_verdicts(membership.organisation, DAY)
    assert [verdict.outcome for _, verdict in verdicts] == [Outcome.BLOCKED]
