"""ITQ's dated parameters: contracts with their ranks and phases, taxes (R-18)."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.actions.taxes import set_tax_rate
from catalogue.forms.parameters import TAXES, ContractForm, PhaseForm, TaxForm, order_kinds
from catalogue.queries.parameters import contracts_managed
from catalogue.queries.taxes import tax_history
from members.actions.contracts import Ranked, add_phase, open_contract
from members.models import ContractPhase
from members.requests import SignedInRequest
from portal.clock import today
from portal.forms import show_refusal


@require_safe
def parameter_list(request: SignedInRequest) -> HttpResponse:
    """Contracts, phases and taxes as they are dated."""
    context = {
        "contracts": contracts_managed(request.user),
        "kinds": order_kinds(),
        "taxes": tax_history(request.user),
        "day": today(),
    }
    return render(request, "catalogue/parameter_list.html", context)


@require_http_methods(["GET", "POST"])
def contract_new(request: SignedInRequest) -> HttpResponse:
    """Record a contract and its providers by rank."""
    contracts_managed(request.user)
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
    contract = get_object_or_404(contracts_managed(request.user), pk=pk)
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
