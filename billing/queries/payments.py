"""Reads of the payer: released invoices, what was paid, and whether the two acts are separate."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from billing.kinds import InvoiceState
from billing.models import Invoice, PaymentRule, Release
from billing.queries.invoices import invoices_of, left_to_pay, paid_so_far
from members.models import Branch, Organisation, User
from members.permissions import visible
from members.roles import May
from portal.clock import today

PAYABLE = (InvoiceState.RELEASED, InvoiceState.PAID)


@dataclass(frozen=True, slots=True)
class Owing:
    """What an invoice asks, what was paid on any version of it, what is released and not paid."""

    due: Decimal
    paid: Decimal
    to_pay: Decimal

    @property
    def rest(self) -> Decimal:
        """What is still owed; nothing or less where all of it was paid, or it is a credit."""
        return self.due - self.paid

    @property
    def releasable(self) -> Decimal:
        """What of it may still be released."""
        return self.rest - self.to_pay


def owing_of(invoice: Invoice, due: Decimal) -> Owing:
    """Where the payment of an invoice stands now; ``due`` is what its version shown asks."""
    paid, to_pay = Invoice.objects.values_list(paid_so_far(), left_to_pay()).get(pk=invoice.pk)
    return Owing(due, paid, to_pay)


def released_of(user: User, organisation: Organisation) -> QuerySet[Any]:
    """The invoices that a payer sees: released, then paid (R-05)."""
    rows = invoices_of(user, organisation, May.SEE_RELEASED_INVOICES).filter(state__in=PAYABLE)
    said = Release.objects.select_related("released_by__person").order_by("-released_at", "-pk")
    return rows.prefetch_related(
        Prefetch("releases", said.prefetch_related("payments"), to_attr="said")
    )


def hold_end_fault(until: date) -> str:
    """What is wrong with the end of a hold; the form asks it too, to tell every fault at once."""
    if until >= today():
        return ""
    return _("La retenue finit aujourd'hui ou plus tard : choisissez un jour à venir.")


def separates_payment(invoice: Invoice) -> bool:
    """Whether the branch, or its member as a whole, separates releasing from paying (G06)."""
    branches = Branch.objects.filter(organisation=invoice.branch.organisation_id, is_root=True)
    return PaymentRule.objects.filter(
        is_separated=True, branch__in=[invoice.branch_id, *branches.values_list("pk", flat=True)]
    ).exists()


def payment_rules_of(user: User, organisation: Organisation) -> dict[int, PaymentRule]:
    """Branch → the rule that was given there, where ``user`` names payers."""
    rules = PaymentRule.objects.filter(branch__organisation=organisation)
    rows = visible(user, May.NAME_PAYER, rows_with_people(rules))
    return {rule.branch_id: rule for rule in rows}


def rows_with_people(rules: QuerySet[PaymentRule]) -> QuerySet[PaymentRule]:
    """With who decided."""
    return rules.select_related("branch", "decided_by__person")
