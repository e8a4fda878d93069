"""The public check of a sealed document, and the document itself for those who see it."""

from io import BytesIO

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from derogations.actions.sealing import export_evidence
from derogations.certificate import withdrawal_facts
from derogations.evidence import since_sealed, with_files
from derogations.forms.verification import FileForm, TokenForm
from derogations.models import Seal
from derogations.queries.seals import sealed_derogation, stamps_since
from derogations.queries.signing import withdrawal_of
from derogations.queries.verification import entry_of, judge_file
from members.permissions import require_member
from members.requests import SignedInRequest
from portal.files import attachment, read


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest) -> HttpResponseBase:
    """Type a code or drop a file; works without JavaScript."""
    if request.method == "POST" and not _within_limit(request):
        return _too_many(request)
    dropped = request.method == "POST" and "file" in request.FILES
    token_form = TokenForm(request.POST if request.method == "POST" and not dropped else None)
    file_form = FileForm(request.POST, request.FILES) if dropped else FileForm()
    if token_form.is_bound and token_form.is_valid():
        return redirect("derogations:verification_detail", token_form.cleaned_data["code"])
    answer = None
    if file_form.is_bound and file_form.is_valid():
        answer = judge_file(file_form.cleaned_data["file"])
        file_form = FileForm()
    refused = next((form for form in (token_form, file_form) if form.errors), None)
    return render(
        request,
        "derogations/verification.html",
        {
            "token_form": token_form,
            "file_form": file_form,
            "refused_form": refused,
            "answer": answer,
            "entry": answer.entry if answer else None,
        },
    )


@login_not_required
@never_cache
@require_safe
def verification_detail(request: HttpRequest, token: str) -> HttpResponse:
    """The line of a code; a code that names nothing, or nothing yet, answers alike (§3.7)."""
    if not _within_limit(request):
        return _too_many(request)
    entry = entry_of(token)
    return render(
        request,
        "derogations/verification_detail.html",
        {"entry": entry, "file_form": FileForm()},
        status=200 if entry else 404,
    )


@require_safe
def sealed_document(request: SignedInRequest, member: str, number: str) -> FileResponse:
    """The only original: the same bytes at every download."""
    seal = _fetch(request, member, number)
    assert seal.file
    return attachment(seal.file)


@require_POST
def evidence_download(request: SignedInRequest, member: str, number: str) -> FileResponse:
    """The bundle that checks without the portal; who takes it is journalled.

    What is later than the bundle is added to it as it leaves: a withdrawal (R-22), yearly stamps.
    """
    seal = _fetch(request, member, number)
    kept = export_evidence(seal=seal, by=request.user)
    withdrawal = withdrawal_of(seal.version.derogation)
    assert seal.file
    assert seal.sealed_at
    stamps = [(row.hashes, row.token) for row in stamps_since(seal.file.sha256, seal.sealed_at)]
    later = since_sealed(withdrawal_facts(withdrawal) if withdrawal else None, stamps)
    if not later:
        return attachment(kept)
    whole = BytesIO(with_files(read(kept), later))
    return FileResponse(
        whole, as_attachment=True, filename=kept.name, content_type=kept.content_type
    )


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def _within_limit(request: HttpRequest) -> bool:
    """Codes and files cannot be tried without end; counted by address, reads included."""
    return (
        ratelimit.consume(
            request,
            app="derogations",
            action="verify_document",
            config=settings.VERIFICATION_LIMIT,
            limit_get=True,
        )
        is not None
    )


def _fetch(request: SignedInRequest, member: str, number: str) -> Seal:
    organisation = require_member(request.user, member)
    found = sealed_derogation(request.user, organisation, number)[:1]
    return get_object_or_404(Seal.objects.filter(pk__in=[seal.pk for seal in found]))
