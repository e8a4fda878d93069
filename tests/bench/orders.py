"""Two hundred thousand orders with their lines, sendings, milestones and journal."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from catalogue.models import Offer
from catalogue.queries import tax_rates
from members.models import Contract, ContractRank
from orders import attestation, events
from orders.kinds import MilestoneKind, OrderKind, OrderState, SendingMode, SimKind
from orders.models import Dispatch, Milestone, Order, OrderLine
from orders.pricing import Priced, order_totals
from portal.clock import midnight, today
from portal.models import AuditEvent, JournalPending, NumberSeries
from tests.bench.copying import copy, next_id
from tests.bench.places import Place, shares

ORDERS = 200_000
CHUNK = 25_000
YEARS = 3 * 365
MODELS = (Order, OrderLine, Dispatch, Milestone, AuditEvent, JournalPending)
S = OrderState
LIFE = (
    (60, {S.CLOSED: 85, S.DELIVERED: 8, S.ACKNOWLEDGED: 3, S.CANCELLED: 4}),
    (7, {S.CLOSED: 20, S.DELIVERED: 41, S.ACKNOWLEDGED: 30, S.SENT: 5, S.DRAFT: 4}),
    (0, {S.SENT: 40, S.ACKNOWLEDGED: 37, S.DRAFT: 15, S.SUBMITTED: 3, S.AWAITING_DEROGATION: 5}),
)
"""The states of orders older than so many days, with their weights."""
UNCERTAIN = 12
SENT_STATES = (S.SENT, S.ACKNOWLEDGED, S.DELIVERED, S.CLOSED)
UNSUBMITTED = (S.DRAFT, S.CANCELLED)
STEPS = {
    S.DRAFT: (),
    S.CANCELLED: (events.ORDER_CANCELLED,),
    S.SUBMITTED: (events.ORDER_SUBMITTED,),
    S.AWAITING_DEROGATION: (events.ORDER_HELD,),
    S.SENDING_UNKNOWN: (events.ORDER_SUBMITTED, events.ORDER_LEFT_UNCERTAIN),
    S.SENT: (events.ORDER_SUBMITTED, events.ORDER_SENT),
}
RECEIVED = (events.ORDER_SUBMITTED, events.ORDER_SENT, events.ORDER_ACKNOWLEDGED)
KINDS = {
    OrderKind.NEW_LINE: 60,
    OrderKind.SIM_ONLY: 10,
    OrderKind.UPGRADE: 10,
    OrderKind.DEVICE_ONLY: 10,
    OrderKind.PLAN_CHANGE: 10,
}
COLUMNS: dict[type, tuple[str, ...]] = {
    Order: (
        *("id", "number", "branch_id", "rank_id", "state", "member_reference", "created_at"),
        *("created_by_id", "submitted_at", "submitted_by_id", "attestation_version", "sent_at"),
        *("one_off_amount", "one_off_tps_amount", "one_off_tvq_amount"),
        *("monthly_amount", "monthly_tps_amount", "monthly_tvq_amount"),
    ),
    OrderLine: (
        *("id", "order_id", "position", "kind", "device_id", "plan_id", "service_line_id"),
        *("sim_kind", "holder_id", "cost_centre_id", "address_id"),
        *("one_off_amount", "monthly_amount"),
    ),
    Dispatch: ("order_id", "branch_id", "mode", "recipient", "started_at", "outcome"),
    Milestone: ("order_line_id", "kind", "reached_on", "recorded_by_id"),
    AuditEvent: (
        *("code", "recorded_at", "actor_id", "actor_label", "hat", "branch_id"),
        *("object_type", "object_id", "object_label"),
    ),
}
Row = tuple[Any, ...]


@dataclass(slots=True)
class Planned:
    """An order before its lines: where, when, in which state, with how many lines."""

    place: Place
    created_at: datetime
    state: OrderState
    line_count: int


@dataclass(slots=True)
class Stock:
    """What a provider's orders are made of."""

    rank: ContractRank
    devices: list[Offer] = field(default_factory=list)
    plans: list[Offer] = field(default_factory=list)


