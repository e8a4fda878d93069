"""The gestures: declare and sign, withdraw, and enrol the passkey that a first signer lacks."""

from collections.abc import Callable
from datetime import datetime

from allauth.core import ratelimit
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from derogations.actions.signing import note_refused_attempt, sign_derogation
from derogations.actions.withdrawals import open_withdrawal, withdraw_derogation
from derogations.attempts import UNPROVED, AttemptRefused
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of, power_text
from derogations.eligibility import judge_powers
from derogations.forms.signing import GestureForm, SignForm, WithdrawForm
from derogations.kinds import HeadDecision, SigningAct
from derogations.models import Challenge
from derogations.proofs import CodeAnswer, has_code
from derogations.queries.likes import together_with
from derogations.queries.signing import (
    Seen,
    challenge_of,
    next_to_sign,
    request_for_signer,
    request_to_withdraw,
    seen_by_signer,
)
from derogations.views.signing import show_refused, version_of
from derogations.webauthn import request_options, signing_keys
from members.requests import SignedInRequest
from portal.audit import SYSTEM
from portal.forms import show_refusal

TOO_MANY = 429


@require_http_methods(["GET", "POST"])
def signature_sign(request: SignedInRequest, number: str, nonce: str) -> HttpResponse:
    """The declaration, the power relied on, the box and the button that names the act."""
    seen = seen_by_signer(request.user, number)
    derogation = seen.derogation
    challenge = challenge_of(request.user, derogation, nonce, SigningAct.SIGN)
    form = _sign_form(request, seen, challenge)

    def act() -> HttpResponse:
        sign_derogation(
            challenge=challenge,
            answer=form.answer,
            session_key=request.session.session_key or "",
            refused=form.refused,
            together_reason=form.cleaned_data.get("together_reason", ""),
            by=request.user,
        )
        messages.success(request, _("La demande %(number)s est signée.") % {"number": number})
        following = next_to_sign(request.user, derogation) if "next" in request.POST else None
        return redirect("derogations:signature_request", following.number if following else number)

    return _gesture(request, seen, challenge, form, act)


@require_http_methods(["GET", "POST"])
def signature_withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    """What a withdrawal does; then the challenge that leads to its gesture (R-22)."""
    derogation = request_to_withdraw(request.user, number).derogation
    if request.method == "POST":
        try:
            challenge = open_withdrawal(
                derogation=derogation,
                session_key=request.session.session_key or "",
                by=request.user,
            )
        except AttemptRefused as refusal:
            return show_refused(request, derogation, refusal)
        return redirect("derogations:signature_withdraw_confirm", number, challenge.nonce)
    return render(request, "derogations/sign_withdraw.html", {"derogation": derogation})


