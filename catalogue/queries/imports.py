"""Providers' lists and their imports, as ITQ's administrators see them."""

from django.db.models import Count, Prefetch, QuerySet

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


def ranks_with_versions(user: User) -> QuerySet[ContractRank]:
    """Each contract's providers with their versions, latest first, and the imports to publish."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    versions = (
        CatalogueVersion.objects.annotate(offer_count=Count("offers"))
        .select_related("published_by__person")
        .order_by("-number")
    )
    waiting = CatalogueImport.objects.filter(state=CatalogueImport.State.CHECKED)
    return (
        ContractRank.objects.select_related("provider", "contract")
        .prefetch_related(
            Prefetch("versions", versions), Prefetch("imports", waiting, to_attr="waiting")
        )
        .order_by("-contract__valid", "rank")
    )


def versions_managed(user: User) -> QuerySet[CatalogueVersion]:
    """Every version, for those who manage the catalogue."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    return CatalogueVersion.objects.select_related("rank__provider", "rank__contract", "file")


def offers_managed(user: User, version: CatalogueVersion) -> QuerySet[Offer]:
    """Every offer of a version, valid today or not."""
    require(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    return version.offers.all()
