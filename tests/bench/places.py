"""A thousand members: branches, people with their accounts and roles, accounts at providers."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission

from catalogue.models import OfferRequest
from members.models import (
    Branch,
    BranchGrant,
    Contract,
    CostCentre,
    ItqMessage,
    Membership,
    Organisation,
    Person,
    ProviderAccount,
    Respondent,
    User,
)
from members.roles import ROLE_TABLE, SECOND_FACTOR_ROLES, Role
from orders.models import DeliveryAddress
from portal.clock import midnight, today
from tests.bench import words
from tests.bench.copying import copy, next_id

MEMBERS, RESPONDENTS = 1_000, 5_000
SMALL = {MEMBERS - 1: 2, MEMBERS: 20}
"""The last two members have exactly so many rows on each page: equal query counts (D-53)."""
SINCE = midnight(date(2020, 1, 6))
PASSWORD = "Cellulaire-Banc-15"
EVERYWHERE = (Role.INTRL, Role.RCELL, Role.MANDA, Role.FACTU)
MODELS = (
    *(Organisation, Branch, Person, User, EmailAddress, Authenticator, Respondent, BranchGrant),
    *(Membership, ProviderAccount, CostCentre, DeliveryAddress, ItqMessage, OfferRequest),
)


@dataclass(slots=True)
class Place:
    """A branch, and the ids of what orders and lines are made of there."""

    pk: int
    member: int
    name: str
    is_root: bool
    weight: float
    people: dict[Role, int] = field(default_factory=dict)
    accounts: dict[int, int] = field(default_factory=dict)
    centres: list[int] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    holders: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def rcell(self) -> int:
        """The account that orders here."""
        return self.people[Role.RCELL]

    @property
    def exact(self) -> int:
        """How many rows of each kind this place must have: 0 but for the two small members."""
        return SMALL.get(self.member, 0)


def slug_of(member: int) -> str:
    """How an address names the member."""
    return f"membre-{member:04}"


def email_of(role: str, member: int, branch: int) -> str:
    """The address by which a respondent signs in."""
    return f"{role}.{member:04}.{branch}@exemple.test"


def shares(rng: random.Random, places: list[Place], total: int) -> list[Place]:
    """``total`` places drawn by weight, the small members apart."""
    others = [place for place in places if not place.exact]
    return rng.choices(others, [place.weight for place in others], k=total)


def fill_places(rng: random.Random, contract: Contract) -> list[Place]:
    """COPY everything up to the addresses; return the places."""
    places = _branches(rng)
    _people(rng, places)
    _agreements(rng, places, contract)
    _belongings(rng, places, contract)
    _mail(rng, places, contract)
    return places


def _branches(rng: random.Random) -> list[Place]:
    """One member in five has one to three subdivisions; the first members are the biggest."""
    organisations, places = [], []
    pk = next_id(Branch)
    names = words.place_names(rng)
    kinds = Organisation.Kind.values
    for member in range(1, MEMBERS + 1):
        name = next(names)
        organisations.append((member, name, slug_of(member), kinds[member % 6], 1000 + member * 7))
        count = 0 if member % 5 != 1 else 1 + member // 5 % 3
        size = 1 / (member + 12) ** 0.9
        for number in range(count + 1):
            own = name if number == 0 else f"{name}, service {number}"
            places.append(Place(pk, member, own, number == 0, size / (count + 1)))
            pk += 1
    copy(
        Organisation,
        ("id", "name", "slug", "kind", "population", "payment_system", "status", "is_fictitious"),
        ((*row, "own", "active", True) for row in organisations),
    )
    copy(
        Branch,
        ("id", "organisation_id", "name", "is_root"),
        ((place.pk, place.member, place.name, place.is_root) for place in places),
    )
    return places


def _posts(places: list[Place]) -> Iterator[tuple[Place, Role, str]]:
    """Who holds what: four roles at each root, an RCELL in each subdivision, then DEROs."""
    number, left = 0, RESPONDENTS
    for place in places:
        number = 0 if place.is_root else number + 1
        for role in EVERYWHERE if place.is_root else (Role.RCELL,):
            left -= 1
            yield place, role, email_of(role.value, place.member, number)
    for place in [place for place in places if place.is_root][:left]:
        yield place, Role.DERO, email_of("dero", place.member, 0)


def _people(rng: random.Random, places: list[Place]) -> None:
    """Each respondent with a person, a verified account, a factor where the role asks for one."""
    password, data = make_password(PASSWORD), json.dumps(Authenticator.objects.first().data)
    person, user = next_id(Person), next_id(User)
    posts = [
        (offset, *post, f"[{SINCE.isoformat()},)") for offset, post in enumerate(_posts(places))
    ]
    copy(
        Person,
        ("id", "given_name", "family_name", "email"),
        ((person + n, *words.full_name(rng), email) for n, _, _, email, _ in posts),
    )
    copy(
        User,
        ("id", "email", "person_id", "password"),
        ((user + n, email, person + n, password) for n, _, _, email, _ in posts),
    )
    copy(
        EmailAddress,
        ("user_id", "email", "verified", "primary"),
        ((user + n, email, True, True) for n, _, _, email, _ in posts),
    )
    copy(
        Authenticator,
        ("user_id", "type", "data"),
        ((user + n, "totp", data) for n, _, role, _, _ in posts if role in SECOND_FACTOR_ROLES),
    )
    copy(
        Respondent,
        ("person_id", "role", "branch_id", "period", "confirmed_at", "confirmed_by_id"),
        (
            (person + n, role.value, place.pk, period, *_confirmation(role))
            for n, place, role, _, period in posts
        ),
    )
    for n, place, role, _, _ in posts:
        place.people[role] = user + n
    _grants(places)


def _confirmation(role: Role) -> tuple[datetime | None, int | None]:
    """A DERO is confirmed by a second person (R-02); here, ITQ's first account."""
    return (SINCE, 1) if role == Role.DERO else (None, None)


