"""What a signer sees: the requests that await the person, and those the person decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.declarations import kinds_text
from derogations.eligibility import (
    Known,
    due_powers,
    eligible_signers,
    judge_powers,
    persons_signed,
)
from derogations.kinds import DerogationState
from derogations.models import (
    Attachment,
    Challenge,
    Derogation,
    Refusal,
    Seal,
    Signature,
    SigningGrant,
    Withdrawal,
)
from derogations.states import WITHDRAW
from members.models import Branch, Organisation, User
from members.permissions import Unseen, granted, identity_facts
from members.queries.delegations import StandingPlan, StandingPower, standing_plan
from members.queries.people import selves
from members.roles import PersonalMay
from portal.clock import database_clock
from portal.inbox import InboxItem
from portal.models import ClockTimestamp

A_MOMENT = timedelta(hours=1)
"""Who opened a challenge keeps the page this long, to read what became of the request."""

MOST = 50
"""Requests that the inbox shows, the oldest first."""


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A request that awaits this signer, and the powers that reach it now."""

    derogation: Derogation
    powers: tuple[StandingPower, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that passed the signer's gate, with the instant and what was judged then."""

    derogation: Derogation
    at: datetime
    known: Known


def requests_granted(user: User) -> QuerySet[Derogation]:
    """Submitted requests, ready to sign, that are granted to ``user`` and not signed by him.

    Few tables are joined: beyond eight, PostgreSQL reads every open request before the grants.
    """
    mine = Signature.objects.filter(
        version=OuterRef("version"), person__in=selves(user.person_id), voided_at__isnull=True
    )
    return (
        granted(user, PersonalMay.SIGN_DEROGATION, Derogation.objects.all())
        .filter(
            ~Exists(mine),
            state=DerogationState.SUBMITTED,
            version__pdf__isnull=False,
            version__expires_at__gt=ClockTimestamp(),
        )
        .select_related("branch__organisation", "version", "provider", "beneficiary")
        .prefetch_related("heads")
        .annotate(signed=persons_signed())
        .order_by("version__submitted_at", "pk")
    )


def requests_to_sign(
    user: User, *, most: int = MOST, plan: StandingPlan | None = None
) -> list[Awaiting]:
    """Both halves of the gate: the grant, and E3 to E8 now; a late sweep shows nothing (D-02).

    Those whose turn it is not are passed over, twice as many at a time (F-16). ``plan`` is one that
    a page has already read for all of them; it is asked once otherwise, however many branches.
    """
    granted_rows, found = requests_granted(user), list[Awaiting]()
    start, size = 0, most
    while rows := list(granted_rows[start : start + size]):
        if plan is None:
            branches = granted_rows.order_by().values("branch")
            plan = standing_plan(Branch.objects.filter(pk__in=branches), database_clock())
        judged = ((row, _fitting(user, row, plan)) for row in rows)
        found += [Awaiting(row, fitting) for row, fitting in judged if fitting]
        if len(found) >= most or len(rows) < size:
            break
        start, size = start + size, size * 2
    return found[:most]


def _fitting(user: User, derogation: Any, plan: StandingPlan) -> tuple[StandingPower, ...]:
    """The person's powers that reach a request and whose turn it is."""
    version = derogation.version
    reach = eligible_signers(derogation, version, plan.at, plan)
    due = due_powers(version, reach, derogation.signed)
    return tuple(power for power in due if power.person.pk == user.person_id)


def next_to_sign(
    user: User, after: Derogation, plan: StandingPlan | None = None
) -> Derogation | None:
    """The next request that awaits the signer."""
    rows = requests_to_sign(user, plan=plan)
    waiting = [row.derogation for row in rows if row.derogation != after]
    return waiting[0] if waiting else None


def seen_by_signer(user: User, number: str) -> Seen:
    """The request that an address names, for who may sign it or acted on it; Unseen otherwise.

    Who opened a challenge in the last minutes keeps seeing what became of the request. Five
    queries, whatever the page asks next of the powers.
    """
    seen = _read(user, number)
    row: Any = seen.derogation
    if not (row.acted or (row.is_granted and _awaits(user, seen))):
        raise Unseen
    return seen


def request_for_signer(user: User, number: str) -> Derogation:
    """The same, for a page that judges nothing more."""
    return seen_by_signer(user, number).derogation


def may_withdraw(
    user: User, derogation: Derogation, at: datetime, plan: StandingPlan | None = None
) -> bool:
    """Whether the person's power reaches a derogation that was signed (R-22)."""
    return derogation.state in WITHDRAW.sources and reaches(user, derogation, at, plan)


def reaches(
    user: User, derogation: Derogation, at: datetime, plan: StandingPlan | None = None
) -> bool:
    """Whether a line of the plan still makes the person a signer of such a request (E3 to E5)."""
    if derogation.version is None or user.person is None:
        return False
    derogation.version.derogation = derogation
    powers, _lacking = judge_powers(derogation.version, user.person, at, amount=False, plan=plan)
    return bool(powers)


def request_to_withdraw(user: User, number: str) -> Seen:
    """A derogation that the person may withdraw, or signed; Unseen otherwise."""
    seen = _read(user, number)
    row: Any = seen.derogation
    if not (row.acted or may_withdraw(user, seen.derogation, seen.at, seen.known.plan)):
        raise Unseen
    return seen


def signatures_of(derogation: Derogation) -> list[Signature]:
    """The effective signatures of the current version, in order; asked about a row already held."""
    return list(
        Signature.objects.filter(version=derogation.version, voided_at__isnull=True)
        .select_related(
            *("person", "acting_for", "delegation__plan", "own_delegation__plan"),
            *("interim", "absence"),
        )
        .order_by("step", "slot")
    )


def refusals_of(derogation: Derogation) -> list[Refusal]:
    """The refusals of the current version, in order; asked about a row already held."""
    rows = Refusal.objects.filter(version=derogation.version).select_related("person", "acting_for")
    return list(rows.order_by("pk"))


def sealed_for_signer(derogation: Derogation) -> Seal | None:
    """The sealed document of a request fetched through the signer's gate; None until it is."""
    rows = Seal.objects.filter(version=derogation.version_id, file__isnull=False)
    return rows.select_related("file").first()


def withdrawal_of(derogation: Derogation) -> Withdrawal | None:
    """Who withdrew a derogation already fetched, when and why (R-22)."""
    if derogation.state != DerogationState.WITHDRAWN:
        return None
    rows = Withdrawal.objects.filter(derogation=derogation)
    return rows.select_related(
        *("person", "acting_for", "delegation__plan__act_file"),
        *("own_delegation__plan__act_file", "interim__act_file", "absence", "challenge"),
    ).first()


def challenge_of(user: User, derogation: Derogation, nonce: str, act: str) -> Challenge:
    """The challenge of an act that an address names, on this request; 404 when there is none.

    One that another person or session opened is found: the act refuses it, and the journal keeps
    the attempt (signing.md §4).
    """
    rows = Challenge.objects.select_related(
        "version__derogation__branch__organisation",
        "version__pdf",
        "person",
        "delegation__plan",
        "own_delegation__plan",
        "interim",
        "absence",
        "acting_for",
    )
    return get_object_or_404(rows, version__derogation=derogation, nonce=nonce, act=act)


def inbox_items(user: User) -> list[InboxItem]:
    """« À signer »: each request that awaits the person, role or not.

    Asked of everybody: whoever was granted nothing is told so before the requests are joined.
    """
    if not requests_granted(user).exists():
        return []
    return [
        InboxItem(
            title=_("À signer : %(number)s, %(kinds)s")
            % {
                "number": row.derogation.number,
                "kinds": kinds_text(head.kind for head in row.derogation.heads.all()),
            },
            url=reverse("derogations:signature_request", args=[row.derogation.number]),
            kind=_("Signature"),
            since=row.derogation.version.submitted_at,  # type: ignore[union-attr]
            detail=str(row.derogation.provider),
            member=str(row.derogation.branch.organisation),
            urgent=True,
        )
        for row in requests_to_sign(user)
    ]


def acted_on(user: User, derogation: Derogation) -> bool:
    """Whether the person signed it, refused it, was acted for, or opened a challenge just now.

    Who did keeps seeing what was acted on, without any role (F-13, F-19); never what was asked
    since in another version.
    """
    if not user.is_active or user.person_id is None:
        return False
    return Derogation.objects.filter(_acted(user), pk=derogation.pk).exists()


def _acted(user: User) -> Q:
    """The derogations on whose current version the person acted."""
    here = Q(version=OuterRef("version"))
    me = selves(user.person_id)
    mine = Q(person__in=me) | Q(acting_for__in=me)
    opened = Challenge.objects.filter(
        here, person=user.person_id, created_at__gt=ClockTimestamp() - A_MOMENT
    )
    decided: list[QuerySet[Any]] = [
        opened,
        Signature.objects.filter(here, mine),
        Refusal.objects.filter(here, mine),
        Withdrawal.objects.filter(mine, derogation=OuterRef("pk")),
    ]
    asked = Q()
    for rows in decided:
        asked |= Q(Exists(rows))
    return asked


def _read(user: User, number: str) -> Seen:
    """The row, and on it what the gate and the page ask of the person; then the plan.

    The plan binds the request's branch and those of all that awaits the person.
    """
    if not user.is_active or user.person_id is None:
        raise Unseen
    row: Any = get_object_or_404(_rows_told(user), number=number)
    if row.version is not None:
        row.version.derogation = row
    waiting = requests_granted(user).order_by().values("branch")
    bound = Branch.objects.filter(Q(pk=row.branch_id) | Q(pk__in=waiting))
    plan = standing_plan(bound, row.read_at)
    known = Known(plan, row.verified, row.factor, tuple(row.signed))
    return Seen(row, row.read_at, known)


def _rows_told(user: User) -> QuerySet[Derogation]:
    """Requests, each with what the gate and the page ask of the person."""
    same = Derogation.objects.filter(pk=OuterRef("pk"))
    papers = Attachment.objects.filter(derogation=OuterRef("pk"), removed_at__isnull=True)
    seals = Seal.objects.filter(version=OuterRef("version"), file__isnull=False)
    return (
        Derogation.objects.select_related(
            *("branch__organisation", "version__pdf", "provider", "requester", "contract"),
            "beneficiary",
        )
        .prefetch_related("heads")
        .annotate(
            read_at=ClockTimestamp(),
            acted=_acted(user),
            is_granted=Exists(granted(user, PersonalMay.SIGN_DEROGATION, same)),
            signed=persons_signed(),
            is_sealed=Exists(seals),
            papers_told=ArraySubquery(
                papers.order_by("pk").values(told=JSONObject(id="pk", kind="kind", name="name"))
            ),
            **identity_facts(user),
        )
    )


def _awaits(user: User, seen: Seen) -> bool:
    """E3 to E8 now, on a request that was granted (D-02)."""
    version = seen.derogation.version
    if seen.derogation.state != DerogationState.SUBMITTED or not (version and user.person):
        return False
    powers, _lacking = judge_powers(version, user.person, seen.at, plan=seen.known.plan)
    return bool(powers)


def papers_told(derogation: Derogation) -> list[Attachment]:
    """The papers of a request seen by its signer, by name, as its row was read with them."""
    told: list[dict[str, Any]] = derogation.papers_told  # type: ignore[attr-defined]
    return [Attachment(**values) for values in told]


def papers_of(derogation: Derogation) -> QuerySet[Attachment]:
    """The papers attached to a request already fetched through the gate."""
    return derogation.attachments.filter(removed_at__isnull=True).select_related("file")


def members_with_requests() -> QuerySet[Organisation]:
    """The members whose grants may move by themselves: a request awaits, or a grant is left."""
    waiting = Q(branches__derogations__state=DerogationState.SUBMITTED)
    left = Q(branches__derogations__in=SigningGrant.objects.values("content_object"))
    return Organisation.objects.filter(waiting | left).distinct().order_by("pk")
