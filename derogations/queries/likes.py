"""Like requests of a branch over ninety days: what they commit together (E6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from derogations.freezing import amounts_of
from derogations.kinds import DerogationState
from derogations.models import Derogation, Version
from members.models import Delegation
from members.queries.delegations import StandingPower

WINDOW = timedelta(days=90)
NOTHING = Decimal("-Infinity")
STANDING = (DerogationState.SIGNED, DerogationState.EXHAUSTED, DerogationState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Together:
    """The like requests signed in the last ninety days, and what they commit with this one."""

    requests: tuple[Derogation, ...]
    amount: Decimal
    ceiling_amount: Decimal | None

    @property
    def passes(self) -> bool:
        """Whether together they pass the ceiling, so that a written reason is needed."""
        return (
            bool(self.requests)
            and self.ceiling_amount is not None
            and self.amount > self.ceiling_amount
        )


def together_with(
    version: Version, kinds: Sequence[str], power: StandingPower, at: datetime
) -> Together:
    """What the branch signed of the same kinds in ninety days, this request added. One query.

    Asked about a request already fetched through the gate, or held under its lock.
    """
    derogation = version.derogation
    signed = (
        Derogation.objects.filter(
            branch=derogation.branch_id,
            state__in=STANDING,
            version__isnull=False,
            signed_at__gt=at - WINDOW,
            heads__kind__in=list(kinds),
        )
        .exclude(pk=derogation.pk)
        .select_related("version", "provider", "branch__organisation")
        .order_by("-signed_at", "pk")
        .distinct()
    )
    requests = tuple(signed)
    versions = (version, *(row.version for row in requests))
    amounts = [amounts_of(each) for each in versions if each is not None]
    sums = [
        (sum((amount.on(line.plan.tax_basis) for amount in amounts), Decimal(0)), line)
        for line in power.lines
    ]
    amount, line = max(sums, key=lambda told: _excess(*told))
    return Together(requests, amount, line.ceiling_amount)


def _excess(amount: Decimal, line: Delegation) -> Decimal:
    """By how much a sum passes a line's ceiling, on the tax basis of its own version."""
    return NOTHING if line.ceiling_amount is None else amount - line.ceiling_amount
