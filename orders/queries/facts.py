"""What the rules need to know of an order, read once and given as plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from catalogue.models import Offer
from catalogue.queries import offers_on, rank_on, tax_rates
from members.joining import Outcome
from members.models import Organisation, User
from members.permissions import can
from members.queries import membership_verdict
from members.roles import May
from orders.facts import LineFacts, LineInServiceFacts, OfferFacts, OrderFacts
from orders.kinds import LineStatus, OrderKind, Origin, SimKind
from orders.models import LineVersion, Order, OrderLine
from orders.pricing import OrderTotals, Priced, order_totals
from orders.queries.derogations import Named, facts_for, held_lines, reliances_of
from portal.audit import SystemActor
from portal.clock import today

ARTICLES = ("device", "plan", "accessory")
"""The fields of an order line that name an offer."""
TERMS = tuple(
    field.name
    for field in Offer._meta.concrete_fields
    if field.name not in {"id", "version", "valid"}
)


def order_facts(
    order: Order,
    *,
    by: User | SystemActor,
    attested: bool,
    day: date | None = None,
    lines: list[OrderLine] | None = None,
    named: Named | None = None,
) -> OrderFacts:
    """The facts of an order and its lines on a day, today by default.

    ``lines`` and the derogations ``named`` for them are given where they were read already.

    A frozen order was submitted by a representative, who attested: its articles were in the list
    then, whatever is published later; all else is judged today (D-11, R-18).
    """
    day = day or today()
    rank = order.rank
    organisation = order.branch.organisation
    standing = rank_on(rank, organisation, day)
    membership = membership_verdict(organisation, rank.contract, day)
    lines = lines_to_judge(order) if lines is None else lines
    frozen = order.submitted_at is not None
    return OrderFacts(
        day=day,
        orders_as_representative=frozen or can(by, May.ORDER, on=order),
        rank=rank.rank,
        provider=rank.provider.name,
        has_account=standing is not None and standing.is_open,
        phase_kinds=frozenset(standing.order_kinds) if standing else None,
        membership=membership.sentence if membership.outcome is Outcome.BLOCKED else "",
        membership_warns=membership.sentence if membership.outcome is Outcome.WARNED else "",
        may_manage_lines=membership.may_manage_lines or was_taken_over(order),
        attested=attested,
        derogations=facts_for(order),
        lines=_line_facts(lines, order, day, reliances_of(order) if named is None else named),
    )


def was_taken_over(order: Order) -> bool:
    """Whether the member has lines in service at that provider that no order opened (R-03)."""
    current = LineVersion.objects.filter(
        branch__organisation=order.branch.organisation_id,
        service_line__provider=order.rank.provider_id,
        service_line__origin=Origin.TAKE_OVER,
        valid__upper_inf=True,
    )
    return current.exclude(status=LineStatus.CANCELLED).exists()


def lines_to_judge(order: Order) -> list[OrderLine]:
    """The lines of an order with what the rules read."""
    related = ("device", "plan", "accessory", "service_line", "address")
    return list(order.lines.select_related(*related).order_by("position"))


def _line_facts(
    lines: list[OrderLine], order: Order, day: date, named: Named
) -> tuple[LineFacts, ...]:
    """The facts of each line, with a few more queries whatever their number."""
    listed = {} if order.submitted_at else listed_offers(lines, order, day)
    held = lines_in_service([line.service_line_id for line in lines if line.service_line_id], day)
    subsidies = subsidies_held(
        [line.own_imei for line in lines if line.own_imei], order.branch.organisation, day
    )

    def facts(offer: Offer | None) -> OfferFacts | None:
        if offer is None:
            return None
        if order.submitted_at:
            return offer_facts(offer, order, is_current=True)
        now = listed.get(offer.code)
        if now is None or same_terms(offer, now):
            return offer_facts(offer, order, is_current=now is not None)
        changed = offer_facts(now, order, is_current=True)
        return replace(offer_facts(offer, order, is_current=False), now=changed)

    return tuple(
        LineFacts(
            kind=OrderKind(line.kind),
            device=facts(line.device),
            plan=facts(line.plan),
            accessory=facts(line.accessory),
            line_in_service=held.get(line.service_line_id or 0),
            quantity=line.quantity,
            municipality=line.address.city if line.address else "",
            chosen=frozenset(one.pk for one in named.get(line.pk, ())),
            own_subsidy_ends_on=subsidies.get(line.own_imei),
            wants_esim=line.sim_kind == SimKind.ESIM,
        )
        for line in lines
    )


def listed_offers(lines: Iterable[OrderLine], order: Order, day: date) -> dict[str, Offer]:
    """What the order's list offers on ``day`` under the codes that its lines name, by code."""
    codes = {offer.code for line in lines for offer in _offers(line)}
    return {offer.code: offer for offer in offers_on(order.rank, day).filter(code__in=codes)}


