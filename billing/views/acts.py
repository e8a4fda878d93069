"""What FACTU does over an invoice: verify, contest, release, hold, mend what was typed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing.actions.periods import correct_typed_period
from billing.actions.releases import hold_invoice, release_invoice
from billing.actions.typed import withdraw_typed_invoice
from billing.actions.verification import dispute_invoice, verify_invoice
from billing.forms.invoices import HoldForm, PeriodForm, ReasonForm, ReleaseForm, VersionForm
from billing.views.invoice_parts import owing_shown
from billing.views.invoices import fetch_invoice, invoice_context
from billing.views.tabs import act_once
from members.requests import SignedInRequest

Act = Callable[[Any, Any, dict[str, Any]], object]


@require_POST
def invoice_verify(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """The invoice is right; next, its payment is released."""

    def act(found: Any, version: Any, told: dict[str, Any]) -> None:
        verify_invoice(invoice=found, version=version, by=request.user)
        messages.success(request, _("Facture vérifiée. Il reste à en libérer le paiement."))

    return _do(request, member, invoice, VersionForm(request.POST, prefix="verify"), act)


@require_POST
def invoice_dispute(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """The invoice is contested at the provider."""

    def act(found: Any, version: Any, told: dict[str, Any]) -> None:
        dispute_invoice(invoice=found, version=version, reason=told["reason"], by=request.user)
        messages.success(request, _("Facture contestée. Rien n'en est payé sans votre libération."))

    return _do(request, member, invoice, ReasonForm(request.POST, prefix="dispute"), act)


@require_POST
def invoice_release(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """All or part of it may be paid, and the payer is told; or nothing is, and it is settled."""

    def act(found: Any, version: Any, told: dict[str, Any]) -> None:
        release = release_invoice(invoice=found, version=version, by=request.user, **told)
        messages.success(
            request,
            _("Facture libérée : le payeur la voit dans ce qui l'attend.")
            if release.amount
            else _("Facture réglée : rien n'était à payer, et le payeur n'a rien à faire."),
        )

    _organisation, found = fetch_invoice(request, member, invoice)
    form = ReleaseForm(
        request.POST,
        prefix="release",
        blocked=bool(found.blocker_count),
        is_owed=owing_shown(found).rest > 0,
    )
    return _do(request, member, invoice, form, act)


@require_POST
def invoice_hold(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """Nothing of it is paid for now."""

    def act(found: Any, version: Any, told: dict[str, Any]) -> None:
        hold_invoice(invoice=found, version=version, by=request.user, **told)
        messages.success(request, _("Paiement retenu."))

    return _do(request, member, invoice, HoldForm(request.POST, prefix="hold"), act)


@require_POST
def invoice_withdraw(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """What was typed by mistake is shown no more; the list follows."""

    def act(found: Any, version: Any, told: dict[str, Any]) -> None:
        withdraw_typed_invoice(invoice=found, version=version, by=request.user, **told)
        messages.success(request, _("Saisie retirée. Sa période peut être saisie de nouveau."))

    url = reverse("billing:invoice_list", args=[member])
    form = ReasonForm(request.POST, prefix="withdraw")
    return _do(request, member, invoice, form, act, url)


@require_POST
def invoice_correct_period(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """What was typed under a wrong period is shown under the right one; the list follows."""

    def act(found: Any, version: Any, told: dict[str, Any]) -> None:
        correct_typed_period(invoice=found, version=version, by=request.user, **told)
        messages.success(
            request, _("Période corrigée : la facture est à vérifier, ses paiements la suivent.")
        )

    url = reverse("billing:invoice_list", args=[member])
    return _do(request, member, invoice, PeriodForm(request.POST, prefix="period"), act, url)


def _do(
    request: SignedInRequest, member: str, invoice: int, form: forms.Form, act: Act, url: str = ""
) -> HttpResponse:
    """Act once over the version that the person saw; a refusal shows the page and says why."""
    organisation, found = fetch_invoice(request, member, invoice)
    url = url or reverse("billing:invoice_detail", args=[member, found.pk])

    def do() -> None:
        told = dict(form.cleaned_data)
        number = told.pop("version")
        seen = found.versions.filter(number=number).first() or found.current
        act(found, seen, told)

    answer = act_once(request, form, do, url)
    if answer:
        return answer
    name = f"{form.prefix}_form"
    page = invoice_context(request, organisation, found, refused_form=form, **{name: form})
    return render(request, "billing/invoice_detail.html", page, status=422)
