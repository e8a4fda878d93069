"""The personas and their two members, built once with factories: who asks, and for what."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model
from django.test import Client

from members.models import Branch, User
from members.projection import project
from members.roles import Role, StaffRole
from portal.clock import database_clock
from tests.matrix.expected import Hat, Persona
from tests.members.factories import (
    BillingMandateFactory,
    BranchFactory,
    OrganisationFactory,
    PersonFactory,
    RespondentFactory,
    StaffAppointmentFactory,
    UserFactory,
)

MARKS = {"A": "Agate", "A1": "Opale", "A2": "Jaspe", "B": "Zircon"}
"""A word in every name of a place: where it shows, something of that place showed."""

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
STAFF = {"agent", "admin"}
MANDATE = Hat("mandated", "B")
"""What staff wear besides: B gave ITQ the mandate over its bills, A took its own back (R-44)."""


def _one(role: str, place: str, **account: bool) -> Persona:
    return Persona(f"{role} of {place}", (Hat(role, place),), **account)


PERSONAS = (
    Persona("anonymous", signed_in=False),
    Persona("nobody"),
    *(_one(role, "A") for role in ("intrl", "rcell", "manda", "factu", "dero")),
    *(_one(role, "B") for role in ("intrl", "rcell", "manda", "factu", "dero")),
    _one("rcell", "A2"),
    _one("manda_substitute", "A"),
    _one("sector_manager", "A"),
    _one("reader", "A"),
    _one("payer", "A"),
    Persona("ended rcell of A", (Hat("rcell", "A", "past"),)),
    Persona("future rcell of A", (Hat("rcell", "A", "future"),)),
    Persona("unconfirmed dero of A", (Hat("dero", "A", "unconfirmed"),)),
    Persona("retracted rcell of A", (Hat("rcell", "A", "retracted"),)),
    Persona("inactive rcell of A", (Hat("rcell", "A"),), active=False),
    Persona("unverified rcell of A", (Hat("rcell", "A"),), verified=False),
    Persona("intrl of A2 without a factor", (Hat("intrl", "A2"),), factor=False),
    Persona("agent", (Hat("agent", "ITQ"), MANDATE)),
    Persona("admin", (Hat("admin", "ITQ"), MANDATE)),
    Persona("ended agent", (Hat("agent", "ITQ", "past"), Hat("mandated", "B", "past"))),
    Persona("admin without a factor", (Hat("admin", "ITQ"), MANDATE), factor=False),
    Persona("signer of A1", signs=frozenset({"A1"})),
    Persona("rcell of A and B", (Hat("rcell", "A"), Hat("rcell", "B"))),
    Persona("manda of A and rcell of B", (Hat("manda", "A"), Hat("rcell", "B"))),
    Persona("intrl of A1 and factu of B", (Hat("intrl", "A1"), Hat("factu", "B"))),
)


@dataclass
class World:
    """Two members, four places, every persona's account and session, and the objects of each."""

    branches: dict[str, Branch]
    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    objects: dict[str, dict[str, Model]] = field(default_factory=dict)
    rights: dict[str, Any] = field(default_factory=dict)

    def slug(self, member: str) -> str:
        """How an address names a member."""
        return "absent" if member == "missing" else self.branches[member].organisation.slug


def build_branches() -> dict[str, Branch]:
    """The members A, with two subdivisions, and B."""
    branches = {}
    for member in "AB":
        organisation = OrganisationFactory(
            name=f"Ville {MARKS[member]}", slug=f"m-{member.lower()}"
        )
        branches[member] = organisation.branches.get()
    for place in ("A1", "A2"):
        branches[place] = BranchFactory(
            organisation=branches["A"].organisation, name=f"Service {MARKS[place]}"
        )
    return branches


def build_world() -> World:
    """Members, accounts and sessions; the objects are added by ``tests/matrix/objects.py``."""
    world = World(build_branches())
    for number, persona in enumerate(PERSONAS):
        if persona.signed_in:
            world.users[persona.name] = _account(persona, number, world.branches)
    _give_mandates(world.branches)
    project()
    _end_what_ended(world)
    for persona in PERSONAS:
        if persona.signed_in:
            world.sessions[persona.name] = _session(world.users[persona.name])
    for persona in PERSONAS:
        if not persona.active:
            world.users[persona.name].is_active = False
            world.users[persona.name].save()
    return world


def _account(persona: Persona, number: int, branches: dict[str, Branch]) -> User:
    """The account of a persona with its respondent rows and appointment."""
    members = {hat.place[0] for hat in persona.hats}
    place = persona.hats[0].place if len(members) == 1 else ""
    person = PersonFactory(
        given_name="Camille", family_name=f"{MARKS.get(place, 'Personne')}-{number}"
    )
    user = UserFactory(
        person=person,
        email=f"persona{number}@example.test",
        verified=persona.verified,
        factor=persona.factor,
    )
    if not persona.verified:
        EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    for hat in persona.hats:
        if hat.role in STAFF:
            StaffAppointmentFactory(person=person, role=StaffRole(hat.role), period=_period(hat))
        elif hat.role != MANDATE.role:
            _respondent(hat, user, branches[hat.place])
    return user


def _give_mandates(branches: dict[str, Branch]) -> None:
    """B's in force, A's revoked."""
    BillingMandateFactory(branch=branches["B"])
    ended = database_clock() - timedelta(seconds=1)
    BillingMandateFactory(branch=branches["A"], period=DateTimeTZRange(LONG_AGO, ended))


def _respondent(hat: Hat, user: User, branch: Branch) -> None:
    """A row of the hat; one that ended is in force until the grants are written."""
    confirmed = {"confirmed_at": None, "confirmed_by": None} if hat.when == "unconfirmed" else {}
    RespondentFactory(
        person=user.person, role=Role(hat.role), branch=branch, period=_period(hat), **confirmed
    )


def _period(hat: Hat) -> DateTimeTZRange:
    if hat.when == "future":
        return DateTimeTZRange(database_clock() + timedelta(days=2), None)
    return DateTimeTZRange(LONG_AGO, None)


def _end_what_ended(world: World) -> None:
    """After the projection: their grants are still stored, the gate must ask both (D-02)."""
    for persona in PERSONAS:
        if not persona.hats or persona.hats[0].when not in {"past", "retracted"}:
            continue
        user = world.users[persona.name]
        for row in (*user.person.respondents.all(), *user.person.appointments.all()):
            if persona.hats[0].when == "retracted":
                row.retracted_at, row.retracted_by = database_clock(), user
            else:
                row.period = DateTimeTZRange(LONG_AGO, database_clock() - timedelta(seconds=1))
            row.save()


def _session(user: User) -> str:
    """The key of a session of that account."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client.session.session_key
