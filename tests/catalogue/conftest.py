"""A contract in phase with two providers' lists, and those who look at them."""

from types import SimpleNamespace

import pytest

from members.roles import Role, StaffRole
from tests.catalogue.factories import OfferFactory, two_lists
from tests.members.factories import (
    OrganisationFactory,
    ProviderAccountFactory,
    respondent_user,
    staff_user,
)


@pytest.fixture
def world(db):
    """A member with its RCELL, both lists with one phone each, and ITQ's two people."""
    first, second = two_lists()
    organisation = OrganisationFactory()
    root = organisation.branches.get()
    return SimpleNamespace(
        first=first,
        second=second,
        phone=OfferFactory(version=first, name="Téléphone du premier rang"),
        other=OfferFactory(version=second, name="Téléphone du second rang"),
        organisation=organisation,
        root=root,
        alice=respondent_user(Role.RCELL, root),
        admin=staff_user(StaffRole.ADMIN),
        agent=staff_user(StaffRole.AGENT),
        open_account=lambda **dates: ProviderAccountFactory(
            branch=root, provider=second.rank.provider, **{"confirmed": True, **dates}
        ),
    )
