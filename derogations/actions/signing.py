"""The signing gesture: open a challenge, sign in one transaction, tell of a refused attempt."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.actions.concluding import follow_signature, open_slot
from derogations.actions.refusals import HeadRefusal, refuse_heads
from derogations.actions.seats import (
    AlreadyGiven,
    Gesture,
    Seat,
    chosen_power,
    consume,
    pending_kinds,
    relied_on,
    require_gesture,
    require_power,
)
from derogations.attempts import CONFLICT, AttemptRefused
from derogations.challenges import LIFE, new_nonce, session_digest
from derogations.declarations import CURRENT
from derogations.kinds import SigningAct
from derogations.models import Challenge, Signature, Version
from derogations.proofs import Answer
from derogations.queries.likes import together_with
from members.models import User
from members.roles import SIGNER_LABEL
from portal.audit import SystemActor, record
from portal.commands import action


@action
def open_challenge(
    *, version: Version, kinds: list[str], power: str, session_key: str, by: User
) -> Challenge:
    """Bind a nonce to what will be signed, on which line, by whom, in which session (§3.3).

    ``kinds`` are the heads to grant, ``power`` the key of the power relied on, "" for the first.
    Raises AttemptRefused.
    """
    seat = require_power(version=version, by=by)
    if not kinds or not set(kinds) <= pending_kinds(seat.derogation):
        raise ValidationError(_("Choisissez au moins un volet à accorder."))
    return new_challenge(seat, SigningAct.SIGN, kinds, power, session_key, by)


@action
def sign_derogation(
    *,
    challenge: Challenge,
    answer: Answer,
    session_key: str,
    refused: Mapping[str, HeadRefusal],
    together_reason: str = "",
    by: User,
) -> Signature:
    """Sign: locks, clock, E1 to E10, challenge used up, signature, journal, promises (§3.5).

    The last required signature sets ``signed`` and asks for the seal (D-20). Raises
    AttemptRefused; the same gesture sent twice returns the one signature.
    """
    try:
        gesture = require_gesture(
            challenge=challenge, answer=answer, session_key=session_key, by=by
        )
    except AlreadyGiven as again:
        given: Signature = again.act
        return given
    seat = gesture.seat
    _require_every_head(seat, gesture.challenge, refused)
    _require_reason(gesture, together_reason)
    consume(gesture, by)
    signature = _write_signature(gesture, together_reason, by)
    refuse_heads(seat, refused, by)
    follow_signature(seat.version, signature, by=by, hat=str(SIGNER_LABEL))
    return signature


@action
def note_refused_attempt(
    *, version: Version, attempted_by: User, code: str, sentence: str, by: SystemActor
) -> None:
    """Journal a signature that was refused, in a transaction of its own after rollback (D-04)."""
    record(
        events.SIGNATURE_ATTEMPT_REFUSED,
        by=attempted_by,
        on=version.derogation,
        noted_by=by.audit_label,
        version=version.number,
        code=code,
        reason=sentence,
    )


def new_challenge(
    seat: Seat, act: str, kinds: list[str], power: str, session_key: str, by: User
) -> Challenge:
    """The challenge's row, ten minutes long, and its event."""
    challenge = Challenge.objects.create(
        version=seat.version,
        act=act,
        kinds=sorted(kinds),
        person=seat.person,
        user=by,
        session_sha256=session_digest(session_key),
        nonce=new_nonce(),
        content_sha256=seat.version.content_sha256,
        pdf_sha256=seat.version.pdf_sha256,
        declaration_version=CURRENT,
        expires_at=seat.at + LIFE,
        **relied_on(chosen_power(seat.powers, power)),
    )
    record(
        events.CHALLENGE_OPENED,
        by=by,
        on=seat.derogation,
        hat=str(SIGNER_LABEL),
        act=str(act),
        version=seat.version.number,
    )
    return challenge


def _require_every_head(
    seat: Seat, challenge: Challenge, refused: Mapping[str, HeadRefusal]
) -> None:
    """Each head still to decide is granted or refused in the gesture, never both (R-20)."""
    granted = set(challenge.kinds)
    if granted & set(refused) or granted | set(refused) != pending_kinds(seat.derogation):
        raise ValidationError(_("Chaque volet de la demande est accordé ou refusé."))


def _require_reason(gesture: Gesture, together_reason: str) -> None:
    """Like requests that pass the ceiling together need a written reason (E6)."""
    seat = gesture.seat
    together = together_with(seat.version, gesture.challenge.kinds, seat.power, seat.at)
    if together.passes and not together_reason.strip():
        raise AttemptRefused(
            "E6",
            _(
                "Avec les demandes semblables des 90 derniers jours, le plafond est dépassé : "
                "rouvrez la demande et écrivez pourquoi elles sont distinctes."
            ),
            CONFLICT,
        )


def _write_signature(gesture: Gesture, together_reason: str, by: User) -> Signature:
    """One effective signature in the next slot, and its event (D-20)."""
    seat, challenge = gesture.seat, gesture.challenge
    slot = open_slot(seat.version)
    assert slot is not None
    signature = Signature.objects.create(
        version=seat.version,
        step=slot[0],
        slot=slot[1],
        kinds=challenge.kinds,
        person=seat.person,
        user=by,
        level=gesture.proof.level,
        challenge=challenge,
        declaration_version=challenge.declaration_version,
        together_reason=together_reason.strip(),
        content_sha256=seat.version.content_sha256,
        pdf_sha256=seat.version.pdf_sha256,
        proof=gesture.kept,
        signed_at=seat.at,
        **relied_on(seat.power),
    )
    record(
        events.SIGNATURE_GIVEN,
        by=by,
        on=seat.derogation,
        hat=str(SIGNER_LABEL),
        signature=signature.pk,
        version=seat.version.number,
        kinds=challenge.kinds,
        line=seat.power.delegation.clause,
        capacity=seat.power.capacity,
        level=signature.level,
        signed_at=seat.at.isoformat(),
        content_sha256=signature.content_sha256,
        pdf_sha256=signature.pdf_sha256,
    )
    return signature
