"""What is told of people only to whom it concerns."""

import pytest

from members.models import Branch
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
