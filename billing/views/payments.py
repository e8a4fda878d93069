"""The payer's pages: released invoices, and the record of what was paid (R-05)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing.actions.payments import record_payment
from billing.forms.filters import InvoiceFilters
from billing.forms.invoices import PaymentForm
from billing.kinds import InvoiceState
from billing.months import month_of
from billing.queries.payments import released_of
from billing.queries.statements import contract_numbers
from billing.views.invoice_parts import due_told
from billing.views.tabs import TONES, act_once, bill_page, month_label
from billing.words import state_label
from members.permissions import can, require, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from portal.clock import last_day, today
from portal.files import attachment
from portal.lists import Column, ListDefinition, Listing

TAB = "billing:payment_list"
PAYMENT_LIST = ListDefinition(
    name="factures-a-payer",
    columns=(
        Column(
            "compte",
            gettext_lazy("Compte"),
            lambda i: str(i.account),
            ("account__provider__name", "account__number"),
        ),
        Column(
            "periode", gettext_lazy("Période au"), lambda i: last_day(i.period.upper), ("period",)
        ),
        Column("numero", gettext_lazy("Numéro de facture"), lambda i: i.current.invoice_number),
        Column(
            "echeance", gettext_lazy("Échéance"), lambda i: i.current.due_on, ("current__due_on",)
        ),
        Column(
            "a_payer",
            gettext_lazy("À payer"),
            lambda i: i.to_pay_amount,
            ("to_pay_amount",),
            True,
        ),
        Column(
            "deja_paye", gettext_lazy("Déjà payé"), lambda i: i.paid_amount, ("paid_amount",), True
        ),
        Column(
            "etat",
            gettext_lazy("État"),
            lambda i: state_label(i.state, i.paid_amount),
            ("state",),
        ),
    ),
    search=("account__number", "current__invoice_number"),
    filters=InvoiceFilters,
    default_sort="echeance",
)


@require_safe
def payment_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """What was released on the branches for which I pay."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_RELEASED_INVOICES, organisation)
    rows = released_of(request.user, organisation)
    listing = Listing(request, PAYMENT_LIST, rows, {"branches": branches})
    if export := listing.export():
        return export
    for invoice in listing.page.object_list:
        invoice.member, invoice.tone = member, TONES[invoice.state]
        invoice.stands = state_label(invoice.state, invoice.paid_amount)
    page = bill_page(request, organisation, TAB, listing=listing)
    return render(request, "billing/payment_list.html", page)


@require_http_methods(["GET", "POST"])
def payment_detail(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """One released invoice: what to pay, with which numbers; then what was paid."""
    organisation = require_member(request.user, member)
    found = get_object_or_404(released_of(request.user, organisation), pk=invoice)
    form = _form(request, found)
    if request.method == "POST":
        require(request.user, May.RECORD_PAYMENT, on=found)

        def act() -> None:
            record_payment(invoice=found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Paiement inscrit."))

        url = reverse("billing:payment_detail", args=[member, found.pk])
        if answer := act_once(request, form, act, url):
            return answer
    release = found.said[0]
    ends = last_day(found.period.upper) or today()
    page = bill_page(
        request,
        organisation,
        TAB,
        invoice=found,
        current=found.current,
        due_told=due_told(found.current),
        tone=TONES[found.state],
        stands=state_label(found.state, found.paid_amount),
        release=release,
        payments=[payment for said in found.said for payment in said.payments.all()],
        facts=_facts(organisation, found, contract_numbers(ends)),
        month=month_label(month_of(found.period)),
        form=form if found.state == InvoiceState.RELEASED else None,
        may_pay=can(request.user, May.RECORD_PAYMENT, on=found),
    )
    status = 422 if form.errors else 200
    return render(request, "billing/payment_detail.html", page, status=status)


@require_safe
def payment_document(request: SignedInRequest, member: str, invoice: int) -> HttpResponseBase:
    """The provider's own document of a released invoice, where one was given."""
    organisation = require_member(request.user, member)
    rows = released_of(request.user, organisation).filter(current__document__isnull=False)
    return attachment(get_object_or_404(rows, pk=invoice).current.document)


def _form(request: SignedInRequest, invoice: Any) -> PaymentForm:
    """Filled with what is released and not paid yet."""
    if request.method == "POST":
        return PaymentForm(request.POST)
    return PaymentForm(initial={"amount": invoice.to_pay_amount, "paid_on": today()})


def _facts(organisation: Any, invoice: Any, contracts: dict[int, str]) -> list[tuple[str, Any]]:
    """What a payment asks for (R-04)."""
    version = invoice.current
    return [
        (_("Prestataire"), invoice.account.provider),
        (_("Compte"), invoice.account.number),
        (_("Contrat"), contracts.get(invoice.account.provider_id, "")),
        (_("Numéro de facture"), version.invoice_number),
        (_("Date de la facture"), version.issued_on),
        (_("Échéance"), version.due_on),
        (_("Système de paiement"), organisation.get_payment_system_display()),
        (_("Référence de paiement"), organisation.payment_reference),
        (_("Subdivision"), invoice.branch),
    ]
