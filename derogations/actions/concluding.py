"""What the last required signature sets off, whether it was given here or on paper (D-20, D-25)."""

import secrets
from datetime import datetime

from derogations.kinds import HeadDecision, SignatureLevel
from derogations.models import Derogation, Head, Seal, Signature, Version
from derogations.slots import next_slot
from derogations.states import SIGN
from members.models import User
from portal.queue import later
from portal.workflow import advance

TOKEN_BYTES = 16


def open_slot(version: Version) -> tuple[int, int] | None:
    """The slot of the next signature; None when all are given."""
    given = Signature.objects.filter(version=version, voided_at__isnull=True).count()
    return next_slot(version.asked, given)


def follow_signature(
    version: Version,
    signature: Signature,
    *,
    by: User,
    hat: str,
    resolution: str = "",
) -> None:
    """Promise what follows a signature; the last one, or a resolution, concludes (D-20, R-24).

    A document that anyone signed by hand is never sealed as electronic (D-25).
    """
    derogation = version.derogation
    if resolution or open_slot(version) is None:
        _conclude(derogation, version, signature.signed_at, by, hat, resolution)
        given = Signature.objects.filter(version=version, voided_at__isnull=True)
        if not given.filter(level=SignatureLevel.HANDWRITTEN).exists():
            Seal.objects.create(version=version, token=secrets.token_hex(TOKEN_BYTES))
            later("derogations.seal", version_id=version.pk)
    organisation = derogation.branch.organisation_id
    later("derogations.project_signing_grants", organisation_id=organisation)
    later("derogations.tell_signature", signature_id=signature.pk)


def _conclude(
    derogation: Derogation, version: Version, at: datetime, by: User, hat: str, resolution: str
) -> None:
    """Heads granted, state signed, orders called."""
    Head.objects.filter(derogation=derogation, decision=HeadDecision.PENDING).update(
        decision=HeadDecision.SIGNED
    )
    advance(
        SIGN,
        on=derogation,
        by=by,
        hat=hat,
        signed_at=at,
        resolution_number=resolution,
        version_number=version.number,
    )
    later("orders.draw_on_derogation", derogation_id=derogation.pk)
