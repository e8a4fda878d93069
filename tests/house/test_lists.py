"""A list page costs the same number of queries for 2 rows and for 20, and never more than 15."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import User
from members.roles import Role, StaffRole
from tests.billing.factories import BillFileFactory, ImportFactory, ProfileVersionFactory
from tests.catalogue.factories import CatalogueImportFactory, OfferFactory, OfferRequestFactory
from tests.derogations.factories import CoverageTestFactory, DerogationFactory
from tests.matrix.addresses import addresses
from tests.matrix.order_objects import Shop, open_shop, order_in
from tests.members.factories import (
    CostCentreFactory,
    InvitationFactory,
    ItqMessageFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProviderAccessFactory,
    ProviderAccountFactory,
    RespondentFactory,
    StaffAppointmentFactory,
    respondent_user,
    staff_user,
)
from tests.orders.factories import (
    DeliveryAddressFactory,
    FleetImportFactory,
    HolderFactory,
    ServiceLineFactory,
    signed_derogation,
)
from tests.personas import World, build_branches
from tests.portal.factories import QueuedTaskFactory, StoredFileFactory

BUDGET = 15
FEW, MANY = 2, 20
RCELL, INTRL, AGENT, ADMIN = Role.RCELL, Role.INTRL, StaffRole.AGENT, StaffRole.ADMIN
Grow = Callable[[World, Shop], object]


def order(world: World, shop: Shop) -> object:
    return order_in(shop, world.branches["A"], "Rangée", "draft")


def line(world: World, shop: Shop) -> object:
    holder = HolderFactory(branch=world.branches["A"])
    return ServiceLineFactory(
        branch=world.branches["A"],
        version__holder=holder,
        version__cost_centre=CostCentreFactory(branch=world.branches["A"]),
    )


def second_rank_line(world: World, shop: Shop) -> object:
    """A line « à régulariser »."""
    return ServiceLineFactory(branch=world.branches["A"], provider=shop.second.rank.provider)


def signed_here(world: World, shop: Shop) -> object:
    return signed_derogation(shop.second.rank, world.branches["A"])


def unserved_place(world: World, shop: Shop) -> object:
    return CoverageTestFactory(place__derogation=signed_here(world, shop))


def on_a(factory: Callable[..., object], **fields: object) -> Grow:
    """A row of that factory on member A's root."""
    return lambda world, shop: factory(branch=world.branches["A"], **fields)


def fleet_file(world: World, shop: Shop) -> object:
    return FleetImportFactory(branch=world.branches["A"], file=StoredFileFactory())


def provider_list(world: World, shop: Shop) -> object:
    return CatalogueImportFactory(rank=shop.version.rank, file=StoredFileFactory())


def bill_import(*, of_member: bool = False) -> Grow:
    """A file read, of member A's or, without a branch, of the group."""

    def grown(world: World, shop: Shop) -> object:
        branch = world.branches["A"] if of_member else None
        file = BillFileFactory(branch=branch, file=StoredFileFactory())
        return ImportFactory(bill_file=file, branch=branch, provider=file.provider)

    return grown


