"""A member taken over with lines in service is never kept from managing them (R-03)."""

import pytest
from django.core.exceptions import ValidationError

from orders.actions.submission import submit_order
from orders.kinds import LineStatus, OrderKind, Origin
from tests.members.factories import MembershipFactory
from tests.orders.factories import ServiceLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world):
    """A line in service that an order opened."""
    return line_of(world, world.phone, Origin.ORDER)


def line_of(world, offer, origin):
    provider = offer.version.rank.provider
    return ServiceLineFactory(branch=world.root, provider=provider, origin=origin)


def submit(world, *lines):
    return submit_order(order=world.draft(*lines), by=world.alice, attested=True)


def upgrade(world, line):
    return world.line(kind=OrderKind.UPGRADE, plan=None, sim_kind="", service_line=line)


def test_a_membership_marked_as_taken_over_is_enough(world, line):
    world.organisation.memberships.all().delete()
    unconfirmed = {"confirmed_at": None, "confirmed_by": None, "authorisation": "required"}
    MembershipFactory(
        organisation=world.organisation,
        contract=world.phone.version.rank.contract,
        taken_over=True,
        **unconfirmed,
    )
    assert submit(world, upgrade(world, line)).submitted_at
    with pytest.raises(ValidationError, match="confirmation d'ITQ"):
        submit(world, world.line())


def test_lines_taken_over_are_enough_without_any_membership(world, line):
    world.organisation.memberships.all().delete()
    with pytest.raises(ValidationError, match="n'a pas adhéré"):
        submit(world, upgrade(world, line))
    line_of(world, world.phone, Origin.TAKE_OVER)
    assert submit(world, upgrade(world, line)).submitted_at
    with pytest.raises(ValidationError, match="n'a pas adhéré"):
        submit(world, upgrade(world, line), world.line())


def test_a_line_taken_over_then_cancelled_or_at_the_other_provider_is_not(world, line):
    world.organisation.memberships.all().delete()
    line_of(world, world.rogers_phone, Origin.TAKE_OVER)
    gone = line_of(world, world.phone, Origin.TAKE_OVER)
    gone.versions.update(status=LineStatus.CANCELLED)
    with pytest.raises(ValidationError, match="n'a pas adhéré"):
        submit(world, upgrade(world, line))
