"""Providers' lists and their imports, as ITQ's administrators see them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from catalogue.models import CatalogueImport, CatalogueVersion, Offer
from members.models import ContractRank, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay


def import_with(user: User) -> QuerySet[CatalogueImport]:
    """Every import, for those who manage the catalogue."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    return CatalogueImport.objects.select_related(
        "rank__provider", "rank__contract", "file", "base", "version", "uploaded_by__person"
    )


@dataclass(frozen=True, slots=True)
class ManagedList:
    """A provider's place in a contract, its versions (latest first), and what waits."""

    rank: ContractRank
    current: CatalogueVersion | None
    versions: list[CatalogueVersion]
    waiting: list[CatalogueImport]


def ranks_managed(user: User) -> QuerySet[ContractRank]:
    """Every contract's providers, the latest contract first."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    return ContractRank.objects.select_related("provider", "contract").order_by(
        "-contract__valid", "rank"
    )


def lists_managed(user: User, day: date) -> list[ManagedList]:
    """Each provider's list in force on ``day``, its versions, and the imports to publish."""
    ranks = list(ranks_managed(user))
    versions = list(
        CatalogueVersion.objects.annotate(offer_count=Count("offers"))
        .select_related("published_by__person")
        .order_by("-effective_on", "-number")
    )
    waiting = list(CatalogueImport.objects.filter(state=CatalogueImport.State.CHECKED))
    return [
        ManagedList(
            rank,
            next((v for v in versions if v.rank_id == rank.pk and v.effective_on <= day), None),
            [v for v in versions if v.rank_id == rank.pk],
            [one for one in waiting if one.rank_id == rank.pk],
        )
        for rank in ranks
    ]


def versions_managed(user: User) -> QuerySet[CatalogueVersion]:
    """Every version, for those who manage the catalogue."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    return CatalogueVersion.objects.select_related("rank__provider", "rank__contract", "file")


def offers_managed(user: User, version: CatalogueVersion) -> QuerySet[Offer]:
    """Every offer of a version, valid today or not."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    return version.offers.all()
