"""The arithmetic of an order: unit prices, quantities, and the two sales taxes, in Decimal."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Priced:
    """A line's unit amounts before taxes, and how many units."""

    one_off_amount: Decimal
    monthly_amount: Decimal
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Total:
    """A sum in dollars before taxes, its TPS, its TVQ, and all together."""

    amount: Decimal
    tps_amount: Decimal
    tvq_amount: Decimal

    @property
    def with_taxes(self) -> Decimal:
        """What is billed."""
        return self.amount + self.tps_amount + self.tvq_amount


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """What is paid once, and what is paid each month."""

    one_off: Total
    monthly: Total


def order_totals(lines: Iterable[Priced], *, tps_rate: Decimal, tvq_rate: Decimal) -> OrderTotals:
    """Sum the lines; each tax is computed on the sum before taxes and rounded to the cent."""
    priced = list(lines)
    one_off = sum((line.one_off_amount * line.quantity for line in priced), Decimal(0))
    monthly = sum((line.monthly_amount * line.quantity for line in priced), Decimal(0))
    return OrderTotals(
        one_off=_taxed(one_off, tps_rate, tvq_rate), monthly=_taxed(monthly, tps_rate, tvq_rate)
    )


def _taxed(amount: Decimal, tps_rate: Decimal, tvq_rate: Decimal) -> Total:
    return Total(
        amount=amount.quantize(CENT, ROUND_HALF_UP),
        tps_amount=(amount * tps_rate).quantize(CENT, ROUND_HALF_UP),
        tvq_amount=(amount * tvq_rate).quantize(CENT, ROUND_HALF_UP),
    )
