"""What is told of people, and of who lacks, only to whom it concerns."""

import pytest

from members.models import Branch
from members.queries.organisations import uncovered_organisations
from members.queries.people import resets_to_lift
from members.roles import Role
from tests.members.factories import (
    FactorResetFactory,
    OrganisationFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db


def test_a_second_agent_lifts_a_factor_and_no_member_hears_of_it():
    """signing.md §3.4: neither the agent who asked, nor anybody outside ITQ."""
    agent, other = staff_user(), staff_user()
    reset = FactorResetFactory(asked_by=agent)
    intrl = respondent_user(Role.INTRL, Branch.objects.get(organisation=OrganisationFactory()))
    told = {user: list(resets_to_lift(user)) for user in (agent, other, intrl)}
    assert told == {agent: [], other: [reset], intrl: []}


def test_itq_alone_hears_of_a_member_without_an_interlocutor():
    """R-07: whoever answers members chases it."""
    vacant = OrganisationFactory()
    intrl = respondent_user(Role.INTRL, Branch.objects.get(organisation=OrganisationFactory()))
    assert list(uncovered_organisations(staff_user())) == [vacant]
    assert list(uncovered_organisations(intrl)) == []