@require_http_methods(["GET", "POST"])
def signature_withdraw_confirm(request: SignedInRequest, number: str, nonce: str) -> HttpResponse:
    """The withdrawal's own declaration, box and button."""
    seen = request_to_withdraw(request.user, number)
    challenge = challenge_of(request.user, seen.derogation, nonce, SigningAct.WITHDRAW)
    data = request.POST if request.method == "POST" else None
    form = WithdrawForm(data, declaration=declaration_of(challenge))

    def act() -> HttpResponse:
        withdraw_derogation(
            challenge=challenge,
            answer=form.answer,
            session_key=request.session.session_key or "",
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
        messages.success(request, _("La dérogation %(number)s est retirée.") % {"number": number})
        return redirect("derogations:signature_request", number)

    return _gesture(request, seen, challenge, form, act)


class SignerKey(AddWebAuthnView):
    """allauth's own page that adds a passkey, led from a request and back to it."""

    template_name = "derogations/sign_enrol.html"

    def dispatch(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
        """The request is fetched through the gate first."""
        self.derogation = request_for_signer(request.user, kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):  # type: ignore[no-untyped-def]
        """Which request one comes back to."""
        return {**super().get_context_data(**kwargs), "derogation": self.derogation}

    def get_success_url(self) -> str:
        """Back to the request; recovery codes wait in « Mon compte »."""
        if self.did_generate_recovery_codes:
            told = _("Notez vos codes de récupération à la page « Mon compte ».")
            messages.info(self.request, told)
        return reverse("derogations:signature_request", args=[self.derogation.number])


signature_enrol = SignerKey.as_view()


def _sign_form(request: SignedInRequest, seen: Seen, challenge: Challenge) -> SignForm:
    """The box, the proof, the words of each head refused, and E6's reason where it is needed."""
    heads = seen.derogation.heads.all()
    pending = [h.kind for h in heads if h.decision == HeadDecision.PENDING]
    return SignForm(
        request.POST if request.method == "POST" else None,
        declaration=declaration_of(challenge),
        refused=[kind for kind in pending if kind not in challenge.kinds],
        needs_reason=_passes_together(request, seen, challenge),
    )


def _passes_together(request: SignedInRequest, seen: Seen, challenge: Challenge) -> bool:
    """Whether like requests pass the ceiling of the line relied on, with this one (E6)."""
    assert request.user.person is not None
    version = version_of(seen.derogation)
    powers, _lacking = judge_powers(version, request.user.person, seen.at, plan=seen.known.plan)
    mine = [power for power in powers if power.delegation.pk == challenge.delegation_id]
    return bool(mine) and together_with(version, challenge.kinds, mine[0], seen.at).passes


def _gesture(
    request: SignedInRequest,
    seen: Seen,
    challenge: Challenge,
    form: GestureForm,
    act: Callable[[], HttpResponse],
) -> HttpResponse:
    """Validate, act once; a refusal is journalled after its rollback, then shown (D-04)."""
    if request.method != "POST" and not _is_open(request, challenge, seen.at):
        messages.info(request, _("Cette page de signature a servi ou n'est plus ouverte."))
        return redirect("derogations:signature_request", seen.derogation.number)
    if request.method == "POST" and form.is_valid():
        if _too_many(request, form):
            return render(request, "429.html", status=TOO_MANY)
        try:
            return act()
        except ValidationError as error:
            show_refusal(form, error)
        except AttemptRefused as refusal:
            note_refused_attempt(
                version=challenge.version,
                attempted_by=request.user,
                code=refusal.code,
                sentence=refusal.sentence,
                by=SYSTEM,
            )
            if refusal.status != UNPROVED:
                return show_refused(request, seen.derogation, refusal)
            form.add_error(None, refusal.sentence)
    page = _gesture_page(request, seen, challenge, form)
    status = 422 if request.method == "POST" else 200
    return render(request, "derogations/sign_gesture.html", page, status=status)


def _is_open(request: SignedInRequest, challenge: Challenge, at: datetime) -> bool:
    """Whether the challenge is this person's and may still serve."""
    mine = challenge.user_id == request.user.pk
    return mine and challenge.consumed_at is None and challenge.expires_at > at


def _too_many(request: SignedInRequest, form: GestureForm) -> bool:
    """A code is six digits: it is not guessed here faster than at the sign-in page."""
    if not isinstance(form.answer, CodeAnswer):
        return False
    return not ratelimit.consume(request, action="reauthenticate", user=request.user)


def _gesture_page(
    request: SignedInRequest, seen: Seen, challenge: Challenge, form: GestureForm
) -> dict[str, object]:
    """The page of a gesture; the key is asked to sign the digest of the terms."""
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    keys = signing_keys(request.user)
    signs = challenge.act == SigningAct.SIGN
    return {
        "derogation": seen.derogation,
        "challenge": challenge,
        "form": form,
        "errors": form.refusal_errors if isinstance(form, SignForm) else [],
        "signs": signs,
        "power": power_text(challenge),
        "has_key": bool(keys),
        "has_code": has_code(request.user),
        "options": request_options(keys, digest) if keys else {},
        "next": next_to_sign(request.user, seen.derogation, seen.known.plan) if signs else None,
    }
