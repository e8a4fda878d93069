"""What the ordering rules read: an order, its lines and their offers, as plain values."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from orders.coverage import DerogationFacts
from orders.kinds import OrderKind


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What the rules read of an offer; ``rank`` is its provider's rank in the contract.

    ``now`` is what today's list offers under the same code, on other terms; None otherwise.
    """

    name: str
    provider: str
    rank: int
    code: str = ""
    is_current: bool = True
    is_zero_cost: bool = False
    is_subsidised: bool = False
    is_flexible: bool = False
    supports_esim: bool | None = None
    one_off_amount: Decimal = Decimal(0)
    monthly_amount: Decimal = Decimal(0)
    now: "OfferFacts | None" = None


@dataclass(frozen=True, slots=True)
class LineInServiceFacts:
    """What the rules read of a line in service at the order's date.

    ``rests_on`` are the derogations in force from which the line was drawn (R-23).
    """

    number: str
    has_flexible_plan: bool = False
    subsidy_ends_on: date | None = None
    rests_on: tuple[DerogationFacts, ...] = ()
    is_cancelled: bool = False

    def is_subsidised(self, day: date) -> bool:
        """Whether its device still carries a subsidy that day."""
        return self.subsidy_ends_on is not None and self.subsidy_ends_on > day


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What the rules read of an order line; ``chosen`` are the derogations named for it.

    ``own_subsidy_ends_on`` is of the device that the member holds already, where it has one.
    """

    kind: OrderKind
    device: OfferFacts | None = None
    plan: OfferFacts | None = None
    accessory: OfferFacts | None = None
    line_in_service: LineInServiceFacts | None = None
    quantity: int = 1
    municipality: str = ""
    chosen: frozenset[int] = frozenset()
    own_subsidy_ends_on: date | None = None
    wants_esim: bool = False

    def own_device_is_subsidised(self, day: date) -> bool:
        """Whether the device that the member holds still carries a subsidy that day."""
        return self.own_subsidy_ends_on is not None and self.own_subsidy_ends_on > day

    @property
    def offers(self) -> tuple[OfferFacts, ...]:
        """The offers that the line names."""
        return tuple(offer for offer in (self.device, self.plan, self.accessory) if offer)

    @property
    def is_outdated(self) -> bool:
        """Whether today's list offers one of its articles on other terms."""
        return any(offer.now for offer in self.offers)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the rules read of the order around its lines.

    ``phase_kinds`` is None when no phase of the contract is open that day; ``membership`` is the
    refusal's sentence, empty when the member may order, ``membership_warns`` the same when it only
    warns; ``may_manage_lines`` is for a member taken over with lines in service.
    """

    day: date
    orders_as_representative: bool
    rank: int
    provider: str
    has_account: bool
    phase_kinds: frozenset[str] | None
    membership: str = ""
    membership_warns: str = ""
    may_manage_lines: bool = False
    attested: bool = True
    derogations: tuple[DerogationFacts, ...] = ()
    lines: tuple[LineFacts, ...] = field(default=())
