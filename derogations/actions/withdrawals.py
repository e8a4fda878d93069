"""A signature is withdrawn by a new signed act with a reason; nothing is erased (R-22, §3.8)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations.actions.seats import (
    AlreadyGiven,
    consume,
    relied_on,
    require_gesture,
    require_withdrawer,
)
from derogations.actions.signing import new_challenge
from derogations.kinds import SigningAct
from derogations.models import Challenge, Derogation, Withdrawal
from derogations.proofs import Answer
from derogations.states import WITHDRAW
from members.models import User
from members.roles import SIGNER_LABEL
from portal.commands import action
from portal.queue import later
from portal.workflow import advance


@action
def open_withdrawal(*, derogation: Derogation, session_key: str, by: User) -> Challenge:
    """Bind a nonce to the withdrawal of what was signed; raises AttemptRefused, Unseen."""
    seat = require_withdrawer(derogation=derogation, by=by)
    heads = derogation.heads.filter(decision="signed").values_list("kind", flat=True)
    return new_challenge(seat, SigningAct.WITHDRAW, list(heads), "", session_key, by)


@action
def withdraw_derogation(
    *, challenge: Challenge, answer: Answer, session_key: str, reason: str, by: User
) -> Withdrawal:
    """Withdraw, by a gesture as strong as the signature; dependent orders are stopped (R-22).

    Raises AttemptRefused; the same gesture sent twice returns the one withdrawal.
    """
    try:
        gesture = require_gesture(
            challenge=challenge, answer=answer, session_key=session_key, by=by
        )
    except AlreadyGiven as again:
        given: Withdrawal = again.act
        return given
    if not reason.strip():
        raise ValidationError(_("Écrivez pourquoi vous retirez cette dérogation."))
    consume(gesture, by)
    seat = gesture.seat
    withdrawal = Withdrawal.objects.create(
        derogation=seat.derogation,
        person=seat.person,
        user=by,
        reason=reason.strip(),
        level=gesture.proof.level,
        challenge=gesture.challenge,
        proof=gesture.kept,
        withdrawn_at=seat.at,
        **relied_on(seat.power),
    )
    advance(WITHDRAW, on=seat.derogation, by=by, hat=str(SIGNER_LABEL), reason=withdrawal.reason)
    later("orders.stop_on_derogation", derogation_id=seat.derogation.pk)
    later("derogations.tell_withdrawal", withdrawal_id=withdrawal.pk)
    return withdrawal
