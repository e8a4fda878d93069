"""Contracts with their ranks and phases, as ITQ's administrators keep them."""

from django.db.models import Prefetch, QuerySet

from members.models import Contract, ContractPhase, ContractRank, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay


def contracts_managed(user: User) -> QuerySet[Contract]:
    """Every contract, latest first."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    ranks = ContractRank.objects.select_related("provider").order_by("rank")
    phases = ContractPhase.objects.order_by("-valid")
    return Contract.objects.prefetch_related(
        Prefetch("ranks", ranks), Prefetch("phases", phases)
    ).order_by("-valid", "pk")
