"""ITQ's parameters: administering body, providers, contracts, joining rule, taxes (R-03, R-18)."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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
from members.models import ContractPhase, JoiningRule
from members.requests import SignedInRequest
from portal.clock import today
from portal.forms import show_refusal


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
    form = BodyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_administering_body(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Organisme administrateur inscrit."))
            return redirect("catalogue:parameter_list")
    status = 422 if form.errors else 200
    return render(request, "catalogue/body_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def provider_new(request: SignedInRequest) -> HttpResponse:
    """Record a provider."""
    parameters_managed(request.user)
    form = ProviderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_provider(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Prestataire inscrit."))
            return redirect("catalogue:parameter_list")
    status = 422 if form.errors else 200
    return render(request, "catalogue/provider_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def joining_rule_new(request: SignedInRequest) -> HttpResponse:
    """Fix the rule on the MAMH's authorisation from a day on."""
    parameters_managed(request.user)
    form = JoiningRuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data | {"mode": JoiningRule.Mode(form.cleaned_data["mode"])}
        try:
            set_joining_rule(by=request.user, **typed)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Règle fixée ; la précédente finit ce jour-là."))
            return redirect("catalogue:parameter_list")
    status = 422 if form.errors else 200
    return render(request, "catalogue/joining_rule_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def contract_new(request: SignedInRequest) -> HttpResponse:
    """Record a contract and its providers by rank."""
    parameters_managed(request.user)
    form = ContractForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        ranks = [Ranked(typed["first_provider"], 1, typed["first_number"])]
        if typed["second_provider"]:
            ranks.append(Ranked(typed["second_provider"], 2, typed["second_number"]))
        try:
            open_contract(
                title=typed["title"],
                since=typed["since"],
                until=typed["until"],
                ranks=ranks,
                by=request.user,
            )
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Contrat inscrit. Ajoutez maintenant ses phases."))
            return redirect("catalogue:parameter_list")
    status = 422 if form.errors else 200
    return render(request, "catalogue/contract_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def phase_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a dated phase to a contract."""
    contract = get_object_or_404(parameters_managed(request.user).contracts, pk=pk)
    form = PhaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data | {"kind": ContractPhase.Kind(form.cleaned_data["kind"])}
        try:
            add_phase(contract=contract, by=request.user, **typed)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Phase ajoutée au contrat."))
            return redirect("catalogue:parameter_list")
    context = {"form": form, "contract": contract}
    status = 422 if form.errors else 200
    return render(request, "catalogue/phase_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
def tax_new(request: SignedInRequest) -> HttpResponse:
    """Fix a tax's rate from a day on."""
    tax_history(request.user)
    form = TaxForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            set_tax_rate(
                code=typed["code"],
                label=dict(TAXES)[typed["code"]],
                rate=typed["percent"] / Decimal(100),
                since=typed["since"],
                by=request.user,
            )
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Taux inscrit ; le précédent finit ce jour-là."))
            return redirect("catalogue:parameter_list")
    status = 422 if form.errors else 200
    return render(request, "catalogue/tax_new.html", {"form": form}, status=status)
