"""Five thousand requests of derogation that await a signature, in nearly every member."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, islice

from django.contrib.auth.models import Permission
from django.db.models import F

from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import Derogation, Head, Version
from members.models import Contract, Delegation, DelegationPlan, User
from members.powers import DerogationKind
from members.roles import PersonalMay, Role
from portal.clock import midnight, today
from portal.files import store
from portal.models import StoredFile
from tests.bench.copying import copy, next_id, settle_ids
from tests.bench.places import Place

REQUESTS = 5_000
OF_THE_BIGGEST = 60
"""More than the inbox shows at once."""
SINCE = midnight(date(2020, 1, 6))
CONTENT = '{"amounts":{"after_tax_amount":"1103.76","total_amount":"960.00"},"kind":"bench"}'


def fill_requests(places: list[Place], contract: Contract) -> None:
    """COPY a plan, a line and open requests for the members that have a second person to sign.

    The two small members, whose rows are counted exactly, have none.
    """
    roots = [p for p in places if p.is_root and not p.exact and Role.DERO in p.people]
    people = dict(User.objects.values_list("pk", "person_id"))
    paper = store(b"%PDF-1.7 banc", name="demande.pdf", content_type="application/pdf")
    _plans(roots, people, paper)
    _requests(list(_shared(roots)), people, contract, paper)
    settle_ids([DelegationPlan, Delegation, Derogation, Version])


def _shared(roots: list[Place]) -> Iterator[Place]:
    """Sixty in the biggest member, the others each in turn."""
    biggest, *others = roots
    yield from [biggest] * OF_THE_BIGGEST
    yield from islice(cycle(others), REQUESTS - OF_THE_BIGGEST)


def _plans(roots: list[Place], people: dict[int, int | None], paper: StoredFile) -> None:
    """A line each, recorded by INTRL, confirmed by MANDA, held by the DERO."""
    plan, line = next_id(DelegationPlan), next_id(Delegation)
    copy(
        DelegationPlan,
        (
            *("id", "organisation_id", "version", "approved_on", "act_reference"),
            *("act_file_id", "recorded_by_id"),
        ),
        (
            (plan + n, p.member, 1, SINCE.date(), "Règlement", paper.pk, p.people[Role.INTRL])
            for n, p in enumerate(roots)
        ),
    )
    copy(
        Delegation,
        (
            *("id", "plan_id", "branch_id", "clause", "post", "holder_id", "kinds"),
            *("ceiling_amount", "beyond_fiscal_year", "valid", "recorded", "recorded_by_id"),
            *("confirmed_at", "confirmed_by_id"),
        ),
        (
            (
                *(line + n, plan + n, p.pk, "4.2", "Direction générale"),
                *(people[p.people[Role.DERO]], list(DerogationKind.values), Decimal(25_000), True),
                *("[2020-01-06,)", f"[{SINCE.isoformat()},)", p.people[Role.INTRL]),
                *(SINCE, p.people[Role.MANDA]),
            )
            for n, p in enumerate(roots)
        ),
    )


def _requests(
    places: list[Place], people: dict[int, int | None], contract: Contract, paper: StoredFile
) -> None:
    """Submitted, rendered and granted to their signer."""
    first, version = next_id(Derogation), next_id(Version)
    provider = contract.ranks.get(rank=2).provider_id
    rows = list(enumerate(places))
    copy(
        Derogation,
        (
            *("id", "number", "branch_id", "contract_id", "provider_id", "state"),
            *("created_by_id", "requester_id", "last_editor_id", "wanted_on", "ends_on"),
        ),
        (
            (
                *(first + n, f"D-2019-{n:05}", p.pk, contract.pk, provider),
                *(DerogationState.DRAFT, p.rcell, people[p.rcell]),
                *(people[p.rcell], today(), today() + timedelta(days=700)),
            )
            for n, p in rows
        ),
    )
    copy(Head, ("derogation_id", "kind"), ((first + n, DerogationKind.NETWORK) for n, _ in rows))
    _versions(places, first, version, paper)
    Derogation.objects.filter(pk__gte=first).update(
        state=DerogationState.SUBMITTED, version_id=F("pk") + (version - first)
    )
    permission = Permission.objects.get(codename=PersonalMay.SIGN_DEROGATION.value).pk
    copy(
        SigningGrant,
        ("user_id", "permission_id", "content_object_id"),
        ((p.people[Role.DERO], permission, first + n) for n, p in rows),
    )


def _versions(places: list[Place], first: int, version: int, paper: StoredFile) -> None:
    """One a request, ready to sign, the oldest two months ago."""
    now, sha256 = midnight(today()), hashlib.sha256(CONTENT.encode()).hexdigest()
    copy(
        Version,
        (
            *("id", "derogation_id", "number", "content", "content_sha256", "pdf_id"),
            *("steps", "step_posts"),
            *("total_amount", "submitted_at", "submitted_by_id", "expires_at"),
        ),
        (
            (
                *(version + n, first + n, 1, CONTENT, sha256, paper.pk),
                *([1], [], Decimal(960)),
                *(now - timedelta(days=n % 60 + 1), p.rcell, now + timedelta(days=30)),
            )
            for n, p in enumerate(places)
        ),
    )
