"""What is in force on a day, asked about objects already held: phases, open lists, versions."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalogue.models import CatalogueVersion, Offer
from members.models import Contract, ContractPhase, ContractRank, Organisation, ProviderAccount

FIRST_RANK = 1


def phase_on(contract: Contract, day: date) -> ContractPhase | None:
    """The contract's phase on ``day``; none before, between or after its phases (R-18)."""
    return ContractPhase.objects.filter(contract=contract, valid__contains=day).first()


def ranks_in_phase(day: date) -> QuerySet[ContractRank]:
    """Every provider's place in a contract that has a phase on ``day``; first rank first."""
    return (
        ContractRank.objects.filter(contract__phases__valid__contains=day)
        .select_related("provider", "contract")
        .order_by("rank", "-contract__valid", "pk")
    )


def open_ranks(organisation: Organisation, day: date) -> list[ContractRank]:
    """The lists that ``organisation`` sees on ``day``, first rank first (R-17, R-18). One query.

    The first rank is seen by every member; another only with an account open at that provider.
    """
    account = ProviderAccount.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=day),
        branch__organisation=organisation,
        provider=OuterRef("provider"),
        opened_on__lte=day,
    )
    return list(ranks_in_phase(day).filter(Q(rank=FIRST_RANK) | Exists(account)))


def current_version(rank: ContractRank, day: date) -> CatalogueVersion | None:
    """The provider's list in force on ``day``: the latest that has taken effect."""
    return _versions_until(rank, day).first()


def _versions_until(rank: ContractRank, day: date) -> QuerySet[CatalogueVersion]:
    """The versions that took effect by ``day``, the latest first."""
    versions = CatalogueVersion.objects.filter(rank=rank, effective_on__lte=day)
    return versions.order_by("-effective_on", "-number")


def latest_version(rank: ContractRank) -> CatalogueVersion | None:
    """The last list published, even when it takes effect later."""
    return CatalogueVersion.objects.filter(rank=rank).order_by("-number").first()


def current_versions(ranks: list[ContractRank], day: date) -> list[CatalogueVersion]:
    """The list in force on ``day`` for each rank that has one, in the order given. One query."""
    rows = (
        CatalogueVersion.objects.filter(rank__in=ranks, effective_on__lte=day)
        .order_by("rank_id", "-effective_on", "-number")
        .distinct("rank_id")
    )
    by_rank = {row.rank_id: row for row in rows}
    found = []
    for rank in ranks:
        version = by_rank.get(rank.pk)
        if version is not None:
            version.rank = rank
            found.append(version)
    return found


def offers_on(rank: ContractRank, day: date) -> QuerySet[Offer]:
    """What ``rank``'s provider offers on ``day``: the current version, valid that day."""
    current = _versions_until(rank, day).values("pk")[:1]
    return Offer.objects.filter(version__in=current, valid__contains=day)
