"""What fills a page to its brim: two hundred rows, long names, an order in each state."""

from catalogue.models import CatalogueVersion, Offer
from members.demonstration import CITY
from members.models import Branch, ContractRank, User
from orders.kinds import OrderState
from tests.matrix.order_objects import Shop, order_in, order_kinds
from tests.members.factories import CostCentreFactory
from tests.orders.factories import (
    DeliveryAddressFactory,
    HolderFactory,
    OrderFactory,
    ServiceLineFactory,
)

MANY = 200
LONG = "Direction générale adjointe de l'approvisionnement et des infrastructures municipales "


def crowd() -> None:
    """Give the demonstration's city more of everything than a page shows."""
    branch = Branch.objects.get(organisation__name=CITY, is_root=True)
    rank = ContractRank.objects.filter(rank=1).order_by("-pk")[0]
    representative = User.objects.get(email="rcell.ville@exemple.test")
    CostCentreFactory.create_batch(MANY, branch=branch, name=(LONG * 2)[:150])
    HolderFactory.create_batch(MANY, branch=branch, name=LONG.strip(), function=LONG.strip())
    DeliveryAddressFactory(branch=branch, label=LONG[:60].strip(), street=(LONG * 2)[:150].strip())
    ServiceLineFactory.create_batch(MANY, branch=branch, provider=rank.provider)
    OrderFactory.create_batch(
        MANY, branch=branch, rank=rank, created_by=representative, member_reference=LONG[:60]
    )
    orders_in_each_state(branch)


def orders_in_each_state(branch: Branch) -> None:
    """The last made, which a list shows first."""
    version = CatalogueVersion.objects.filter(rank__rank=1).latest("effective_on")
    phone = version.offers.filter(kind=Offer.Kind.DEVICE, is_zero_cost=True)[0]
    plan = version.offers.filter(kind=Offer.Kind.PLAN, is_flexible=False)[0]
    shop = Shop(version, version, phone, plan)
    for build in order_kinds(shop).values():
        build(branch, "A11Y")
    for state in (OrderState.ACKNOWLEDGED, OrderState.CLOSED, OrderState.CANCELLED):
        order_in(shop, branch, "A11Y", state)
