"""A member's catalogue, through the gate: which lists are seen, which offers they hold (R-17)."""

from datetime import date

from django.db.models import F, QuerySet

from catalogue.models import CatalogueVersion, Offer
from catalogue.queries.lists import current_versions, open_ranks, ranks_in_phase
from members.models import Branch, ContractRank, Organisation, User
from members.permissions import Unseen, reach_of, visible
from members.roles import May


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


def versions_for(user: User, organisation: Organisation, day: date) -> list[CatalogueVersion]:
    """The versions in force on ``day`` that ``user`` sees for a member, first rank first."""
    return current_versions(ranks_for(user, organisation, day), day)


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
    return offers_of(versions_for(user, organisation, day), day)
