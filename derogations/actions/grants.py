"""Signing grants are the projection of E3 to E7: who may open the page of a submitted request."""

from django.contrib.auth.models import Permission

from derogations import events
from derogations.kinds import DerogationState
from derogations.models import Derogation, SigningGrant
from derogations.queries.papers import still_eligible
from members.models import Organisation, User
from members.roles import PersonalMay
from portal.audit import SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later

Grant = tuple[int, int]
"""(user id, derogation id)"""


@action
def project_signing_grants(*, organisation: Organisation, by: SystemActor) -> int:
    """Write the grants that are due in a member and delete the others (F-12); return how many.

    A late call can only refuse: the signing page asks E3 to E7 as well (D-02).
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    expected = expected_grants(organisation)
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
    _promise_words(expected - stored)
    return len(expected ^ stored)


def expected_grants(organisation: Organisation) -> set[Grant]:
    """Active accounts of the people whose power reaches each submitted request now."""
    at = database_clock()
    requests = Derogation.objects.filter(
        branch__organisation=organisation, state=DerogationState.SUBMITTED, version__isnull=False
    ).select_related("branch__organisation", "version", "beneficiary")
    people: set[Grant] = set()
    for request in requests.prefetch_related("heads").order_by("pk"):
        assert request.version is not None
        request.version.derogation = request
        people |= {(p.person.pk, request.pk) for p in still_eligible(request.version, at)}
    accounts = User.objects.filter(person__in={person for person, _ in people}, is_active=True)
    owned: dict[int | None, list[int]] = {}
    for user in accounts.order_by("pk"):
        owned.setdefault(user.person_id, []).append(user.pk)
    return {(user, request) for person, request in people for user in owned.get(person, [])}


def _promise_words(given: set[Grant]) -> None:
    """Who gains a grant is told: an interim, a substitute, the remedy to « personne » (F-12)."""
    requests = Derogation.objects.filter(pk__in={request for _, request in given})
    versions = requests.filter(version__pdf__isnull=False).values_list("version", flat=True)
    for version in versions.order_by("version"):
        later("derogations.tell_signers", version_id=version)


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
