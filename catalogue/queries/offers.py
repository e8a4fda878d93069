"""A member's catalogue, through the gate: which lists are seen, which offers they hold (R-17)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, QuerySet

from catalogue.models import CatalogueVersion, Offer
from catalogue.queries.lists import current_versions, open_ranks, ranks_in_phase
from members.models import Branch, ContractPhase, ContractRank, Organisation, User
from members.permissions import Unseen, reach_of, visible
from members.roles import May
from portal.models import Fold


def catalogue_branches(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The member's branches whose catalogue ``user`` may see; raises Unseen when there is none."""
    branches = visible(user, May.SEE_CATALOGUE, organisation.branches.all())
    if not branches.exists():
        raise Unseen
    return branches


def ranks_for(user: User, organisation: Organisation, day: date) -> list[ContractRank]:
    """The lists that ``user`` sees for a member on ``day``: ITQ sees all, a member by R-17."""
    catalogue_branches(user, organisation)
    if reach_of(user, May.SEE_CATALOGUE) is None:
        return list(ranks_in_phase(day))
    return open_ranks(organisation, day)


def hidden_ranks(seen: list[ContractRank], day: date) -> list[ContractRank]:
    """The lists in force that ``seen`` leaves out: the provider is named, never its offers."""
    return list(ranks_in_phase(day).exclude(pk__in=[rank.pk for rank in seen]))


@dataclass(frozen=True, slots=True)
class OpenList:
    """A provider's list as a member sees it on a day; no ``version`` while none is published."""

    rank: ContractRank
    phase: ContractPhase | None
    version: CatalogueVersion | None

    @property
    def last_day(self) -> date | None:
        """The phase's last day, included."""
        end = self.phase.valid.upper if self.phase else None
        return end - timedelta(days=1) if end else None


def lists_for(user: User, organisation: Organisation, day: date) -> list[OpenList]:
    """The lists that ``user`` sees for a member on ``day`` with their phase, first rank first."""
    ranks = ranks_for(user, organisation, day)
    versions = {version.rank_id: version for version in current_versions(ranks, day)}
    contracts = {rank.contract_id for rank in ranks}
    phases = ContractPhase.objects.filter(contract__in=contracts, valid__contains=day)
    phase_of = {phase.contract_id: phase for phase in phases}
    return [OpenList(rank, phase_of.get(rank.contract_id), versions.get(rank.pk)) for rank in ranks]


def offers_of(versions: list[CatalogueVersion], day: date) -> QuerySet[Offer]:
    """What those versions offer on ``day``, with each offer's provider."""
    return (
        Offer.objects.filter(version__in=[version.pk for version in versions])
        .filter(valid__contains=day)
        .select_related("version__rank__provider", "version__rank__contract")
        .annotate(rank=F("version__rank__rank"))
    )


def offers_for(user: User, organisation: Organisation, day: date) -> QuerySet[Offer]:
    """Every offer that ``user`` sees for a member on ``day``; raises Unseen."""
    return offers_of(current_versions(ranks_for(user, organisation, day), day), day)


def brands_of(offers: QuerySet[Offer]) -> list[str]:
    """The brands among ``offers``, in French order."""
    named = offers.exclude(brand="").order_by(Fold("brand")).values_list("brand", flat=True)
    return list(dict.fromkeys(named))
