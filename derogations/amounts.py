"""What a request commits: quantity, months and taxes, with the arithmetic in words (D-22, E6)."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from members.powers import TaxBasis
from portal.templatetags.portal import money

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Commitment:
    """quantity × (one-off + monthly × months), plus taxes where ``tax_rates`` are given.

    Amounts are before taxes, for one unit; ``tax_rates`` are (label, rate), 0.05 for 5 %.
    """

    quantity: int
    one_off_amount: Decimal
    monthly_amount: Decimal
    wanted_on: date
    ends_on: date
    tax_rates: Sequence[tuple[str, Decimal]] = ()

    @property
    def months(self) -> int:
        """Months from the wanted date to the end; a begun month counts."""
        return months_between(self.wanted_on, self.ends_on)

    @property
    def unit_amount(self) -> Decimal:
        """One unit, for the whole time, before taxes."""
        return self.one_off_amount + self.monthly_amount * self.months

    @property
    def before_tax_amount(self) -> Decimal:
        """Every unit, for the whole time, before taxes."""
        return _cents(self.unit_amount * self.quantity)

    @property
    def taxes(self) -> list[tuple[str, Decimal]]:
        """Each tax of the basis, rounded to the cent on the whole amount."""
        return [(label, _cents(self.before_tax_amount * rate)) for label, rate in self.tax_rates]

    @property
    def total_amount(self) -> Decimal:
        """What is compared with a line's ceiling (E6)."""
        return self.before_tax_amount + sum((amount for _label, amount in self.taxes), Decimal(0))

    @property
    def arithmetic(self) -> str:
        """The sum in words, as a person would write it."""
        base = _("%(quantity)s × (%(one_off)s + %(monthly)s × %(months)s mois) = %(total)s") % {
            "quantity": self.quantity,
            "one_off": money(self.one_off_amount),
            "monthly": money(self.monthly_amount),
            "months": self.months,
            "total": money(self.before_tax_amount),
        }
        if not self.tax_rates:
            return base + " " + _("avant taxes")
        parts = "".join(f" + {label} {money(amount)}" for label, amount in self.taxes)
        return f"{base}{parts} = {money(self.total_amount)} " + _("taxes comprises")


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a request commits on each tax basis: a line's ceiling is read on its own version's."""

    before_tax: Decimal
    after_tax: Decimal

    def on(self, tax_basis: str) -> Decimal:
        """The amount that a ceiling of that basis bounds (E6)."""
        return self.after_tax if tax_basis == TaxBasis.AFTER_TAX else self.before_tax


def months_between(first: date, last: date) -> int:
    """Months elapsed between two days, a begun month counted whole; none when ``last`` is before.

    From the 15th to the 15th of the next month is one month; to the 16th, a second has begun.
    """
    if last < first:
        return 0
    months = (last.year - first.year) * 12 + last.month - first.month
    return max(1, months + (last.day > first.day))


def within_fiscal_year(wanted_on: date, ends_on: date, fiscal_year_ends: str) -> bool:
    """Whether the whole commitment falls in one fiscal year; its last day is ``MM-JJ`` (R-24)."""
    return ends_on <= fiscal_year_end(wanted_on, fiscal_year_ends)


def fiscal_year_end(day: date, fiscal_year_ends: str) -> date:
    """The last day of the fiscal year in which ``day`` falls; 02-29 is the last of February."""
    month, last = (int(part) for part in fiscal_year_ends.split("-"))
    this_year = _last_day(day.year, month, last)
    return this_year if day <= this_year else _last_day(day.year + 1, month, last)


def _cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _last_day(year: int, month: int, day: int) -> date:
    """The day, or the last one of a shorter month."""
    return date(year, month, min(day, monthrange(year, month)[1]))
