"""Reads of the paper path: the requests, who may have signed by hand, who certifies (D-25)."""

from django.db.models import Q, QuerySet

from derogations.eligibility import eligible_signers
from derogations.models import Derogation, PaperSignature
from members.models import Organisation, Person, User
from members.permissions import visible
from members.queries.delegations import StandingPower
from members.roles import May
from portal.clock import database_clock


def requests_on_paper(user: User, organisation: Organisation) -> QuerySet[Derogation]:
    """The submitted requests of a member that ``user`` may see."""
    rows = Derogation.objects.filter(branch__organisation=organisation, version__isnull=False)
    return (
        visible(user, May.SEE_DEROGATIONS, rows)
        .select_related("branch__organisation", "version__pdf", "provider", "contract")
        .prefetch_related("heads")
    )


def papers_awaited(derogation: Derogation) -> QuerySet[PaperSignature]:
    """The current version's paper; asked about a request already fetched through the gate."""
    return PaperSignature.objects.filter(version=derogation.version).select_related(
        "person",
        "delegation__plan",
        "scan",
        "attached_by__person",
        "confirmed_by__person",
        "confirmed_again_by__person",
        "version__derogation__branch__organisation",
    )


def powers_on_paper(derogation: Derogation) -> list[StandingPower]:
    """Who may have signed by hand since the submission: the powers then and now."""
    version = derogation.version
    if version is None:
        return []
    instants = (version.submitted_at, database_clock())
    found = [p for at in instants for p in eligible_signers(derogation, version, at)]
    unique: list[StandingPower] = []
    for power in found:
        known = [(row.delegation.pk, row.person.pk, row.absence) for row in unique]
        if (power.delegation.pk, power.person.pk, power.absence) not in known:
            unique.append(power)
    return unique


def people_on_paper(derogation: Derogation) -> QuerySet[Person]:
    """The people of the member, of whom one certifies the council's extract."""
    organisation = derogation.branch.organisation_id
    return Person.objects.filter(
        Q(respondents__branch__organisation=organisation)
        | Q(delegations__branch__organisation=organisation)
    ).distinct()
