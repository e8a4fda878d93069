"""ITQ's parameters: administering body, providers, contracts, joining rule, taxes (R-03, R-18)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.actions.taxes import set_tax_rate
from catalogue.forms.parameters import (
    TAXES,
    BodyForm,
    ContractForm,
    JoiningRuleForm,
    PhaseForm,
    ProviderForm,
    TaxForm,
    order_kinds,
)
from catalogue.queries.parameters import parameters_managed
from catalogue.queries.taxes import tax_history
from members.actions.contracts import (
    Ranked,
    add_phase,
    open_contract,
    record_administering_body,
    record_provider,
    set_joining_rule,
)
from members.models import User
from members.requests import SignedInRequest
from members.views.acts import Act, act_page, acted
from portal.clock import today


@require_safe
def parameter_list(request: SignedInRequest) -> HttpResponse:
    """Every parameter as it is dated, and what still lacks today."""
    day = today()
    told = parameters_managed(request.user)
    context = {
        "bodies": told.bodies,
        "providers": told.providers,
        "contracts": told.contracts,
        "kinds": order_kinds(),
        "rules": told.rules,
        "taxes": tax_history(request.user),
        "day": day,
        "has_body": any(day in body.valid for body in told.bodies),
        "has_rule": any(day in rule.valid for rule in told.rules),
    }
    return render(request, "catalogue/parameter_list.html", context)


@require_http_methods(["GET", "POST"])
def body_new(request: SignedInRequest) -> HttpResponse:
    """Record who runs the group from a day on."""
    parameters_managed(request.user)
    form = BodyForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: record_administering_body(by=request.user, **form.cleaned_data),
    ):
        return _done(request, _("Organisme administrateur inscrit."))
    return _page(
        request,
        form,
        title=_("Inscrire l'organisme administrateur"),
        label=_("Inscrire l'organisme"),
        note=_("Celui d'avant prend fin la veille de ce jour."),
    )


@require_http_methods(["GET", "POST"])
def provider_new(request: SignedInRequest) -> HttpResponse:
    """Record a provider."""
    parameters_managed(request.user)
    form = ProviderForm(request.POST or None)
    if acted(request, form, lambda: record_provider(by=request.user, **form.cleaned_data)):
        return _done(request, _("Prestataire inscrit."))
    return _page(
        request,
        form,
        title=_("Inscrire un prestataire"),
        label=_("Inscrire le prestataire"),
        note=_("Fixez ensuite son contrat, et à la console comment il reçoit les commandes."),
    )


@require_http_methods(["GET", "POST"])
def joining_rule_new(request: SignedInRequest) -> HttpResponse:
    """Fix the rule on the MAMH's authorisation from a day on."""
    parameters_managed(request.user)
    form = JoiningRuleForm(request.POST or None)
    if acted(request, form, lambda: set_joining_rule(by=request.user, **form.cleaned_data)):
        return _done(request, _("Règle fixée ; la précédente finit ce jour-là."))
    return _page(
        request,
        form,
        title=_("Fixer la règle de l'autorisation du MAMH"),
        label=_("Fixer la règle"),
        note=_(
            "La règle d'avant prend fin la veille de ce jour. Ce qu'une adhésion exige reste "
            "comme il fut jugé le jour du dépôt."
        ),
    )


@require_http_methods(["GET", "POST"])
def contract_new(request: SignedInRequest) -> HttpResponse:
    """Record a contract and its providers by rank."""
    parameters_managed(request.user)
    form = ContractForm(request.POST or None)
    if acted(request, form, lambda: _open_contract(form.cleaned_data, request.user)):
        return _done(request, _("Contrat inscrit. Ajoutez maintenant ses phases."))
    return _page(
        request,
        form,
        title=_("Inscrire un contrat"),
        label=_("Inscrire le contrat"),
        note=_("Un contrat prend effet par ses phases : ajoutez-les ensuite."),
    )


def _open_contract(typed: Mapping[str, Any], by: User) -> None:
    ranks = [Ranked(typed["first_provider"], 1, typed["first_number"])]
    if typed["second_provider"]:
        ranks.append(Ranked(typed["second_provider"], 2, typed["second_number"]))
    open_contract(
        title=typed["title"], since=typed["since"], until=typed["until"], ranks=ranks, by=by
    )


@require_http_methods(["GET", "POST"])
def phase_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a dated phase to a contract."""
    contract = get_object_or_404(parameters_managed(request.user).contracts, pk=pk)
    form = PhaseForm(request.POST or None)
    if acted(
        request, form, lambda: add_phase(contract=contract, by=request.user, **form.cleaned_data)
    ):
        return _done(request, _("Phase ajoutée au contrat."))
    return _page(
        request,
        form,
        title=_("Ajouter une phase"),
        label=_("Ajouter la phase"),
        lead=contract.title,
        note=_("Les factures, les différends et les évaluations survivent aux phases."),
    )


@require_http_methods(["GET", "POST"])
def tax_new(request: SignedInRequest) -> HttpResponse:
    """Fix a tax's rate from a day on."""
    tax_history(request.user)
    form = TaxForm(request.POST or None)
    if acted(request, form, lambda: _set_tax_rate(form.cleaned_data, request.user)):
        return _done(request, _("Taux inscrit ; le précédent finit ce jour-là."))
    return _page(
        request,
        form,
        title=_("Fixer un taux"),
        label=_("Fixer le taux"),
        note=_("Les commandes déjà soumises gardent leurs taxes."),
    )


def _set_tax_rate(typed: Mapping[str, Any], by: User) -> None:
    set_tax_rate(
        code=typed["code"],
        label=dict(TAXES)[typed["code"]],
        rate=typed["percent"] / Decimal(100),
        since=typed["since"],
        by=by,
    )


def _done(request: SignedInRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("catalogue:parameter_list")


def _page(request: SignedInRequest, form: forms.Form, **said: Any) -> HttpResponse:
    """The page of one act over the parameters."""
    back = reverse("catalogue:parameter_list")
    return act_page(request, form, Act(back=back, parent=_("Paramètres"), **said))
