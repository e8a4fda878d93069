"""The signer's pages: what awaits, the request with all that helps to decide, refusal, question."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from derogations.actions.messages import write_as_signer
from derogations.actions.refusals import refuse_derogation
from derogations.actions.requests import return_request
from derogations.actions.signing import open_challenge
from derogations.attempts import AttemptRefused
from derogations.declarations import kinds_text, power_key, power_text, signed_by_text
from derogations.eligibility import judge_shown
from derogations.forms.requests import MessageForm
from derogations.forms.signing import QuestionForm, RefusalFields, ReviewForm
from derogations.freezing import content_of
from derogations.grounds import FACTOR, Verdict
from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Derogation, Version
from derogations.queries.likes import together_with
from derogations.queries.request_page import messages_in
from derogations.queries.signing import (
    Seen,
    may_withdraw,
    next_to_sign,
    papers_of,
    papers_told,
    reaches,
    refusals_of,
    request_for_signer,
    requests_to_sign,
    sealed_for_signer,
    seen_by_signer,
    signatures_of,
)
from derogations.queries.similar import like_cases
from derogations.reading import absent_from, sections_of, targets_of
from derogations.views.request_page import withdrawal_part
from members.requests import SignedInRequest
from portal.files import attachment
from portal.forms import show_refusal
from portal.idempotency import posted_once

SEALED = (
    *(DerogationState.SIGNED, DerogationState.EXHAUSTED),
    *(DerogationState.EXPIRED, DerogationState.WITHDRAWN),
)
"""States after a signature: a sealed document may be there."""


@require_safe
def signature_list(request: SignedInRequest) -> HttpResponse:
    """« À signer »: the requests that await the person, oldest first.

    ``?ouvrir`` is where an invitation to sign leads: straight to the first (E3).
    """
    opens = "ouvrir" in request.GET
    waiting = requests_to_sign(request.user)
    if opens and waiting:
        return redirect("derogations:signature_request", waiting[0].derogation.number)
    rows = [
        {
            "derogation": row.derogation,
            "kinds": kinds_text(head.kind for head in row.derogation.heads.all()),
            "power": power_text(row.powers[0]),
        }
        for row in waiting
    ]
    return render(request, "derogations/sign_list.html", {"rows": rows, "opens": opens})


@require_http_methods(["GET", "POST"])
def signature_request(request: SignedInRequest, number: str) -> HttpResponse:
    """The request whole; then, on POST, the challenge that leads to the gesture."""
    seen = seen_by_signer(request.user, number)
    derogation, verdict = seen.derogation, judge(request, seen)
    version = version_of(derogation)
    form = _review_form(request, derogation, verdict)
    if request.method == "POST" and form.is_valid():
        try:
            challenge = open_challenge(
                version=version,
                kinds=form.granted,
                power=form.cleaned_data.get("power", ""),
                session_key=request.session.session_key or "",
                by=request.user,
            )
        except ValidationError as error:
            show_refusal(form, error)
        except AttemptRefused as refusal:
            return show_refused(request, derogation, refusal)
        else:
            return redirect("derogations:signature_sign", number, challenge.nonce)
    status = 422 if form.errors else 200
    page = _request_page(request, seen, verdict, form)
    return render(request, "derogations/sign_request.html", page, status=status)


@require_safe
def signature_document(request: SignedInRequest, number: str) -> FileResponse:
    """The frozen PDF, the same bytes for everyone."""
    version = version_of(request_for_signer(request.user, number))
    if version.pdf is None:
        raise Http404
    return attachment(version.pdf, name=f"{number}.pdf")


@require_safe
def signature_paper(request: SignedInRequest, number: str, paper: int) -> FileResponse:
    """A paper attached to the request."""
    derogation = request_for_signer(request.user, number)
    found = get_object_or_404(papers_of(derogation), pk=paper)
    return attachment(found.file, name=found.name)


@require_safe
def signature_sealed(request: SignedInRequest, number: str) -> FileResponse:
    """The sealed document, the only original, for who signed it without any role (F-17)."""
    seal = sealed_for_signer(request_for_signer(request.user, number))
    if seal is None or seal.file is None:
        raise Http404
    return attachment(seal.file)


@require_POST
def signature_message(request: SignedInRequest, number: str) -> HttpResponse:
    """A word in the file, from who may sign or signed (F-32)."""
    seen = seen_by_signer(request.user, number)
    derogation = seen.derogation
    form = MessageForm(request.POST, prefix="message")
    if form.is_valid():
        try:
            write_as_signer(derogation=derogation, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Message inscrit au dossier."))
            back = reverse("derogations:signature_request", args=[number])
            return redirect(f"{back}#messages-du-dossier")
    verdict = judge(request, seen)
    review = _review_form(request, derogation, verdict, bound=False)
    page = _request_page(request, seen, verdict, review)
    page |= {"message_form": form, "refused_form": form}
    return render(request, "derogations/sign_request.html", page, status=422)


@require_http_methods(["GET", "POST"])
def signature_refuse(request: SignedInRequest, number: str) -> HttpResponse:
    """Refuse the whole request, with a reason and a next step (F-19)."""
    derogation = request_for_signer(request.user, number)
    version = version_of(derogation)
    form = RefusalFields(_posted(request))

    def refuse() -> str:
        refuse_derogation(version=version, refusal=form.refusal, by=request.user)
        messages.success(request, _("Refus inscrit ; le demandeur en est averti."))
        return reverse("derogations:signature_request", args=[number])

    if form.is_valid():
        try:
            return redirect(posted_once(request, refuse))
        except ValidationError as error:
            show_refusal(form, error)
        except AttemptRefused as refusal:
            return show_refused(request, derogation, refusal)
    context = {"derogation": derogation, "form": form}
    status = 422 if form.errors else 200
    return render(request, "derogations/sign_refuse.html", context, status=status)


@require_http_methods(["GET", "POST"])
def signature_question(request: SignedInRequest, number: str) -> HttpResponse:
    """« Poser une question »: the request goes back with a comment on each field (F-30)."""
    derogation = request_for_signer(request.user, number)
    targets = targets_of(content_of(version_of(derogation)))
    form = QuestionForm(_posted(request), targets=targets)

    def ask() -> str:
        return_request(derogation=derogation, comments=form.comments, by=request.user)
        messages.success(request, _("Question envoyée ; la demande reviendra une fois complétée."))
        return reverse("derogations:signature_list")

    if form.is_valid():
        try:
            return redirect(posted_once(request, ask))
        except ValidationError as error:
            show_refusal(form, error)
        except AttemptRefused as refusal:
            return show_refused(request, derogation, refusal)
    context = {"derogation": derogation, "form": form}
    status = 422 if form.errors else 200
    return render(request, "derogations/sign_question.html", context, status=status)


def _posted(request: SignedInRequest) -> QueryDict | None:
    """What was sent, were it empty: nothing typed is refused like the rest."""
    return request.POST if request.method == "POST" else None


def version_of(derogation: Derogation) -> Version:
    """The current version, on the row already fetched through the gate."""
    assert derogation.version is not None
    version = derogation.version
    version.derogation = derogation
    return version


def judge(request: SignedInRequest, seen: Seen) -> Verdict:
    """What E1 to E10 say of the person on a request that awaits; nothing once it is decided."""
    if seen.derogation.state != DerogationState.SUBMITTED:
        return Verdict()
    return judge_shown(version_of(seen.derogation), request.user, seen.at, seen.known)


def show_refused(
    request: SignedInRequest, derogation: Derogation, refusal: AttemptRefused
) -> HttpResponse:
    """Why nothing was signed, and the way back."""
    context = {"derogation": derogation, "sentence": refusal.sentence}
    return render(request, "derogations/sign_refused.html", context, status=refusal.status)


def _review_form(
    request: SignedInRequest, derogation: Derogation, verdict: Verdict, *, bound: bool = True
) -> ReviewForm:
    """The heads still to decide, and the powers that reach them."""
    pending = [h.kind for h in derogation.heads.all() if h.decision == HeadDecision.PENDING]
    powers = [(power_key(power), power) for power in verdict.powers]
    data = _posted(request) if bound else None
    return ReviewForm(data, kinds=pending, powers=powers)


def _request_page(
    request: SignedInRequest, seen: Seen, verdict: Verdict, form: ReviewForm
) -> dict[str, object]:
    """Everything that helps to decide, on one page."""
    derogation = seen.derogation
    version = version_of(derogation)
    waits = derogation.state == DerogationState.SUBMITTED
    power = verdict.powers[0] if verdict.powers else None
    kinds = [head.kind for head in derogation.heads.all()]
    content = content_of(version)
    return {
        "derogation": derogation,
        "frozen": version,
        "kinds": kinds_text(kinds),
        "sections": sections_of(content),
        "absent": absent_from(content),
        "arithmetic": content["amounts"].get("arithmetic", ""),
        "papers": papers_told(derogation),
        "verdict": verdict,
        "waits": waits,
        "enrols": waits and FACTOR in verdict.codes,
        "form": form,
        "power": power_text(power) if power else "",
        "together": together_with(version, kinds, power, seen.at) if power else None,
        "likes": like_cases(request.user, derogation) if waits else None,
        "signatures": [
            (signed_by_text(row), power_text(row), row) for row in signatures_of(derogation)
        ],
        "refusals": refusals_of(derogation),
        **withdrawal_part(derogation),
        "sealed": derogation.state in SEALED and derogation.is_sealed,  # type: ignore[attr-defined]
        "talk": messages_in(derogation),
        "message_form": MessageForm(prefix="message"),
        "may_write": reaches(request.user, derogation, seen.at, seen.known.plan),
        "refused_form": form,
        "next": None if waits else next_to_sign(request.user, derogation, seen.known.plan),
        "may_withdraw": may_withdraw(request.user, derogation, seen.at, seen.known.plan),
    }
