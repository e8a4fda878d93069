"""A delegation line said otherwise, with effect in the past, flags what was signed by it."""

from derogations import events
from derogations.models import Derogation, Signature
from members.models import Delegation
from portal.audit import SystemActor, record
from portal.clock import day_of
from portal.commands import action
from portal.models import AuditEvent


@action
def flag_signatures(*, delegation: Delegation, by: SystemActor) -> int:
    """Mark « à réexaminer » each signature that a closed line no longer carries (signing.md §3.9).

    An end to come undoes nothing: a signature given on a day that the confirmed successor still
    covers is left alone. Flagged once; nothing is voided, a person decides. Returns how many.
    """
    given = Signature.objects.filter(delegation=delegation, voided_at__isnull=True)
    flagged = 0
    for signature in given.select_related("version__derogation"):
        derogation = signature.version.derogation
        told = {"signature": signature.pk, "delegation": delegation.pk}
        if _still_carried(signature, delegation) or _is_flagged(derogation, told):
            continue
        record(events.SIGNATURE_FLAGGED, by=by, on=derogation, hat="", branch_id=None, **told)
        flagged += 1
    return flagged


def _still_carried(signature: Signature, old: Delegation) -> bool:
    """Whether the line that replaced the closed one, confirmed as it was, covers that day."""
    new = Delegation.objects.filter(replaces=old).first()
    if new is None or new.confirmed_at != old.confirmed_at:
        return False
    day = day_of(signature.signed_at)
    return day >= new.valid.lower and (new.valid.upper is None or day < new.valid.upper)


def _is_flagged(derogation: Derogation, told: dict[str, int]) -> bool:
    """The task may run twice: the journal says what was flagged."""
    return AuditEvent.objects.filter(
        code=events.SIGNATURE_FLAGGED.code,
        object_type=derogation._meta.label_lower,
        object_id=derogation.pk,
        data__contains=told,
    ).exists()
