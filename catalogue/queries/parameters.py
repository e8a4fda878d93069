"""Who runs the group, providers, contracts, joining rules, as ITQ's administrators keep them."""

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


def contracts_managed(user: User) -> QuerySet[Contract]:
    """Every contract, latest first."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    ranks = ContractRank.objects.select_related("provider").order_by("rank")
    phases = ContractPhase.objects.order_by("-valid")
    return Contract.objects.prefetch_related(
        Prefetch("ranks", ranks), Prefetch("phases", phases)
    ).order_by("-valid", "pk")


def bodies_managed(user: User) -> QuerySet[AdministeringBody]:
    """Every administering body with its period, latest first."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    return AdministeringBody.objects.order_by("-valid")


def providers_managed(user: User) -> QuerySet[Provider]:
    """Every provider, as they were recorded."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    return Provider.objects.order_by("pk")


def joining_rules_managed(user: User) -> QuerySet[JoiningRule]:
    """Every rule on the MAMH's authorisation with its period, latest first (R-03)."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    return JoiningRule.objects.order_by("-valid")
