"""What the bills' pages share: their member, their tabs, and how an act over one is answered."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.kinds import GapState, InvoiceState, ProposalState, Severity
from billing.months import earlier, next_month, read_month
from members.models import Organisation
from members.permissions import held_in
from members.requests import SignedInRequest
from members.roles import May
from portal import charts
from portal.forms import show_refusal
from portal.idempotency import posted_once
from portal.templatetags.portal import MONTHS
from portal.workflow import TransitionRefused

TABS = (
    (May.SEE_INVOICES, _("Factures"), "billing:invoice_list"),
    (May.SEE_CHARGES, _("Frais par ligne"), "billing:line_list"),
    (May.SEE_USE, _("Utilisation"), "billing:use_overview"),
    (May.MATCH_BILLED_LINES, _("Écarts"), "billing:gap_list"),
    (May.KEEP_LINES, _("Propositions"), "billing:proposal_list"),
    (May.SEE_RELEASED_INVOICES, _("À payer"), "billing:payment_list"),
    (May.SEE_INVOICES, _("État du mois"), "billing:month_statement"),
    (May.IMPORT_BILLS, _("Fichiers"), "billing:bill_file_list"),
    (May.IMPORT_BILLS, _("Fichiers attendus"), "billing:expected_files"),
    (May.GIVE_BILLING_MANDATE, _("Mandat et paiement"), "billing:mandate"),
)
TONES: dict[str, str] = {
    InvoiceState.TO_VERIFY: "warning",
    InvoiceState.VERIFIED: "info",
    InvoiceState.DISPUTED: "danger",
    InvoiceState.RELEASED: "success",
    InvoiceState.PAID: "success",
    GapState.OPEN: "warning",
    GapState.MATCHED: "success",
    GapState.EXPLAINED: "info",
    GapState.IGNORED: "",
    ProposalState.PROPOSED: "warning",
    ProposalState.ACCEPTED: "success",
    ProposalState.REFUSED: "",
    Severity.BLOCKS: "danger",
    Severity.DISPUTE: "warning",
    Severity.INFORMS: "info",
}
"""A state's colour."""


def bill_page(
    request: SignedInRequest, organisation: Organisation, tab: str, **context: object
) -> dict[str, Any]:
    """The context of a page of the bills; ``tab`` is the route of its tab."""
    held = held_in(request.user, organisation.slug)
    tabs = [
        {"label": label, "url": reverse(name, args=[organisation.slug]), "current": name == tab}
        for may, label, name in TABS
        if may in held
    ]
    return {"organisation": organisation, "tabs": tabs, **context}


def act_once(
    request: SignedInRequest, form: forms.Form, act: Callable[[], object], url: str
) -> HttpResponse | None:
    """Do it once and go to ``url``; None, with the sentences on the form, when it is refused."""

    def answer() -> str:
        act()
        return url

    if not form.is_valid():
        return None
    try:
        return redirect(posted_once(request, answer))
    except ValidationError as error:
        show_refusal(form, error)
    except TransitionRefused as error:
        form.add_error(None, str(error))
    return None


def month_asked(request: SignedInRequest, otherwise: date | None) -> date | None:
    """The month of ``?mois=``, or the last that has something."""
    return read_month(request.GET.get("mois", "")) or otherwise


def month_context(month: date | None) -> dict[str, str]:
    """The month shown and its neighbours, as the addresses write them."""
    if month is None:
        return {"month": "", "asked": "", "before": "", "after": ""}
    return {
        "month": month_label(month),
        "asked": f"{month:%Y-%m}",
        "before": f"{earlier(month, 1):%Y-%m}",
        "after": f"{next_month(month):%Y-%m}",
    }


def month_label(month: date) -> str:
    """« novembre 2026 »."""
    return f"{MONTHS[month.month - 1]} {month.year}"


def drawn(amounts: list[tuple[date, Any]], words: Callable[[Any], str]) -> list[charts.Column]:
    """A column a month, named by its month alone."""
    return charts.columns([(f"{m:%m}", max(value, 0), words(value)) for m, value in amounts])


def dollars(amount: Decimal) -> str:
    """A column's value, short enough to stand above it: « 394 », « 1,4 k », « 250 k »."""
    if not amount:
        return ""
    if amount < 1000:
        return str(int(amount))
    thousands = amount / 1000
    text = f"{thousands:.1f}" if thousands < 100 else f"{thousands:.0f}"
    return f"{text}\u00a0k".replace(".", ",")
