"""What a signer sees: the requests that await the person, and those the person decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.declarations import kinds_text
from derogations.eligibility import facts_of, judge_powers
from derogations.grounds import power_grounds
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
from members.models import Organisation, User
from members.permissions import Unseen, granted
from members.queries.delegations import StandingPower, standing_powers
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


def requests_granted(user: User) -> QuerySet[Derogation]:
    """Submitted requests, ready to sign, that are granted to ``user`` and not signed by him."""
    mine = Signature.objects.filter(
        version=OuterRef("version"), person=user.person_id, voided_at__isnull=True
    )
    return (
        granted(user, PersonalMay.SIGN_DEROGATION, Derogation.objects.all())
        .filter(
            ~Exists(mine),
            state=DerogationState.SUBMITTED,
            version__pdf__isnull=False,
            version__expires_at__gt=ClockTimestamp(),
        )
        .select_related("branch__organisation", "version__pdf", "provider", "requester")
        .prefetch_related("heads")
        .order_by("version__submitted_at", "pk")
    )


def requests_to_sign(user: User, *, most: int = MOST) -> list[Awaiting]:
    """Both halves of the gate: the grant, and E3 to E8 now; a late sweep shows nothing (D-02).

    The plan is asked once for each branch and set of kinds.
    """
    waiting = list(requests_granted(user)[:most])
    if not waiting:
        return []
    at = database_clock()
    known: dict[tuple[int, tuple[str, ...]], list[StandingPower]] = {}
    found = []
    for derogation in waiting:
        assert derogation.version is not None
        facts = facts_of(derogation, derogation.version)
        key = (derogation.branch_id, tuple(sorted(facts.kinds)))
        if key not in known:
            powers = standing_powers(facts.branch, facts.kinds, at)
            known[key] = [power for power in powers if power.person.pk == user.person_id]
        fitting = tuple(power for power in known[key] if not power_grounds(power, facts))
        if fitting:
            found.append(Awaiting(derogation, fitting))
    return found


def next_to_sign(user: User, after: Derogation) -> Derogation | None:
    """The next request that awaits the signer."""
    waiting = [row.derogation for row in requests_to_sign(user) if row.derogation != after]
    return waiting[0] if waiting else None


def request_for_signer(user: User, number: str) -> Derogation:
    """The request that an address names, for who may sign it or acted on it; Unseen otherwise.

    Who opened a challenge in the last minutes keeps seeing what became of the request.
    """
    rows = Derogation.objects.select_related(
        "branch__organisation", "version__pdf", "provider", "requester", "contract"
    ).prefetch_related("heads")
    derogation = get_object_or_404(rows, number=number)
    if not (acted_on(user, derogation) or _awaits(user, derogation)):
        raise Unseen
    return derogation


def may_withdraw(user: User, derogation: Derogation, at: datetime) -> bool:
    """Whether the person's power reaches a derogation that was signed (R-22)."""
    if derogation.state not in WITHDRAW.sources or derogation.version is None or not user.person:
        return False
    version = derogation.version
    version.derogation = derogation
    powers, _lacking = judge_powers(version, user.person, at, amount=False)
    return bool(powers)


def request_to_withdraw(user: User, number: str) -> Derogation:
    """A derogation that the person may withdraw, or signed; Unseen otherwise."""
    rows = Derogation.objects.select_related("branch__organisation", "version__pdf", "contract")
    derogation = get_object_or_404(rows.prefetch_related("heads"), number=number)
    if not (may_withdraw(user, derogation, database_clock()) or acted_on(user, derogation)):
        raise Unseen
    return derogation


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
    """« À signer »: each request that awaits the person, role or not."""
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

    Who did keeps seeing it, without any role (F-13, F-19).
    """
    if not user.is_active or user.person_id is None:
        return False
    here = Q(version__derogation=derogation)
    mine = Q(person=user.person_id) | Q(acting_for=user.person_id)
    opened = Challenge.objects.filter(
        here, person=user.person_id, created_at__gt=ClockTimestamp() - A_MOMENT
    )
    decided: list[QuerySet[Any]] = [
        opened,
        Signature.objects.filter(here, mine),
        Refusal.objects.filter(here, mine),
        Withdrawal.objects.filter(mine, derogation=derogation),
    ]
    asked = Q()
    for rows in decided:
        asked |= Q(Exists(rows))
    return Derogation.objects.filter(asked, pk=derogation.pk).exists()


def _awaits(user: User, derogation: Derogation) -> bool:
    """The grant and E3 to E8 now, on one request (D-02)."""
    mine = granted(
        user, PersonalMay.SIGN_DEROGATION, Derogation.objects.filter(pk=derogation.pk)
    ).filter(state=DerogationState.SUBMITTED, version__isnull=False)
    if not mine.exists() or derogation.version is None or user.person is None:
        return False
    version = derogation.version
    version.derogation = derogation
    powers, _lacking = judge_powers(version, user.person, database_clock())
    return bool(powers)


def papers_of(derogation: Derogation) -> QuerySet[Attachment]:
    """The papers attached to a request already fetched through the gate."""
    return derogation.attachments.filter(removed_at__isnull=True).select_related("file")


def members_with_requests() -> QuerySet[Organisation]:
    """The members whose grants may move by themselves: a request awaits, or a grant is left."""
    waiting = Q(branches__derogations__state=DerogationState.SUBMITTED)
    left = Q(branches__derogations__in=SigningGrant.objects.values("content_object"))
    return Organisation.objects.filter(waiting | left).distinct().order_by("pk")
