"""A signer refuses a request, or one of its heads, with a reason and a next step (F-19)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.actions.seats import Seat, pending_kinds, relied_on, require_power
from derogations.kinds import HeadDecision
from derogations.models import Head, Refusal, Version
from derogations.states import REFUSE
from members.models import User
from members.roles import SIGNER_LABEL
from portal.audit import record
from portal.commands import action
from portal.queue import later
from portal.workflow import advance


@dataclass(frozen=True, slots=True)
class HeadRefusal:
    """Why one head is refused, and what the requester may do instead."""

    reason: str
    text: str
    next_step: str


@action
def refuse_derogation(*, version: Version, refusal: HeadRefusal, by: User) -> Refusal:
    """Refuse every head still to decide; earlier signers and the requester are told (F-19).

    Raises AttemptRefused when the person may not decide (E1 to E10), ValidationError when a word
    is missing.
    """
    seat = require_power(version=version, by=by)
    kinds = sorted(pending_kinds(seat.derogation))
    row = write_refusal(seat.version, kinds, refusal, **_seated(seat, by))
    advance(
        REFUSE, on=seat.derogation, by=by, hat=str(SIGNER_LABEL), reason=refusal.reason, kinds=kinds
    )
    later(
        "derogations.project_signing_grants",
        organisation_id=seat.derogation.branch.organisation_id,
    )
    later("derogations.tell_refusal", refusal_id=row.pk)
    return row


def refuse_heads(seat: Seat, refused: Mapping[str, HeadRefusal], by: User) -> None:
    """Refuse some heads in the gesture that grants the others (R-20)."""
    refuse_some(seat.version, refused, by=by, hat=str(SIGNER_LABEL), **_seated(seat, by))


def refuse_some(
    version: Version, refused: Mapping[str, HeadRefusal], *, by: User, hat: str, **act: object
) -> None:
    """The same, on paper too; ``act`` is who refuses, when, by what power."""
    for kind, refusal in sorted(refused.items()):
        row = write_refusal(version, [kind], refusal, **act)
        record(
            events.HEAD_REFUSED,
            by=by,
            on=version.derogation,
            hat=hat,
            kind=kind,
            reason=refusal.reason,
        )
        later("derogations.tell_refusal", refusal_id=row.pk)


def write_refusal(
    version: Version, kinds: list[str], refusal: HeadRefusal, **act: object
) -> Refusal:
    """The refusal's row, and its words on each head."""
    if not (refusal.reason and refusal.text.strip() and refusal.next_step.strip()):
        raise ValidationError(_("Un refus dit son motif, son explication et la prochaine étape."))
    Head.objects.filter(derogation=version.derogation, kind__in=kinds).update(
        decision=HeadDecision.REFUSED,
        refusal_reason=refusal.reason,
        refusal_text=refusal.text,
        next_step=refusal.next_step,
    )
    return Refusal.objects.create(
        version=version,
        kinds=kinds,
        reason=refusal.reason,
        text=refusal.text,
        next_step=refusal.next_step,
        **act,
    )


def _seated(seat: Seat, by: User) -> dict[str, object]:
    """Who refuses in the portal, when, by what power."""
    return {
        "person": seat.person,
        "user": by,
        "refused_at": seat.at,
        **relied_on(seat.power),
    }
