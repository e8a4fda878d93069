"""Reads between orders and derogations: what may be drawn on, and what rests on what (D-12)."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from catalogue.models import Offer
from catalogue.queries import offers_on
from derogations.kinds import DerogationOrigin, DerogationState, HeadDecision
from derogations.models import Derogation, Head, Place
from members.models import ContractRank
from orders.coverage import DerogationFacts
from orders.kinds import OrderState
from orders.models import Draw, Order, OrderLine, Reliance
from portal.clock import today

HOLDING = (DerogationState.SIGNED, DerogationState.EXHAUSTED)
"""States in which what was drawn still holds; only a signed one is drawn on anew (R-23)."""
UNSENT = (OrderState.SUBMITTED,)
Named = dict[int, list[Derogation]]
"""For each line the derogations named for it: asked, or chosen."""
ASKED = (DerogationState.DRAFT, DerogationState.SUBMITTED, DerogationState.RETURNED)
LACKING = ("R-13", "R-14", "R-23")
"""The rules that only a derogation answers: none covers, or the one that did fell."""


def candidates(order: Order) -> QuerySet[Derogation]:
    """The signed derogations of the order's branch, contract and provider (R-13, R-14).

    An earlier derogation, recorded with its scan, keeps lines in order; no new one rests on it.
    """
    return Derogation.objects.filter(
        branch=order.branch_id,
        contract=order.rank.contract_id,
        provider=order.rank.provider_id,
        origin=DerogationOrigin.REQUEST,
        state=DerogationState.SIGNED,
    )


def with_what_is_left(derogations: QuerySet[Derogation]) -> QuerySet[Any]:
    """Each with what is drawn, the kinds granted, the municipalities, its offer's code."""
    taken = (
        Draw.objects.filter(derogation=OuterRef("pk"), released_at__isnull=True)
        .order_by()
        .values("derogation")
        .annotate(total=Sum("quantity"))
        .values("total")
    )
    heads = Head.objects.filter(derogation=OuterRef("pk"), decision=HeadDecision.SIGNED)
    places = Place.objects.filter(derogation=OuterRef("pk"))
    return derogations.annotate(
        drawn=Coalesce(Subquery(taken), 0),
        granted=ArraySubquery(heads.values("kind")),
        municipalities=ArraySubquery(places.values("municipality")),
        offer_code=Coalesce(F("offer__code"), Value("")),
        provider_name=F("provider__name"),
    )


def derogation_facts(derogations: QuerySet[Derogation]) -> tuple[DerogationFacts, ...]:
    """What the coverage reads of each, in one query."""
    return tuple(
        DerogationFacts(
            pk=one.pk,
            number=one.number,
            kinds=frozenset(one.granted),
            provider=one.provider_name,
            is_signed=one.state in HOLDING,
            ends_on=one.ends_on,
            left=max(0, one.quantity - one.drawn) if one.is_quantity_limited else None,
            offer=one.offer_code,
            model=one.device_model,
            municipalities=tuple(one.municipalities),
            one_off_amount=one.one_off_amount,
            monthly_amount=one.monthly_amount,
        )
        for one in with_what_is_left(derogations)
    )


def facts_for(order: Order) -> tuple[DerogationFacts, ...]:
    """Every derogation on which the order may draw now."""
    return derogation_facts(candidates(order))


def left_of(derogation: Derogation) -> int | None:
    """What is left of a derogation's quantity; None without a limit. Asked under its lock."""
    if not derogation.is_quantity_limited:
        return None
    live = Draw.objects.filter(derogation=derogation, released_at__isnull=True)
    taken: int = live.aggregate(total=Coalesce(Sum("quantity"), 0))["total"]
    return derogation.quantity - taken


def reliances_of(order: Order) -> Named:
    """For each line of an order already fetched, the derogations named for it."""
    rows = Reliance.objects.filter(order_line__order=order).select_related("derogation")
    found: Named = {}
    for row in rows.order_by("order_line", "pk"):
        found.setdefault(row.order_line_id, []).append(row.derogation)
    return found


def standing_requests(line: OrderLine) -> list[Derogation]:
    """The requests asked for a line that nobody decided yet."""
    return list(Derogation.objects.filter(reliances__order_line=line, state__in=ASKED))


def nearest_zero_cost(order: Order) -> Offer | None:
    """The first rank's device that costs nothing, the lowest by the month: what to compare (R-14).

    Asked of an order already fetched.
    """
    first = ContractRank.objects.filter(contract=order.rank.contract_id, rank=1).first()
    if first is None:
        return None
    free = offers_on(first, today()).filter(kind=Offer.Kind.DEVICE, is_zero_cost=True)
    return free.order_by("monthly_amount", "name").first()


def live_draws(order: Order) -> QuerySet[Draw]:
    """What an order holds of derogations now."""
    return Draw.objects.filter(order_line__order=order, released_at__isnull=True)


def held_lines(ids: Iterable[int]) -> dict[int, tuple[DerogationFacts, ...]]:
    """For each line in service, the derogations in force from which it was drawn (R-23)."""
    draws = Draw.objects.filter(
        order_line__line_versions__service_line__in=list(ids), released_at__isnull=True
    )
    pairs = set(draws.values_list("order_line__line_versions__service_line", "derogation"))
    wanted = {derogation_id for _line, derogation_id in pairs}
    if not wanted:
        return {}
    holding = Derogation.objects.filter(pk__in=sorted(wanted), state__in=HOLDING)
    known = {facts.pk: facts for facts in derogation_facts(holding)}
    found: dict[int, tuple[DerogationFacts, ...]] = {}
    for line_id, derogation_id in sorted(pairs):
        if derogation_id in known:
            found[line_id] = (*found.get(line_id, ()), known[derogation_id])
    return found


def orders_that_wait_for(derogation: Derogation) -> list[Order]:
    """Orders held for want of a derogation like this one: those that asked for it come first.

    Those of its branch, contract and provider, in the order of their submission (D-11).
    """
    waiting = Order.objects.filter(
        state=OrderState.AWAITING_DEROGATION,
        branch=derogation.branch_id,
        rank__contract=derogation.contract_id,
        rank__provider=derogation.provider_id,
    ).order_by("submitted_at", "pk")
    named = set(
        Reliance.objects.filter(derogation=derogation).values_list("order_line__order", flat=True)
    )
    return sorted(waiting, key=lambda order: order.pk not in named)


def orders_held_by_a_rule(beyond: int) -> QuerySet[Any]:
    """Waiting orders whose derogations were all there when last examined: another rule held them.

    By their key, those after ``beyond``; each says whether a derogation ``is_named`` for it.
    """
    lack = reduce(or_, (Q(needs__contains=[{"rule": rule}]) for rule in LACKING))
    waiting = Order.objects.filter(state=OrderState.AWAITING_DEROGATION, pk__gt=beyond)
    named = Reliance.objects.filter(order_line__order=OuterRef("pk"))
    return waiting.exclude(lack).annotate(is_named=Exists(named)).order_by("pk")


def lacks_of(order: Order) -> list[str]:
    """What a waiting order lacks that only a derogation gives, as last examined."""
    return [need["sentence"] for need in order.needs if need["rule"] in LACKING]


def unsent_orders_on(derogation: Derogation) -> list[Order]:
    """Orders that hold a draw of it and that no provider has yet."""
    drawn = Draw.objects.filter(derogation=derogation, released_at__isnull=True)
    return list(
        Order.objects.filter(state__in=UNSENT, pk__in=drawn.values("order_line__order")).order_by(
            "pk"
        )
    )
