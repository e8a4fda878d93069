"""ITQ's pages over the portal's own work: what was given up, and its replay."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.actions.console import replay_tasks
from members.forms.console import ReplayForm
from members.queries.console import dead_letters
from members.requests import SignedInRequest
from portal.forms import show_refusal
from portal.queue import queue_state


@require_http_methods(["GET", "POST"])
def dead_letter_list(request: SignedInRequest) -> HttpResponse:
    """The dead letters, each with its last error; those ticked get a new life (X-25)."""
    letters = dead_letters(request.user)
    form = ReplayForm(request.POST if request.method == "POST" else None, letters=letters)
    if request.method == "POST" and form.is_valid():
        try:
            replayed = replay_tasks(tasks=form.cleaned_data["tasks"], by=request.user)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Tâches relancées : %(n)s.") % {"n": len(replayed)})
            return redirect("members:dead_letter_list")
    context = {
        "form": form,
        "page": Paginator(letters, 50).get_page(request.GET.get("page")),
        "queue": queue_state(),
    }
    status = 422 if form.errors else 200
    return render(request, "members/dead_letter_list.html", context, status=status)
