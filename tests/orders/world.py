"""A small world in which orders can be placed: two lists, a member that joined, its people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from catalogue.models import Offer
from members.models import Branch, CostCentre, Organisation, User
from members.roles import Role
from orders.actions.drafts import LineDraft, add_to_draft
from orders.kinds import OrderKind, SendingMode, SimKind
from orders.models import DeliveryAddress, Holder, Order
from tests.catalogue.factories import OfferFactory, TaxRateFactory, two_lists
from tests.members.factories import (
    CostCentreFactory,
    MembershipFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    UserFactory,
    respondent_user,
)
from tests.orders.factories import DeliveryAddressFactory, DispatchModeFactory, HolderFactory


@dataclass
class World:
    """What the tests of orders speak of."""

    organisation: Organisation
    root: Branch
    alice: User
    phone: Offer
    dear: Offer
    plan: Offer
    flexible: Offer
    rogers_phone: Offer
    rogers_plan: Offer
    holders: list[Holder]
    cost_centre: CostCentre
    address: DeliveryAddress

    def line(self, **changes: object) -> LineDraft:
        """A new line with a zero-cost phone, for the first holder."""
        usual = {
            "kind": OrderKind.NEW_LINE,
            "device": self.phone,
            "plan": self.plan,
            "sim_kind": SimKind.SIM,
            "holder": self.holders[0],
            "cost_centre": self.cost_centre,
            "address": self.address,
        }
        return LineDraft(**{**usual, **changes})  # type: ignore[arg-type]

    def draft(self, *lines: LineDraft) -> Order:
        """A draft that Alice opened; three new lines when none are given."""
        chosen = lines or tuple(self.line(holder=holder) for holder in self.holders)
        offer = chosen[0].device or chosen[0].plan or chosen[0].accessory
        return add_to_draft(
            branch=self.root, rank=offer.version.rank, order=None, drafts=chosen, by=self.alice
        )


def make_world() -> World:
    """Build it with plain rows."""
    organisation = OrganisationFactory(name="Ville de Val-Fictif", slug="val-fictif")
    root = organisation.branches.get()
    telus, rogers = two_lists()
    TaxRateFactory(code="tps", rate=Decimal("0.05"))
    TaxRateFactory(code="tvq", label="TVQ", rate=Decimal("0.09975"))
    MembershipFactory(organisation=organisation, contract=telus.rank.contract)
    for version in (telus, rogers):
        ProviderAccountFactory(branch=root, provider=version.rank.provider, confirmed=True)
    DispatchModeFactory(provider=telus.rank.provider)
    DispatchModeFactory(provider=rogers.rank.provider, mode=SendingMode.PROVIDER_PORTAL, email="")
    return World(
        organisation=organisation,
        root=root,
        alice=respondent_user(Role.RCELL, root, factor=False),
        phone=OfferFactory(version=telus, name="Téléphone A"),
        dear=OfferFactory(version=telus, name="Téléphone B", dear=True, is_subsidised=False),
        plan=OfferFactory(version=telus, plan=True),
        flexible=OfferFactory(version=telus, flexible=True),
        rogers_phone=OfferFactory(version=rogers, name="Téléphone C"),
        rogers_plan=OfferFactory(version=rogers, plan=True),
        holders=HolderFactory.create_batch(3, branch=root),
        cost_centre=CostCentreFactory(branch=root),
        address=DeliveryAddressFactory(
            branch=root, confirmed_at=datetime(2020, 1, 1, tzinfo=UTC), confirmed_by=UserFactory()
        ),
    )
