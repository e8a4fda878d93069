"""ITQ's pages over the ways in which providers receive orders (R-19)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.requests import SignedInRequest
from orders.actions.dispatch_modes import set_dispatch_mode
from orders.forms.dispatch_modes import DispatchModeForm
from orders.kinds import SendingMode
from orders.queries.console import modes_managed
from portal.clock import today
from portal.forms import show_refusal


@require_safe
def dispatch_mode_list(request: SignedInRequest) -> HttpResponse:
    """Each provider's modes as they are dated."""
    context = {"modes": modes_managed(request.user), "day": today()}
    return render(request, "orders/dispatch_mode_list.html", context)


@require_http_methods(["GET", "POST"])
def dispatch_mode_new(request: SignedInRequest) -> HttpResponse:
    """Fix how a provider receives orders from a day on."""
    modes_managed(request.user)
    form = DispatchModeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data | {"mode": SendingMode(form.cleaned_data["mode"])}
        try:
            fixed = set_dispatch_mode(by=request.user, **typed)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            told = {"provider": fixed.provider, "day": fixed.valid.lower.isoformat()}
            messages.success(request, _("Mode fixé pour %(provider)s à compter du %(day)s.") % told)
            return redirect("orders:dispatch_mode_list")
    status = 422 if form.errors else 200
    return render(request, "orders/dispatch_mode_new.html", {"form": form}, status=status)
