"""A delegation line said otherwise, with effect in the past, flags what was signed by it."""

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from derogations import events
from derogations.models import Derogation, Reexamination, Signature
from members.models import Delegation, User
from members.permissions import Refused, require
from members.roles import May
from portal.audit import SystemActor, record
from portal.clock import database_clock, day_of
from portal.commands import action
from portal.workflow import locked


@action
def flag_signatures(*, delegation: Delegation, by: SystemActor) -> int:
    """Mark « à réexaminer » each signature that a closed line no longer carries (signing.md §3.9).

    Signatures rest on it as the line relied on or as a substitute's own; one kept on a row that
    this one replaced rests on it too. An end to come undoes nothing: a signature given on a day
    that the confirmed successor still covers is left alone. Flagged once; nothing is voided, a
    person decides. Returns how many.
    """
    lines = _with_replaced(delegation)
    given = Signature.objects.filter(
        Q(delegation__in=lines) | Q(own_delegation__in=lines), voided_at__isnull=True
    )
    flagged = 0
    for signature in given.select_related("version__derogation"):
        if _still_carried(signature, delegation):
            continue
        _row, is_new = Reexamination.objects.get_or_create(
            signature=signature, delegation=delegation
        )
        if not is_new:
            continue
        told = {"signature": signature.pk, "delegation": delegation.pk}
        derogation = signature.version.derogation
        record(events.SIGNATURE_FLAGGED, by=by, on=derogation, hat="", branch_id=None, **told)
        flagged += 1
    return flagged


@action
def close_reexamination(*, derogation: Derogation, reason: str, by: User) -> int:
    """« Réexaminée »: a person of the plan's side says why the signatures stand (signing.md §3.9).

    Whoever signed does not look at it again alone. Returns how many were open. Raises
    ValidationError without a reason, or when nothing is open; Refused to a signer of it.
    """
    hat = require(by, May.RECORD_DELEGATION, on=derogation)
    fresh = locked(derogation)
    rows = Reexamination.objects.filter(
        signature__version__derogation=fresh, closed_at__isnull=True
    ).select_related("signature")
    found = list(rows)
    if not found:
        raise ValidationError(_("Aucune signature de cette dérogation n'est à réexaminer."))
    if not reason.strip():
        raise ValidationError({"reason": _("Écrivez ce que vous avez vérifié.")})
    if by.person_id in {row.signature.person_id for row in found}:
        raise Refused(_("Une autre personne que le signataire réexamine sa signature."))
    rows.update(closed_at=database_clock(), closed_by=by, reason=reason.strip())
    signatures = sorted({row.signature_id for row in found})
    record(
        events.SIGNATURE_REEXAMINED,
        by=by,
        on=fresh,
        hat=hat,
        reason=reason.strip(),
        signatures=signatures,
    )
    return len(found)


def _with_replaced(delegation: Delegation) -> list[int]:
    """The line's row and every one that it replaced, back to the first."""
    found: list[int] = []
    row: Delegation | None = delegation
    while row is not None:
        found.append(row.pk)
        row = row.replaces
    return found


def _still_carried(signature: Signature, old: Delegation) -> bool:
    """Whether the line that replaced the closed one, confirmed as it was, covers that day."""
    new = Delegation.objects.filter(replaces=old).first()
    if new is None or new.confirmed_at != old.confirmed_at:
        return False
    day = day_of(signature.signed_at)
    return day >= new.valid.lower and (new.valid.upper is None or day < new.valid.upper)