LISTS: tuple[tuple[str, Role | StaffRole, Grow], ...] = (
    ("portal:home", RCELL, order),
    ("orders:order_list", RCELL, order),
    ("orders:order_list", AGENT, order),
    ("derogations:request_list", RCELL, on_a(DerogationFactory, filled=True)),
    ("derogations:request_list", AGENT, on_a(DerogationFactory, frozen=True)),
    ("portal:home", RCELL, on_a(DerogationFactory, filled=True)),
    ("admin:derogations_derogation_changelist", AGENT, on_a(DerogationFactory, frozen=True)),
    ("orders:line_list", RCELL, line),
    ("orders:irregular_line_list", RCELL, second_rank_line),
    ("orders:unserved_place_list", AGENT, unserved_place),
    ("orders:conformity_list", AGENT, signed_here),
    ("orders:holder_list", RCELL, on_a(HolderFactory)),
    ("orders:address_list", INTRL, on_a(DeliveryAddressFactory)),
    ("orders:fleet_import_list", RCELL, fleet_file),
    ("catalogue:offer_list", RCELL, lambda world, shop: OfferFactory(version=shop.version)),
    ("catalogue:request_list", RCELL, on_a(OfferRequestFactory)),
    ("catalogue:request_queue", AGENT, on_a(OfferRequestFactory)),
    ("catalogue:import_list", ADMIN, provider_list),
    ("members:member_home", INTRL, on_a(RespondentFactory, role=Role.MANDA)),
    ("members:respondent_list", INTRL, on_a(RespondentFactory, role=Role.MANDA)),
    ("members:invitation_list", INTRL, on_a(InvitationFactory, role=Role.MANDA)),
    ("members:account_list", INTRL, on_a(ProviderAccountFactory)),
    (
        "members:access_list",
        INTRL,
        lambda world, shop: ProviderAccessFactory(
            branch=world.branches["A"], person=PersonFactory()
        ),
    ),
    ("members:message_list", INTRL, on_a(ItqMessageFactory)),
    ("members:cost_centre_list", RCELL, on_a(CostCentreFactory)),
    ("members:member_journal", INTRL, order),
    ("members:staff_organisation_list", AGENT, lambda world, shop: OrganisationFactory()),
    (
        "members:staff_membership_list",
        AGENT,
        lambda world, shop: MembershipFactory(confirmed_at=None, confirmed_by=None),
    ),
    ("members:staff_account_list", AGENT, on_a(ProviderAccountFactory)),
    ("members:staff_message_list", AGENT, on_a(ItqMessageFactory)),
    ("members:staff_list", ADMIN, lambda world, shop: StaffAppointmentFactory()),
    ("members:dead_letter_list", AGENT, lambda world, shop: QueuedTaskFactory()),
    ("billing:staff_bill_file_list", AGENT, bill_import()),
    ("billing:bill_file_list", Role.FACTU, bill_import(of_member=True)),
    ("billing:staff_expected_list", AGENT, on_a(ProviderAccountFactory)),
    ("billing:staff_profile_list", ADMIN, lambda world, shop: ProfileVersionFactory()),
    ("admin:billing_import_changelist", AGENT, bill_import()),
    ("admin:orders_order_changelist", AGENT, order),
    ("admin:members_respondent_changelist", AGENT, on_a(RespondentFactory)),
    ("admin:orders_serviceline_changelist", AGENT, line),
)
"""Every list: its address, who opens it, and what makes one more row."""


def named(value: object) -> str:
    """A case in words that every process gives alike."""
    return str(getattr(value, "__name__", value))


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "role", "grow"), LISTS, ids=named)
def test_a_list_costs_the_same_for_few_rows_and_for_many(name, role, grow):
    world = World(build_branches())
    shop = open_shop(world)
    staff = isinstance(role, StaffRole)
    user = staff_user(role) if staff else respondent_user(role, world.branches["A"])
    for _ in range(FEW):
        grow(world, shop)
    client = signed_in(user)
    address = address_of(name, world)
    few = queries(client, address)
    for _ in range(MANY - FEW):
        grow(world, shop)
    many = queries(client, address)
    assert len(many) == len(few), "\n".join(sorted(set(many) - set(few))[:10])
    assert len(many) <= BUDGET, f"{len(many)} queries, the budget is {BUDGET}\n" + "\n".join(many)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def address_of(name: str, world: World) -> str:
    """Member A's list, or ITQ's."""
    of_member = "member" in addresses()[name].parameters
    return reverse(name, kwargs={"member": world.slug("A")} if of_member else {})


def queries(client: Client, address: str) -> list[str]:
    """The statements of one visit, after one that warmed what Django keeps."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        assert response.status_code == 200, response.status_code
    return [query["sql"][:200] for query in captured.captured_queries]
