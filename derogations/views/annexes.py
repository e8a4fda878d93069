"""The PDF copy of a request's messages: asked for, then downloaded (F-32)."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from derogations.actions.messages import ask_annex
from derogations.queries.request_page import annex_of
from derogations.views.part_page import act_once
from derogations.views.requests import fetch_derogation
from members.requests import SignedInRequest
from portal.files import attachment


@require_POST
def annex_ask(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Ask for a copy of what was said, as of now."""
    derogation = fetch_derogation(request, member, number)

    def ask() -> None:
        ask_annex(derogation=derogation, by=request.user)
        messages.success(request, _("La copie se prépare : elle paraît ici dans un instant."))

    return act_once(request, derogation, ask)


@require_safe
def annex_file(request: SignedInRequest, member: str, number: str) -> FileResponse:
    """The last copy produced; 404 while there is none."""
    derogation = fetch_derogation(request, member, number)
    annex = annex_of(derogation)
    if annex is None or annex.file is None:
        raise Http404
    return attachment(annex.file)
