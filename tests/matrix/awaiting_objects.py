"""What awaits people, and what outlived a role: the rows that only an open gate would show."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from members.models import Membership, Respondent
from members.roles import Role
from orders.kinds import FleetImportState
from tests.catalogue.factories import OfferRequestFactory
from tests.matrix.member_objects import file_of, someone
from tests.members.factories import (
    AccountManagerFactory,
    InvitationFactory,
    ItqMessageFactory,
    MembershipFactory,
    OrganisationFactory,
    ProviderAccessFactory,
    StandingAuthorisationFactory,
    UserFactory,
)
from tests.orders.factories import FleetImportFactory
from tests.personas import MARKS, World

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
UNCOVERED = "m-c"
"""A third member, where nobody has a role: ITQ chases it, nobody else hears of it."""


def add_what_awaits(world: World) -> None:
    """At each place, then of the people who were there once."""
    OrganisationFactory(name="Ville Topaze", slug=UNCOVERED)
    kinds = ("manager", "access_left", "invitation_reader", "offer_asked")
    for kind in kinds:
        world.objects[kind] = {}
    for place, branch in world.branches.items():
        mark = MARKS[place]
        made = {
            "manager": AccountManagerFactory(branch=branch),
            "access_left": ProviderAccessFactory(
                branch=branch, person=someone(mark), revocation_asked_on=LONG_AGO.date()
            ),
            "invitation_reader": InvitationFactory(
                branch=branch, person=someone(mark), role=Role.READER
            ),
            "offer_asked": OfferRequestFactory(
                branch=branch, wanted=mark, asked_by=world.users["ended rcell of A"], **_answered()
            ),
        }
        for kind, row in made.items():
            world.objects[kind][place] = row
        InvitationFactory(
            branch=branch,
            person=someone(mark),
            role=Role.MANDA,
            expires_at=timezone.now() + timedelta(days=2),
        )
        FleetImportFactory(branch=branch, file=file_of(mark), state=FleetImportState.CHECKED)
    for member in "AB":
        MembershipFactory(
            organisation=world.branches[member].organisation,
            authorisation=Membership.Authorisation.REQUIRED,
        )
    _leave_behind(world)


def _leave_behind(world: World) -> None:
    """A representative of A2 was once of A1; one whose e-mail is not verified may write to ITQ."""
    moved, branch, mark = world.users["rcell of A2"], world.branches["A1"], MARKS["A1"]
    moved.person.family_name = "Partie"  # the people of A1 still read the name beside what is left
    moved.person.save(update_fields=["family_name"])
    ProviderAccessFactory(branch=branch, person=moved.person)
    ItqMessageFactory(branch=branch, subject=mark, sent_by=moved)
    OfferRequestFactory(branch=branch, wanted=mark, asked_by=moved, **_answered())
    unverified = world.users["unverified rcell of A"]
    StandingAuthorisationFactory(respondent=Respondent.objects.get(person=unverified.person_id))


def _answered() -> dict[str, object]:
    return {"answer": "Oui.", "answered_at": timezone.now(), "answered_by": UserFactory()}
