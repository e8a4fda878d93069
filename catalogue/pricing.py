"""The arithmetic of a flexible plan: base price, tier reached, gigabytes beyond (R-42)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to so many GB in the month, so many dollars more than the base price."""

    up_to_gb: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FlexiblePlan:
    """A plan's monthly prices before taxes; tiers by rising bound, at least one."""

    base_amount: Decimal
    tiers: Sequence[Tier]
    extra_gb_amount: Decimal


@dataclass(frozen=True, slots=True)
class FlexibleCost:
    """What a month costs, each part apart; ``extra_gb`` counts every gigabyte begun."""

    used_gb: Decimal
    lines: int
    base_amount: Decimal
    tier: Tier
    extra_gb: int
    extra_amount: Decimal

    @property
    def total_amount(self) -> Decimal:
        """Dollars for the month, before taxes."""
        return self.base_amount + self.tier.amount + self.extra_amount


def flexible_cost(plan: FlexiblePlan, used_gb: Decimal, *, lines: int = 1) -> FlexibleCost:
    """The cost of a month in which ``used_gb`` were used, by one line or by a pool of ``lines``.

    The tier is the first whose bound is not passed; beyond the last, each gigabyte begun costs
    ``extra_gb_amount`` more. Raises ValueError without a tier, or for a use below zero.
    """
    if not plan.tiers or used_gb < 0 or lines < 1:
        raise ValueError("a flexible plan needs a tier, a use of zero or more, and a line")
    last = plan.tiers[-1]
    tier = next((tier for tier in plan.tiers if used_gb <= tier.up_to_gb), last)
    beyond = max(used_gb - last.up_to_gb, ZERO)
    extra_gb = int(beyond.to_integral_value(ROUND_CEILING))
    return FlexibleCost(
        used_gb=used_gb,
        lines=lines,
        base_amount=plan.base_amount * lines,
        tier=tier,
        extra_gb=extra_gb,
        extra_amount=extra_gb * plan.extra_gb_amount,
    )
