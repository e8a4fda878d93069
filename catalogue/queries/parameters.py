"""Who runs the group, providers, contracts, joining rules, as ITQ's administrators keep them."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from members.models import (
    AdministeringBody,
    Contract,
    ContractPhase,
    ContractRank,
    JoiningRule,
    Provider,
    User,
)
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything as it is dated, latest first; providers as they were recorded."""

    contracts: QuerySet[Contract]
    bodies: QuerySet[AdministeringBody]
    providers: QuerySet[Provider]
    rules: QuerySet[JoiningRule]


def parameters_managed(user: User) -> Parameters:
    """What an administrator of ITQ keeps, of every date (R-03, R-18)."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    ranks = ContractRank.objects.select_related("provider").order_by("rank")
    phases = ContractPhase.objects.order_by("-valid")
    contracts = Contract.objects.prefetch_related(
        Prefetch("ranks", ranks), Prefetch("phases", phases)
    )
    return Parameters(
        contracts.order_by("-valid", "pk"),
        AdministeringBody.objects.order_by("-valid"),
        Provider.objects.order_by("pk"),
        JoiningRule.objects.order_by("-valid"),
    )
