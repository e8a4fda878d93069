"""The paper path under its member: print, attach, confirm, and the council's resolution (D-25)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from derogations.actions.papers import attach_paper, attach_resolution, confirm_paper
from derogations.eligibility import open_powers
from derogations.forms.papers import ConfirmForm, HeadsForm, PaperForm, ResolutionForm
from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Derogation
from derogations.queries.papers import (
    papers_of,
    papers_shown,
    people_on_paper,
    powers_on_paper,
    requests_on_paper,
)
from derogations.queries.requests import places_lacking, signers_awaited
from derogations.resolutions import draft_resolution
from derogations.slots import post_due
from derogations.views.signing import version_of
from members.permissions import can, require_member
from members.requests import SignedInRequest
from members.roles import May
from portal.files import attachment
from portal.forms import show_refusal
from portal.idempotency import posted_once


@require_safe
def paper_detail(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Where the paper stands, and what each may do."""
    derogation = _fetch(request, member, number)
    return render(request, "derogations/paper_detail.html", _page(request, derogation))


@require_POST
def paper_attach(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Attach the scan of a document signed by hand."""
    derogation = _fetch(request, member, number)
    form = PaperForm(
        request.POST, request.FILES, powers=powers_on_paper(derogation), heads=_pending(derogation)
    )
    return _do(
        request,
        derogation,
        form,
        "form",
        _("Document joint : deux personnes le confirment."),
        lambda told: attach_paper(
            derogation=derogation, refused=form.refused, by=request.user, **told
        ),
    )


@require_POST
def paper_resolution(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Attach the extract of the council's resolution."""
    derogation = _fetch(request, member, number)
    people = people_on_paper(derogation)
    form = ResolutionForm(request.POST, request.FILES, people=people, heads=_pending(derogation))
    return _do(
        request,
        derogation,
        form,
        "resolution_form",
        _("Résolution jointe : deux personnes la confirment."),
        lambda told: attach_resolution(
            derogation=derogation, refused=form.refused, by=request.user, **told
        ),
    )


@require_POST
def paper_confirm(request: SignedInRequest, member: str, number: str, paper: int) -> HttpResponse:
    """Confirm the scan against the paper."""
    derogation = _fetch(request, member, number)
    attached = get_object_or_404(papers_of(derogation), pk=paper)
    return _do(
        request,
        derogation,
        ConfirmForm(request.POST),
        "confirm_form",
        _("Signature manuscrite confirmée."),
        lambda told: confirm_paper(paper=attached, by=request.user, **told),
    )


@require_safe
def paper_scan(request: SignedInRequest, member: str, number: str, paper: int) -> FileResponse:
    """The scan, as it was attached."""
    derogation = _fetch(request, member, number)
    return attachment(get_object_or_404(papers_of(derogation), pk=paper).scan)


def _fetch(request: SignedInRequest, member: str, number: str) -> Derogation:
    """The request that an address names, through the gate, once it was submitted."""
    organisation = require_member(request.user, member)
    return get_object_or_404(requests_on_paper(request.user, organisation), number=number)


def _pending(derogation: Derogation) -> list[str]:
    """The heads still to decide."""
    heads = derogation.heads.all()
    return [head.kind for head in heads if head.decision == HeadDecision.PENDING]


def _page(request: SignedInRequest, derogation: Derogation, **refused: object) -> dict[str, object]:
    """Where the paper stands; ``refused`` is a form that was turned away."""
    now = signers_awaited(derogation)
    powers = powers_on_paper(derogation, now)
    kinds = [head.kind for head in derogation.heads.all()]
    version = version_of(derogation)
    signed = derogation.signed  # type: ignore[attr-defined]
    able = open_powers(version.asked, now, signed)
    waits = derogation.state == DerogationState.SUBMITTED
    return {
        "organisation": derogation.branch.organisation,
        "derogation": derogation,
        "papers": papers_shown(request.user, derogation),
        "waits": waits,
        "may_attach": can(request.user, May.ATTACH_PAPER, on=derogation),
        "has_power": bool(powers),
        "post": post_due(version.asked, len(signed)),
        "needs_council": waits and bool(places_lacking(version.asked, able, len(signed))),
        "draft": draft_resolution(version, kinds, derogation.need),
        "form": PaperForm(powers=powers, heads=_pending(derogation)),
        "resolution_form": ResolutionForm(
            people=people_on_paper(derogation), heads=_pending(derogation)
        ),
        "confirm_form": None,
        "refused_form": None,
        "errors": [],
        **refused,
    }


def _do(
    request: SignedInRequest,
    derogation: Derogation,
    form: forms.Form,
    name: str,
    done: str,
    act: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    """Validate, act once, go back to the page; a refusal shows it with its sentences."""

    def answer() -> str:
        act(form.cleaned_data)
        messages.success(request, done)
        slug = derogation.branch.organisation.slug
        return reverse("derogations:paper_detail", args=[slug, derogation.number])

    if form.is_valid():
        try:
            return redirect(posted_once(request, answer))
        except ValidationError as error:
            show_refusal(form, error)
    errors = form.refusal_errors if isinstance(form, HeadsForm) else []
    page = _page(request, derogation, refused_form=form, errors=errors, **{name: form})
    return render(request, "derogations/paper_detail.html", page, status=422)
