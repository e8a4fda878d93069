"""At each place: a draft whose line needs a derogation, and a signed one that would cover it."""

from datetime import timedelta
from typing import Any

from django.db.models import Model

from members.models import Branch
from members.powers import DerogationKind
from orders.kinds import OrderState
from portal.clock import today
from tests.catalogue.factories import OfferFactory
from tests.matrix.order_objects import Shop, order_in
from tests.orders.factories import signed_derogation


def drawing_kinds(shop: Shop) -> dict[str, Any]:
    """A builder for each thing that an address of draws names."""
    dear = OfferFactory(version=shop.version, dear=True, is_subsidised=False)

    def needing(branch: Branch, mark: str) -> Model:
        order = order_in(shop, branch, mark, OrderState.DRAFT)
        order.lines.update(device=dear)
        return order

    def signed(branch: Branch, mark: str) -> Model:
        return signed_derogation(
            shop.version.rank,
            branch,
            kinds=[DerogationKind.NON_ZERO_COST],
            quantity=9,
            ends_on=today() + timedelta(days=30),
            need=f"Besoin {mark}",
        )

    return {"order_needing": needing, "derogation_signed": signed}