class Orders:
    """Makes the orders in the order of their dates, and copies them by chunks."""

    def __init__(self, rng: random.Random, contract: Contract) -> None:
        self.rng = rng
        self.stocks = {
            rank.provider_id: _stock(rank) for rank in contract.ranks.select_related("provider")
        }
        rates = tax_rates(today())
        self.rates = {"tps_rate": rates["tps"], "tvq_rate": rates["tvq"]}
        self.pk, self.line_pk = next_id(Order), next_id(OrderLine)
        self.numbers: Counter[int] = Counter()
        self.rows: dict[type, list[Row]] = {}

    def fill(self, places: list[Place]) -> None:
        """COPY all of them, and leave the series of numbers after the last."""
        plan = sorted(planned(self.rng, places), key=lambda one: one.created_at)
        for start in range(0, len(plan), CHUNK):
            self.rows = {model: [] for model in COLUMNS}
            for one in plan[start : start + CHUNK]:
                self._add(one)
            for model, rows in self.rows.items():
                copy(model, COLUMNS[model], rows)
        NumberSeries.objects.bulk_create(
            NumberSeries(prefix="C", year=year, last=last) for year, last in self.numbers.items()
        )

    def _add(self, one: Planned) -> None:
        """The rows of one order, in every table."""
        place, state, at = one.place, one.state, one.created_at
        stock = self.stocks[self.rng.choice(list(place.accounts))]
        priced = [self._add_line(one, stock, position) for position in range(1, one.line_count + 1)]
        self.numbers[at.year] += 1
        number = f"C-{at.year}-{self.numbers[at.year]:05}"
        reference = f"BC-{self.rng.randrange(100_000):05}" if self.pk % 3 else ""
        head = (self.pk, number, place.pk, stock.rank.pk, state, reference, at, place.rcell)
        self.rows[Order].append((*head, *self._submission(one, priced)))
        if state in SENT_STATES:
            mode = SendingMode.EMAIL if stock.rank.rank == 1 else SendingMode.PROVIDER_PORTAL
            sending = (mode, "commandes@exemple.test", at, Dispatch.Outcome.SENT)
            self.rows[Dispatch].append((self.pk, place.pk, *sending))
        who = (place.rcell, "Représentante du banc", f"Représentant cellulaire, {place.name}")
        about = (place.pk, "orders.order", self.pk, number)
        for event in (events.ORDER_DRAFTED, *STEPS.get(state, RECEIVED)):
            self.rows[AuditEvent].append((event.code, at, *who, *about))
        self.pk += 1

    def _submission(self, one: Planned, priced: list[Priced]) -> Row:
        """Dates and frozen amounts; none of them for a draft (R-18)."""
        if one.state in UNSUBMITTED:
            return (None, None, "", None, *(None,) * 6)
        totals = order_totals(priced, **self.rates)
        amounts = [
            amount
            for total in (totals.one_off, totals.monthly)
            for amount in (total.amount, total.tps_amount, total.tvq_amount)
        ]
        sent_at = one.created_at if one.state in SENT_STATES else None
        return (one.created_at, one.place.rcell, attestation.CURRENT, sent_at, *amounts)

    def _add_line(self, one: Planned, stock: Stock, position: int) -> Priced:
        """One order line of a kind drawn by weight, with what the kind asks for."""
        rng, place = self.rng, one.place
        kind = rng.choices(list(KINDS), KINDS.values())[0] if place.lines else OrderKind.NEW_LINE
        on_line = kind in (OrderKind.UPGRADE, OrderKind.PLAN_CHANGE)
        device = rng.choice(stock.devices) if kind not in (
            OrderKind.SIM_ONLY, OrderKind.PLAN_CHANGE
        ) else None  # fmt: skip
        plan = rng.choice(stock.plans) if kind not in (
            OrderKind.UPGRADE, OrderKind.DEVICE_ONLY
        ) else None  # fmt: skip
        priced = Priced(
            sum(o.one_off_amount for o in (device, plan) if o),
            sum(o.monthly_amount for o in (device, plan) if o),
        )
        frozen = one.state not in UNSUBMITTED
        self.rows[OrderLine].append(
            (
                *(self.line_pk, self.pk, position, kind),
                *(device.pk if device else None, plan.pk if plan else None),
                rng.choice(place.lines) if on_line else None,
                SimKind.SIM if kind in (OrderKind.NEW_LINE, OrderKind.SIM_ONLY) else "",
                None if on_line or not place.holders else rng.choice(place.holders),
                *(rng.choice(place.centres), place.addresses[0]),
                *((priced.one_off_amount, priced.monthly_amount) if frozen else (None, None)),
            )
        )
        if one.state in SENT_STATES[1:] and one.created_at.year >= today().year - 1:
            day = one.created_at.date()
            row = (self.line_pk, MilestoneKind.ACKNOWLEDGED, day, place.rcell)
            self.rows[Milestone].append(row)
        self.line_pk += 1
        return priced


def _stock(rank: ContractRank) -> Stock:
    """The devices and ordinary plans of a provider's list."""
    stock = Stock(rank)
    for offer in Offer.objects.filter(version__rank=rank).order_by("pk"):
        if offer.kind == Offer.Kind.DEVICE:
            stock.devices.append(offer)
        elif offer.kind == Offer.Kind.PLAN:
            stock.plans.append(offer)
    return stock


def planned(rng: random.Random, places: list[Place]) -> Iterator[Planned]:
    """Where and when each order is; the small members have as many drafts as orders sent."""
    day = midnight(today())
    small = [place for place in places if place.exact]
    for place in small:
        for n in range(place.exact):
            for state in (S.DRAFT, S.SENT):
                yield Planned(place, day - timedelta(hours=n + 1), state, place.exact)
    left = ORDERS - 2 * sum(place.exact for place in small)
    for n, place in enumerate(shares(rng, places, left)):
        age = timedelta(days=rng.uniform(0.1, YEARS))
        weights = next(weights for days, weights in LIFE if age.days >= days)
        state = rng.choices(list(weights), weights.values())[0]
        if n < UNCERTAIN:
            state = S.SENDING_UNKNOWN
        yield Planned(place, day - age, state, rng.randrange(1, 5))