def take_listed_offers(lines: Sequence[OrderLine], order: Order, day: date) -> None:
    """Put what is listed on ``day`` in place of what the lines name; nothing is saved.

    What left the list stays, for the rules to refuse.
    """
    listed = listed_offers(lines, order, day)
    for line in lines:
        for name in ARTICLES:
            offer = getattr(line, name)
            if offer is not None:
                setattr(line, name, listed.get(offer.code, offer))


def same_terms(before: Offer, now: Offer) -> bool:
    """Whether two offers of a code say the same, but for their version and its dates."""
    return all(getattr(before, name) == getattr(now, name) for name in TERMS)


def offer_facts(offer: Offer, order: Order, *, is_current: bool) -> OfferFacts:
    """An offer as plain values."""
    return OfferFacts(
        name=offer.name,
        code=offer.code,
        provider=order.rank.provider.name,
        rank=order.rank.rank,
        is_current=is_current,
        is_zero_cost=offer.is_zero_cost,
        is_subsidised=offer.is_subsidised,
        is_flexible=offer.is_flexible,
        supports_esim=offer.supports_esim,
        one_off_amount=offer.one_off_amount,
        monthly_amount=offer.monthly_amount,
    )


def lines_in_service(ids: Iterable[int], day: date) -> dict[int, LineInServiceFacts]:
    """The plain facts of lines in service on a day, by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    versions = LineVersion.objects.filter(service_line__in=wanted, valid__contains=day)
    resting = held_lines(wanted)
    return {
        version.service_line_id: LineInServiceFacts(
            number=version.number,
            is_cancelled=version.status == LineStatus.CANCELLED,
            has_flexible_plan=version.is_flexible,
            subsidy_ends_on=version.subsidy_ends_on,
            rests_on=tuple(
                one for one in resting.get(version.service_line_id, ()) if not one.is_over(day)
            ),
        )
        for version in versions
    }


def subsidies_held(imeis: Iterable[str], organisation: Organisation, day: date) -> dict[str, date]:
    """When the subsidy of each device ends, by IMEI, among the member's lines in force on a day."""
    wanted = set(imeis)
    if not wanted:
        return {}
    versions = LineVersion.objects.filter(
        branch__organisation=organisation, valid__contains=day, imei__in=wanted
    )
    ends = versions.order_by("subsidy_ends_on").values_list("imei", "subsidy_ends_on")
    return {imei: ends_on for imei, ends_on in ends if ends_on}


def priced_lines(lines: Sequence[OrderLine]) -> list[Priced]:
    """Each line's unit amounts at the offers chosen, before taxes."""
    return [
        Priced(
            one_off_amount=sum((o.one_off_amount for o in _offers(line)), Decimal(0)),
            monthly_amount=sum((o.monthly_amount for o in _offers(line)), Decimal(0)),
            quantity=line.quantity,
        )
        for line in lines
    ]


def totals_of(lines: Sequence[OrderLine], day: date | None = None) -> OrderTotals:
    """The order's totals at the taxes of a day, today by default."""
    rates = tax_rates(day or today())
    return order_totals(priced_lines(lines), tps_rate=rates["tps"], tvq_rate=rates["tvq"])


def _offers(line: OrderLine) -> list[Offer]:
    return [offer for name in ARTICLES if (offer := getattr(line, name))]
