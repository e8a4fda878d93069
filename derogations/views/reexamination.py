"""A signature whose line was said otherwise since is looked at again (signing.md §3.9)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from derogations.actions.reexamination import close_reexamination
from derogations.forms.reexamination import ReexaminationForm
from derogations.queries.reexamination import reexaminations_of
from derogations.reading import capacity_sentence
from derogations.views.part_page import address_of
from derogations.views.requests import fetch_derogation
from members.permissions import require
from members.requests import SignedInRequest
from members.roles import May
from portal.forms import show_refusal
from portal.idempotency import posted_once


@require_http_methods(["GET", "POST"])
def reexamination(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """What was signed and how its line changed; « Réexaminée », with what was checked."""
    derogation = fetch_derogation(request, member, number)
    require(request.user, May.RECORD_DELEGATION, on=derogation)
    rows = reexaminations_of(derogation)
    form = ReexaminationForm(request.POST or None)

    def close() -> str:
        reason = form.cleaned_data["reason"]
        close_reexamination(derogation=derogation, reason=reason, by=request.user)
        messages.success(request, _("Réexamen inscrit au dossier."))
        return address_of(derogation)

    if form.is_valid():
        try:
            return redirect(posted_once(request, close))
        except ValidationError as error:
            show_refusal(form, error)
    elif not rows:
        raise Http404
    context = {
        "organisation": derogation.branch.organisation,
        "derogation": derogation,
        "form": form,
        "rows": [
            (capacity_sentence(row.signature), row, getattr(row.delegation, "replaced_by", None))
            for row in rows
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "derogations/reexamination.html", context, status=status)
