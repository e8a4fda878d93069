"""Who may still sign, projected: the grants of submitted requests, and the posts that lack."""

from collections import Counter

from django.contrib.auth.models import Permission

from derogations import events
from derogations.eligibility import eligible_signers, open_powers, persons_signed
from derogations.kinds import DerogationState
from derogations.models import Derogation, SigningGrant, Version
from derogations.queries.requests import places_lacking
from members.models import Branch, Organisation, User
from members.queries.delegations import StandingPower, standing_plan
from members.roles import PersonalMay
from portal.audit import SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later

Grant = tuple[int, int]
"""(user id, derogation id)"""

Signable = tuple[Derogation, list[StandingPower]]
"""A submitted request, and the powers by which a signature may still come."""


@action
def project_signing_grants(*, organisation: Organisation, by: SystemActor) -> int:
    """Write the grants that are due in a member and delete the others (F-12); return how many.

    A late call can only refuse: the signing page asks E3 to E8 as well (D-02). A dozen queries,
    however many requests; INTRL is told where one more signature lacks anybody (F-13).
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    requests = requests_signable(organisation)
    expected = expected_grants(requests)
    rows = SigningGrant.objects.filter(content_object__branch__organisation=organisation)
    stored = set(rows.values_list("user_id", "content_object_id"))
    permission = Permission.objects.get(
        codename=PersonalMay.SIGN_DEROGATION, content_type__app_label="derogations"
    )
    SigningGrant.objects.bulk_create(
        SigningGrant(user_id=user, content_object_id=derogation, permission=permission)
        for user, derogation in sorted(expected - stored)
    )
    for user, derogation in stored - expected:
        rows.filter(user=user, content_object=derogation).delete()
    _record_changes(expected ^ stored, expected, by)
    _promise_words(expected ^ stored)
    _keep_lacking(requests)
    return len(expected ^ stored)


def requests_signable(organisation: Organisation) -> list[Signable]:
    """A member's submitted requests, by the plan as it stands now."""
    at = database_clock()
    plan = standing_plan(Branch.objects.filter(organisation=organisation), at)
    rows = Derogation.objects.filter(
        branch__organisation=organisation, state=DerogationState.SUBMITTED, version__isnull=False
    ).select_related("branch__organisation", "version", "beneficiary")
    found: list[Signable] = []
    for row in rows.annotate(signed=persons_signed()).prefetch_related("heads").order_by("pk"):
        assert row.version is not None
        row.version.derogation = row
        powers = eligible_signers(row, row.version, at, plan)
        found.append((row, open_powers(row.version.asked, powers, row.signed)))
    return found


def expected_grants(requests: list[Signable]) -> set[Grant]:
    """Active accounts of the people by whom a signature may still come."""
    people = {(power.person.pk, row.pk) for row, powers in requests for power in powers}
    accounts = User.objects.filter(person__in={person for person, _ in people}, is_active=True)
    owned: dict[int | None, list[int]] = {}
    for user in accounts.order_by("pk"):
        owned.setdefault(user.person_id, []).append(user.pk)
    return {(user, request) for person, request in people for user in owned.get(person, [])}


def _promise_words(changed: set[Grant]) -> None:
    """Who gains a grant is told: an interim, a substitute, the remedy to « personne » (F-12).

    Where somebody left, another's turn may have come (F-16).
    """
    requests = Derogation.objects.filter(pk__in={request for _, request in changed})
    versions = requests.filter(version__pdf__isnull=False).values_list("version", flat=True)
    for version in versions.order_by("version"):
        later("derogations.tell_signers", version_id=version)


def _keep_lacking(requests: list[Signable]) -> None:
    """The posts that nobody fills, where they changed; last, after the grants' rows are held."""
    for row, powers in requests:
        version = row.version
        assert version is not None
        lacking = places_lacking(version.asked, powers, len(row.signed))  # type: ignore[attr-defined]
        if lacking != version.lacking:
            Version.objects.filter(pk=version.pk).update(lacking=lacking)
        if Counter(lacking) - Counter(version.lacking or ()):
            later("derogations.tell_unsignable", version_id=version.pk)


def _record_changes(changed: set[Grant], expected: set[Grant], by: SystemActor) -> None:
    """One event for each request whose signers changed."""
    requests = Derogation.objects.filter(pk__in={request for _, request in changed})
    for request in requests.order_by("pk"):
        mine = {grant for grant in changed if grant[1] == request.pk}
        record(
            events.SIGNING_GRANTS_PROJECTED,
            by=by,
            on=request,
            given=sorted(user for user, _ in mine & expected),
            taken=sorted(user for user, _ in mine - expected),
        )
