"""Reads of the paper path: requests, who signed by hand, what awaits a confirmation (D-25)."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.eligibility import due_powers, eligible_signers, persons_signed, who_signed
from derogations.kinds import DerogationState
from derogations.models import Derogation, PaperSignature
from derogations.queries.requests import signers_awaited
from members.models import Organisation, Person, StaffAppointment, User
from members.permissions import visible
from members.queries.delegations import StandingPower
from members.queries.people import selves
from members.roles import May
from portal.inbox import InboxItem
from portal.models import ClockTimestamp
from portal.search import is_nothing

SHOWN = 50


def requests_on_paper(user: User, organisation: Organisation) -> QuerySet[Derogation]:
    """The submitted requests of a member that ``user`` may see, with the instant of the read."""
    rows = Derogation.objects.filter(branch__organisation=organisation, version__isnull=False)
    rows = rows.annotate(read_at=ClockTimestamp(), signed=persons_signed())
    return (
        visible(user, May.SEE_DEROGATIONS, rows)
        .select_related(
            "branch__organisation", "version__pdf", "provider", "contract", "beneficiary"
        )
        .prefetch_related("heads")
    )


def papers_of(derogation: Derogation) -> QuerySet[PaperSignature]:
    """The current version's papers; asked about a request already fetched through the gate.

    What the request already holds is not joined again: a planner without statistics crosses a
    dozen tables.
    """
    rows = PaperSignature.objects.filter(version=derogation.version).order_by("pk")
    return rows.select_related(
        "person",
        "delegation__plan",
        "scan",
        "attached_by__person",
        "confirmed_by__person",
        "confirmed_again_by__person",
    )


def papers_shown(user: User, derogation: Derogation) -> list[PaperSignature]:
    """The same, each with whether ``user`` may confirm it, as ``to_confirm``."""
    mine = papers_to_confirm(user, PaperSignature.objects.filter(pk=OuterRef("pk")))
    return list(papers_of(derogation).annotate(to_confirm=Exists(mine)))


def papers_to_confirm(
    user: User, among: QuerySet[PaperSignature] | None = None
) -> QuerySet[PaperSignature]:
    """Papers that ``user`` may confirm: neither attached, signed nor asked by that person (D-25).

    Once an agent of ITQ confirmed, the second person is of the member.
    """
    reached = visible(user, May.CONFIRM_PAPER, Derogation.objects.all())
    rows = PaperSignature.objects.all() if among is None else among
    if is_nothing(reached):
        return rows.none()
    waiting = reached.filter(state=DerogationState.SUBMITTED)
    rows = rows.filter(
        version__derogation__in=waiting,
        version=F("version__derogation__version"),
        signature__isnull=True,
    ).exclude(
        Q(person__in=selves(user.person_id))
        | Q(attached_by__person=user.person_id)
        | Q(version__derogation__requester=user.person_id)
        | Q(version__derogation__last_editor=user.person_id)
        | Q(
            version__derogation__beneficiary__isnull=False,
            version__derogation__beneficiary__in=selves(user.person_id),
        )
        | Q(confirmed_by__isnull=False, confirmed_by__person=user.person_id)
    )
    staff = StaffAppointment.objects.in_force()
    of_itq = Q(confirmed_by__isnull=False, confirmed_by__person__in=staff.values("person"))
    return rows.exclude(of_itq & Q(Exists(staff.filter(person=user.person_id))))


def paper_items(user: User) -> Iterator[InboxItem]:
    """Papers that await this person's confirmation, the oldest first."""
    rows = papers_to_confirm(user)
    if is_nothing(rows):
        return
    joined = "version__derogation__branch__organisation"
    for row in rows.select_related(joined, "person").order_by("attached_at")[:SHOWN]:
        derogation = row.version.derogation
        organisation = derogation.branch.organisation
        told = {"number": derogation.number, "person": row.person}
        yield InboxItem(
            title=_("Confirmer la résolution du conseil pour la demande %(number)s") % told
            if row.resolution_number
            else _("Confirmer la signature manuscrite de %(person)s, demande %(number)s") % told,
            url=reverse("derogations:paper_detail", args=[organisation.slug, derogation.number]),
            kind=_("Signature"),
            since=row.attached_at,
            detail=_("Une première personne l'a confirmée.")
            if row.confirmed_at
            else _("Deux personnes la confirment."),
            member=organisation.name,
            urgent=True,
        )


def powers_on_paper(
    derogation: Derogation, now: list[StandingPower] | None = None
) -> list[StandingPower]:
    """Who may have signed by hand since the submission: the powers then, and ``now``.

    Those whose turn it is (F-16); nobody once it awaits no signature.
    """
    version = derogation.version
    if version is None or derogation.state != DerogationState.SUBMITTED:
        return []
    version.derogation = derogation
    now = signers_awaited(derogation) if now is None else now
    then = eligible_signers(derogation, version, version.submitted_at)
    unique = {
        (power.delegation.pk, power.person.pk, power.absence): power for power in [*then, *now]
    }
    return due_powers(version, unique.values(), who_signed(version))


def people_on_paper(derogation: Derogation) -> QuerySet[Person]:
    """The people of the member, of whom one certifies the council's extract."""
    organisation = derogation.branch.organisation_id
    return Person.objects.filter(
        Q(respondents__branch__organisation=organisation)
        | Q(delegations__branch__organisation=organisation)
    ).distinct()
