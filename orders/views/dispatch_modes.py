"""ITQ's pages over the ways in which providers receive orders (R-19)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.requests import SignedInRequest
from members.views.acts import Act, act_page, acted
from orders.actions.dispatch_modes import set_dispatch_mode
from orders.forms.dispatch_modes import DispatchModeForm
from orders.queries.console import modes_managed, providers_without_mode
from portal.clock import today


@require_safe
def dispatch_mode_list(request: SignedInRequest) -> HttpResponse:
    """Each provider's modes as they are dated."""
    context = {
        "modes": modes_managed(request.user),
        "waiting": providers_without_mode(request.user),
        "day": today(),
    }
    return render(request, "orders/dispatch_mode_list.html", context)


@require_http_methods(["GET", "POST"])
def dispatch_mode_new(request: SignedInRequest) -> HttpResponse:
    """Fix how a provider receives orders from a day on."""
    modes_managed(request.user)
    form = DispatchModeForm(request.POST if request.method == "POST" else None)
    if acted(request, form, lambda: set_dispatch_mode(by=request.user, **form.cleaned_data)):
        typed = form.cleaned_data
        told = {"provider": typed["provider"], "day": typed["since"].isoformat()}
        messages.success(request, _("Mode fixé pour %(provider)s à compter du %(day)s.") % told)
        return redirect("orders:dispatch_mode_list")
    act = Act(
        title=_("Fixer un mode de transmission"),
        label=_("Fixer le mode"),
        back=reverse("orders:dispatch_mode_list"),
        parent=_("Modes de transmission"),
        note=_(
            "Les commandes déjà transmises ne changent pas ; un nouveau lien, demandé à la page "
            "d'une commande, part à l'adresse du jour."
        ),
    )
    return act_page(request, form, act)
