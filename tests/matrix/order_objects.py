"""What orders need before they can be asked for, and an order in each state that an act wants."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from catalogue.models import CatalogueVersion, Offer
from members.models import Branch
from orders.kinds import OrderKind, OrderState, SendingMode, SimKind
from orders.models import Dispatch, Order
from portal.files import store
from tests.catalogue.factories import OfferFactory, TaxRateFactory, two_lists
from tests.members.factories import (
    CostCentreFactory,
    MembershipFactory,
    ProviderAccountFactory,
    UserFactory,
)
from tests.orders.factories import (
    DeliveryAddressFactory,
    DispatchFactory,
    DispatchModeFactory,
    HolderFactory,
    OrderFactory,
    OrderLineFactory,
)
from tests.personas import World

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FROZEN = dict.fromkeys(
    (
        *("one_off_amount", "one_off_tps_amount", "one_off_tvq_amount"),
        *("monthly_amount", "monthly_tps_amount", "monthly_tvq_amount"),
    ),
    Decimal(0),
)


@dataclass
class Shop:
    """The list in force and what one chooses in it."""

    version: CatalogueVersion
    second: CatalogueVersion
    phone: Offer
    plan: Offer


def open_shop(world: World) -> Shop:
    """Two lists of a contract that both members joined."""
    telus, rogers = two_lists()
    TaxRateFactory(code="tps", rate=Decimal("0.05"))
    TaxRateFactory(code="tvq", label="TVQ", rate=Decimal("0.09975"))
    for member in "AB":
        root = world.branches[member]
        MembershipFactory(organisation=root.organisation, contract=telus.rank.contract)
        for version in (telus, rogers):
            ProviderAccountFactory(branch=root, provider=version.rank.provider, confirmed=True)
    DispatchModeFactory(provider=telus.rank.provider)
    DispatchModeFactory(provider=rogers.rank.provider, mode=SendingMode.PROVIDER_PORTAL, email="")
    phone, plan = OfferFactory(version=telus), OfferFactory(version=telus, plan=True)
    return Shop(telus, rogers, phone, plan)


def order_in(shop: Shop, branch: Branch, mark: str, state: str, **fields: Any) -> Order:
    """An order with one whole line, in a state."""
    if state != OrderState.DRAFT:
        fields = {"submitted_at": LONG_AGO, "submitted_by": UserFactory(), **FROZEN, **fields}
    order = OrderFactory(
        branch=branch,
        rank=shop.version.rank,
        state=state,
        member_reference=f"Réf {mark}",
        created_by=UserFactory(),
        **fields,
    )
    address = DeliveryAddressFactory(
        branch=branch,
        label=f"Garage {mark} {order.pk}",
        confirmed_at=LONG_AGO,
        confirmed_by=UserFactory(),
    )
    OrderLineFactory(
        order=order,
        kind=OrderKind.NEW_LINE,
        device=shop.phone,
        plan=shop.plan,
        sim_kind=SimKind.SIM,
        holder=HolderFactory(branch=branch, name=f"Détentrice {mark} {order.pk}"),
        cost_centre=CostCentreFactory(branch=branch, code=f"{mark}-{order.pk}"),
        address=address,
    )
    return order


def order_kinds(shop: Shop) -> dict[str, Any]:
    """A builder for each state that some address wants."""

    def draft(branch: Branch, mark: str) -> Model:
        return order_in(shop, branch, mark, OrderState.DRAFT)

    def awaiting(branch: Branch, mark: str) -> Model:
        return order_in(shop, branch, mark, OrderState.AWAITING_DEROGATION)

    def entered(branch: Branch, mark: str) -> Model:
        order = order_in(shop, branch, mark, OrderState.SUBMITTED)
        DispatchFactory(order=order, mode=SendingMode.PROVIDER_PORTAL)
        return order

    def unknown(branch: Branch, mark: str) -> Model:
        order = order_in(shop, branch, mark, OrderState.SENDING_UNKNOWN)
        DispatchFactory(order=order, outcome=Dispatch.Outcome.UNKNOWN)
        return order

    def sent(branch: Branch, mark: str) -> Model:
        sheet = store(f"%PDF {mark}".encode(), name="bon.pdf", content_type="application/pdf")
        order = order_in(shop, branch, mark, OrderState.SENT, sheet=sheet, sent_at=LONG_AGO)
        DispatchFactory(order=order, outcome=Dispatch.Outcome.SENT)
        return order

    def delivered(branch: Branch, mark: str) -> Model:
        order = order_in(shop, branch, mark, OrderState.DELIVERED, sent_at=LONG_AGO)
        order.lines.update(kind=OrderKind.DEVICE_ONLY, plan=None, sim_kind="")
        return order

    return {
        "order": draft,
        "order_awaiting": awaiting,
        "order_entered": entered,
        "order_unknown": unknown,
        "order_sent": sent,
        "order_delivered": delivered,
    }
