"""« État du mois »: what is to pay, contested and held, and the numbers that paying asks for."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from billing.kinds import InvoiceState, ReleaseKind
from billing.models import Invoice, MonthStatement, Payment, Release
from billing.queries.invoices import ZERO, in_month
from billing.queries.payments import PAYABLE
from billing.words import state_label
from members.models import Branch, ContractRank, Organisation, User
from members.permissions import visible
from members.queries.people import require_branches
from members.roles import May


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the amount due of an invoice stands: each cent is in one of these."""

    to_pay: Decimal = ZERO
    paid: Decimal = ZERO
    contested: Decimal = ZERO
    held: Decimal = ZERO
    to_verify: Decimal = ZERO
    credit: Decimal = ZERO

    def __add__(self, other: "Standing") -> "Standing":
        names = [one.name for one in fields(self)]
        return Standing(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One invoice of the month."""

    invoice: Any
    contract: str
    standing: Standing
    reason: str = ""
    held_until: date | None = None

    @property
    def stands(self) -> str:
        """Its invoice's state in words."""
        return state_label(self.invoice.state, self.standing.paid)


@dataclass(frozen=True, slots=True)
class Statement:
    """A branch's month, with the branches below it when it is the member's root."""

    branch: Branch
    month: date
    lines: list[StatementLine] = field(default_factory=list)

    @property
    def total(self) -> Standing:
        """Over every invoice."""
        return sum((line.standing for line in self.lines), Standing())

    @property
    def due(self) -> Decimal:
        """What the providers ask in all."""
        return sum((line.invoice.current.due_amount for line in self.lines), ZERO)


def statement_of(branch: Branch, month: date) -> Statement:
    """The month of a branch that was fetched through the gate. Four queries."""
    placed = Q(branch=branch)
    if branch.is_root:
        placed = Q(branch__organisation=branch.organisation_id)
    rows = in_month(Invoice.objects.filter(placed, current__isnull=False), month)
    invoices = list(
        rows.select_related("branch", "account__provider", "current").order_by(
            "account__provider", "account__number", "pk"
        )
    )
    said = _latest(invoices)
    paid = _paid(invoices)
    contracts = contract_numbers(month)
    lines = []
    for invoice in invoices:
        release = said.get(invoice.pk)
        told = standing(invoice, release, paid.get(invoice.pk, {}))
        number = contracts.get(invoice.account.provider_id, "")
        why = (release.reason, release.held_until) if release else ()
        lines.append(StatementLine(invoice, number, told, *why))
    return Statement(branch, month, lines)


def standing(invoice: Any, release: Release | None, paid_by: dict[int, Decimal]) -> Standing:
    """The amount due, put where the payments, the state and the last word on the version say.

    ``paid_by``: each release of the invoice, of any version, and what was paid on it.
    """
    paid = sum(paid_by.values(), ZERO)
    rest = invoice.current.due_amount - paid
    if rest <= 0:
        return Standing(paid=paid, credit=rest)
    if invoice.state in PAYABLE and release:
        to_pay = release.amount - paid_by.get(release.pk, ZERO)
        return Standing(paid=paid, to_pay=to_pay, contested=rest - to_pay)
    if release and release.kind == ReleaseKind.HELD:
        return Standing(paid=paid, held=rest)
    if invoice.state == InvoiceState.DISPUTED:
        return Standing(paid=paid, contested=rest)
    return Standing(paid=paid, to_verify=rest)


def contract_numbers(day: date) -> dict[int, str]:
    """Provider → the number of its contract that runs on a day, the latest otherwise."""
    ranks = ContractRank.objects.select_related("contract").order_by("contract__valid", "pk")
    found: dict[int, tuple[bool, str]] = {}
    for rank in ranks:
        runs = day in rank.contract.valid
        if runs or not found.get(rank.provider_id, (False, ""))[0]:
            found[rank.provider_id] = (runs, rank.number)
    return {provider: number for provider, (_runs, number) in found.items()}


def statement_branches(user: User, organisation: Organisation) -> list[Branch]:
    """The branches whose month ``user`` may read, the root first; raises Refused without one."""
    return require_branches(user, May.SEE_INVOICES, organisation)


def printed_of(user: User, organisation: Organisation) -> QuerySet[MonthStatement]:
    """The PDF copies that were asked for, the latest first."""
    rows = MonthStatement.objects.filter(branch__organisation=organisation)
    return visible(user, May.SEE_INVOICES, rows).select_related("file", "asked_by__person")


def _latest(invoices: Iterable[Any]) -> dict[int, Release]:
    """Invoice → the last word on the version shown."""
    versions = [invoice.current_id for invoice in invoices]
    rows = Release.objects.filter(version__in=versions).order_by("released_at", "pk")
    return {row.invoice_id: row for row in rows}


def _paid(invoices: Iterable[Any]) -> dict[int, dict[int, Decimal]]:
    """Invoice → each of its releases, of any version → what was paid on it."""
    rows = Payment.objects.filter(release__invoice__in=[invoice.pk for invoice in invoices])
    found: dict[int, dict[int, Decimal]] = {}
    told = rows.order_by().values_list("release__invoice", "release").annotate(n=Sum("amount"))
    for invoice, release, amount in told:
        found.setdefault(invoice, {})[release] = amount
    return found
