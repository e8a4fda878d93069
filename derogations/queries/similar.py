"""Like cases already decided: own member in full, the group without names (F-34)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Derogation, Head, Refusal
from derogations.queries.places import place_region
from members.models import User
from members.permissions import visible
from members.roles import May
from portal.clock import day_of

DECIDED = (
    *(DerogationState.SIGNED, DerogationState.REFUSED, DerogationState.EXHAUSTED),
    *(DerogationState.EXPIRED, DerogationState.WITHDRAWN),
)
SHOWN = 5
OF_HEADS = ("kind", "decision", "refusal_reason", "refusal_text", "next_step")
"""What is told of each head of a like case."""


@dataclass(frozen=True, slots=True)
class GroupCase:
    """A case of the group without names: what, where in Québec, what became of it, and why."""

    kinds: str
    cause: str
    administrative_region: str
    decided_on: date | None
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class LikeCases:
    """The nearest decided cases, latest first, five of each at most."""

    own: list[Derogation]
    group: list[GroupCase]


def like_cases(user: User, derogation: Derogation) -> LikeCases:
    """Cases of the same kinds, of what ``user`` sees or the branch's own; then the group's.

    Two requests are alike when they share a kind; the same cause, device or provider comes first.
    """
    kinds = [head.kind for head in derogation.heads.all()]
    rows = _decided(derogation, kinds)
    own = (
        visible(user, May.SEE_DEROGATIONS, rows)
        .filter(branch__organisation=derogation.branch.organisation_id)
        .values("pk")
    )
    mine = rows.filter(Q(pk__in=own) | Q(branch=derogation.branch_id))
    others = rows.exclude(pk__in=mine.values("pk"))
    first = _nearest(mine, derogation, is_mine=True)[:SHOWN]
    rest = _nearest(others, derogation, is_mine=False)[:SHOWN]
    both: QuerySet[Any] = first.union(rest, all=True)
    found = list(both.order_by("nearness", "-id"))
    for row in found:
        row.heads_told = [Head(**told) for told in row.heads_read]  # type: ignore[attr-defined]
    return LikeCases(
        own=[row for row in found if row.is_mine],
        group=[_without_names(row) for row in found if not row.is_mine],
    )


def _decided(derogation: Derogation, kinds: list[str]) -> QuerySet[Derogation]:
    """Decided requests that share a kind, this one apart."""
    refused = Refusal.objects.filter(version__derogation=OuterRef("pk")).order_by("-refused_at")
    heads = Head.objects.filter(derogation=OuterRef("pk")).order_by("pk")
    like = Head.objects.filter(kind__in=kinds).values("derogation")
    return (
        Derogation.objects.filter(pk__in=like, state__in=DECIDED)
        .exclude(pk=derogation.pk)
        .annotate(
            refused_at=Subquery(refused.values("refused_at")[:1]),
            heads_read=ArraySubquery(heads.values(told=JSONObject(**{n: n for n in OF_HEADS}))),
            place_region=place_region(unknown=""),
        )
        .select_related("branch__organisation", "provider", "offer")
    )


def _nearest(
    rows: QuerySet[Derogation], derogation: Derogation, *, is_mine: bool
) -> QuerySet[Derogation]:
    """The same cause or device first, then the latest."""
    alike = Q(provider=derogation.provider_id)
    if derogation.network_nature:
        alike &= Q(network_nature=derogation.network_nature)
    if derogation.device_model:
        alike |= Q(device_model=derogation.device_model)
    return rows.annotate(
        is_mine=Value(is_mine), nearness=Case(When(alike, then=0), default=1)
    ).order_by("nearness", "-pk")


def _without_names(row: Derogation) -> GroupCase:
    """Nothing that a person wrote freely: words chosen in lists, and the place's region."""
    heads: list[Head] = row.heads_told  # type: ignore[attr-defined]
    reasons = {h.get_refusal_reason_display() for h in heads if h.decision == HeadDecision.REFUSED}
    decided = row.signed_at or row.refused_at  # type: ignore[attr-defined]
    return GroupCase(
        kinds=", ".join(head.get_kind_display() for head in heads),
        cause=row.get_network_nature_display() or (row.offer.name if row.offer else ""),
        administrative_region=row.place_region,  # type: ignore[attr-defined]
        decided_on=day_of(decided) if decided else None,
        outcome=str(DerogationState(row.state).label),
        reason=", ".join(sorted(reason for reason in reasons if reason)),
    )
