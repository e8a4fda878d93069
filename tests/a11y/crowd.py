"""What fills a page to its brim: two hundred rows, and names as long as they may be."""

from members.demonstration import CITY
from members.models import Branch, ContractRank, User
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
