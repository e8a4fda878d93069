"""What is in force on a day, asked about objects already held: phases, open lists, versions."""

from datetime import date
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from catalogue.models import CatalogueVersion, Offer
from members.models import ContractRank, Organisation, ProviderAccount

FIRST_RANK = 1


def ranks_in_phase(day: date) -> QuerySet[ContractRank]:
    """Every provider's place in a contract that has a phase on ``day``; first rank first."""
    return (
        ContractRank.objects.filter(contract__phases__valid__contains=day)
        .select_related("provider", "contract")
        .order_by("rank", "-contract__valid", "pk")
    )


def open_ranks(organisation: Organisation, day: date) -> list[ContractRank]:
    """The lists that ``organisation`` sees on ``day``, first rank first (R-17, R-18). One query.

    The first rank is seen by every member; another only with an account open at that provider,
    which ITQ confirmed.
    """
    return list(ranks_in_phase(day).filter(_open_to(organisation, day)))


def rank_on(rank: ContractRank, organisation: Organisation, day: date) -> Any:
    """The rank with its phase's ``order_kinds``, and whether it ``is_open`` to the organisation.

    None before, between or after its contract's phases (R-18). One query.
    """
    is_open = ExpressionWrapper(_open_to(organisation, day), output_field=BooleanField())
    phase_kinds = F("contract__phases__order_kinds")
    found = ranks_in_phase(day).filter(pk=rank.pk)
    return found.annotate(is_open=is_open, order_kinds=phase_kinds).first()


def _open_to(organisation: Organisation, day: date) -> Q:
    """The first rank, or one at whose provider ITQ confirmed an open account (R-17, D-05)."""
    account = ProviderAccount.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=day),
        branch__organisation=organisation,
        provider=OuterRef("provider"),
        opened_on__lte=day,
        confirmed_at__isnull=False,
    )
    return Q(rank=FIRST_RANK) | Q(Exists(account))


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