def _grants(places: list[Place]) -> None:
    """The projection of those respondents, as ``members/projection.py`` would write it."""
    ids = dict(
        Permission.objects.filter(content_type__model="branch").values_list("codename", "pk")
    )
    copy(
        BranchGrant,
        ("user_id", "permission_id", "content_object_id"),
        (
            (user, ids[may.value], place.pk)
            for place in places
            for role, user in place.people.items()
            for may in ROLE_TABLE[role]
        ),
    )


def _agreements(rng: random.Random, places: list[Place], contract: Contract) -> None:
    """Every member joined the contract; about one in a hundred waits for ITQ's confirmation."""
    copy(
        Membership,
        (
            *("organisation_id", "branch_id", "contract_id", "valid", "agreement_on"),
            *("authorisation", "confirmed_at", "confirmed_by_id"),
        ),
        (
            (
                *(place.member, place.pk, contract.pk, "[2020-01-06,)", date(2020, 1, 6)),
                *("not_required", *_confirmed(rng)),
            )
            for place in places
            if place.is_root
        ),
    )


def _confirmed(rng: random.Random) -> tuple[datetime | None, int | None]:
    return (SINCE, 1) if rng.random() > 0.01 else (None, None)


def _belongings(rng: random.Random, places: list[Place], contract: Contract) -> None:
    """Provider accounts (TELUS everywhere, Rogers in three branches of ten), centres, addresses."""
    account, centre, address = (next_id(m) for m in (ProviderAccount, CostCentre, DeliveryAddress))
    first, second = contract.ranks.order_by("rank").values_list("provider_id", flat=True)
    accounts, centres, addresses = [], [], []
    for place in places:
        for provider in (first, second) if rng.random() < 0.3 else (first,):
            number = f"{provider}{account:08}"
            accounts.append((account, place.pk, provider, number, SINCE.date(), *_confirmed(rng)))
            place.accounts[provider] = account
            account += 1
        for code in (100, 200, 300, 400, 500):
            centres.append((centre, place.pk, str(code), f"Service {code}"))
            place.centres.append(centre)
            centre += 1
        for label in ("Bureau principal", "Garage"):
            street = f"{rng.randrange(10, 900)}, rue Fictive"
            addresses.append((address, place.pk, label, street, "Fictiville", "G1A 1A1", SINCE, 1))
            place.addresses.append(address)
            address += 1
    copy(
        ProviderAccount,
        (
            *("id", "branch_id", "provider_id", "number", "opened_on"),
            *("confirmed_at", "confirmed_by_id"),
        ),
        accounts,
    )
    copy(CostCentre, ("id", "branch_id", "code", "name"), centres)
    copy(
        DeliveryAddress,
        (
            *("id", "branch_id", "label", "street", "city", "postal_code"),
            *("confirmed_at", "confirmed_by_id"),
        ),
        addresses,
    )


def _mail(rng: random.Random, places: list[Place], contract: Contract) -> None:
    """What waits for ITQ: forty messages and forty requests of an article."""
    provider = contract.ranks.values_list("provider_id", flat=True)[0]
    chosen = rng.sample([place for place in places if not place.exact], 40)
    sent = [midnight(today() - timedelta(days=n)) for n in range(40)]
    copy(
        ItqMessage,
        ("branch_id", "direction", "subject", "body", "sent_by_id", "sent_at"),
        (
            (place.pk, "to_itq", "Question sur la liste", "Bonjour…", place.rcell, at)
            for place, at in zip(chosen, sent, strict=True)
        ),
    )
    copy(
        OfferRequest,
        ("branch_id", "provider_id", "wanted", "need", "asked_by_id", "asked_at"),
        (
            (place.pk, provider, "Téléphone renforcé", "Chantier", place.rcell, at)
            for place, at in zip(chosen, sent, strict=True)
        ),
    )
