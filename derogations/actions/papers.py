"""The paper path: a scan is attached, two persons confirm it, and it counts as signed (D-25, R-24).

The council's resolution follows the same path where no line suffices: number, day, extract.
"""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.actions.concluding import follow_signature, open_slot
from derogations.actions.seats import pending_kinds, relied_on
from derogations.declarations import power_key
from derogations.eligibility import judge_paper
from derogations.kinds import DerogationState, SignatureLevel
from derogations.models import Derogation, PaperSignature, Signature, Version
from derogations.queries.papers import still_eligible
from members.models import Person, StaffAppointment, User
from members.permissions import Refused, require
from members.queries.delegations import StandingPower
from members.roles import May
from portal.audit import record
from portal.clock import database_clock, day_of, midnight, today
from portal.commands import action
from portal.files import store
from portal.models import StoredFile
from portal.uploads import Upload
from portal.workflow import locked

A_DAY = timedelta(days=1)


@action
def attach_paper(
    *, derogation: Derogation, power: str, signed_on: date, scan: Upload, by: User
) -> PaperSignature:
    """Attach the printed PDF that a person of the plan signed by hand (D-25).

    One paper for each person who signs; a scan that nobody confirmed yet is replaced. Raises
    ValidationError, by field.
    """
    hat = require(by, May.ATTACH_PAPER, on=derogation)
    version = _awaiting(derogation)
    _require_day(version, signed_on, "signed_on")
    powers = still_eligible(version, _written_at(signed_on))
    chosen = next((row for row in powers if power_key(row) == power), None)
    if chosen is None:
        raise ValidationError({"power": _("Ce jour-là, ce pouvoir n'atteignait pas la demande.")})
    paper = _kept(version, chosen.person, by, signed_on=signed_on, scan=_stored(scan))
    paper.delegation = chosen.delegation
    paper.save()
    _note_attached(paper, by, hat)
    return paper


@action
def attach_resolution(
    *,
    derogation: Derogation,
    clerk: Person,
    number: str,
    adopted_on: date,
    extract: Upload,
    by: User,
) -> PaperSignature:
    """Attach the certified extract of the council's resolution, where no line suffices (R-24)."""
    hat = require(by, May.ATTACH_PAPER, on=derogation)
    version = _awaiting(derogation)
    _require_day(version, adopted_on, "adopted_on")
    if still_eligible(version, database_clock()):
        raise ValidationError(
            _("Une ligne du plan suffit : la personne qu'elle désigne signe cette demande.")
        )
    paper = _kept(version, clerk, by, signed_on=adopted_on, scan=_stored(extract))
    paper.resolution_number, paper.resolution_on = number, adopted_on
    paper.save()
    _note_attached(paper, by, hat)
    return paper


@action
def confirm_paper(*, paper: PaperSignature, by: User) -> PaperSignature:
    """Confirm the scan against the paper; the second of two persons makes it a signature (D-25).

    Neither attached nor signed it; one of the two at most is of ITQ (D-05). E3 to E10 are judged
    on the day written; a council's resolution concludes whatever the steps are (R-24). Raises
    ValidationError, Refused.
    """
    hat = require(by, May.CONFIRM_PAPER, on=paper.version.derogation)
    version = _awaiting(paper.version.derogation)
    fresh = locked(paper)
    _require_other(fresh, by)
    now = database_clock()
    if fresh.confirmed_at is None:
        fresh.confirmed_at, fresh.confirmed_by = now, by
    else:
        fresh.confirmed_again_at, fresh.confirmed_again_by = now, by
        fresh.signature = _written(version, fresh)
    fresh.save()
    record(
        events.PAPER_CONFIRMED,
        by=by,
        on=version.derogation,
        hat=hat,
        sha256=fresh.scan.sha256,
        second=fresh.signature is not None,
    )
    if fresh.signature is not None:
        follow_signature(
            version, fresh.signature, by=by, hat=hat, resolution=fresh.resolution_number
        )
    return fresh


def _awaiting(derogation: Derogation) -> Version:
    """The version that awaits signature, under the derogation's lock."""
    fresh = locked(derogation)
    version = fresh.version
    if fresh.state != DerogationState.SUBMITTED or version is None or version.pdf_id is None:
        raise ValidationError(_("Cette demande n'attend pas de signature."))
    version.derogation = fresh
    return version


def _require_day(version: Version, day: date, field: str) -> None:
    """Between the submission and today: nobody signed what was not yet frozen."""
    if not day_of(version.submitted_at) <= day <= today():
        raise ValidationError(
            {field: _("La date va de la soumission de la demande à aujourd'hui.")}
        )


def _written_at(day: date) -> datetime:
    """The end of the day written, or now: what was in force then."""
    return min(midnight(day + A_DAY) - timedelta(microseconds=1), database_clock())


def _stored(upload: Upload) -> StoredFile:
    """The scan, kept once."""
    return store(upload.content, name=upload.name, content_type=upload.content_type)


def _kept(
    version: Version, person: Person, by: User, *, signed_on: date, scan: StoredFile
) -> PaperSignature:
    """The person's paper on this version, new or not yet confirmed."""
    known = PaperSignature.objects.filter(version=version, person=person).first()
    paper = known or PaperSignature(version=version, person=person)
    if paper.confirmed_at is not None:
        raise ValidationError(_("La signature manuscrite de cette personne est déjà confirmée."))
    paper.signed_on, paper.scan, paper.attached_by = signed_on, scan, by
    paper.delegation, paper.resolution_number, paper.resolution_on = None, "", None
    return paper


def _note_attached(paper: PaperSignature, by: User, hat: str) -> None:
    record(
        events.PAPER_ATTACHED,
        by=by,
        on=paper.version.derogation,
        hat=hat,
        sha256=paper.scan.sha256,
        signed_on=paper.signed_on.isoformat(),
        resolution=paper.resolution_number,
    )


def _require_other(paper: PaperSignature, by: User) -> None:
    """Two persons, neither who attached nor who signed, one of ITQ at most (D-25)."""
    first = paper.confirmed_by
    involved = {paper.attached_by.person_id, paper.person_id, first.person_id if first else None}
    if by.person_id in involved:
        raise Refused(
            _("Une autre personne confirme : ni celle qui a joint, ni celle qui a signé.")
        )
    if first is not None and _of_itq(first) and _of_itq(by):
        raise Refused(_("L'une des deux confirmations vient de l'organisme."))


def _of_itq(user: User) -> bool:
    return StaffAppointment.objects.in_force().filter(person=user.person_id).exists()


def _written(version: Version, paper: PaperSignature) -> Signature:
    """The signature's row in the next slot, marked handwritten (D-25).

    Raises ValidationError where E3 to E10 refuse on the day written.
    """
    at = _written_at(paper.signed_on)
    powers, lacking = judge_paper(version, paper, at)
    if lacking:
        raise ValidationError([ground.sentence for ground in lacking])
    slot = open_slot(version)
    assert slot is not None
    return Signature.objects.create(
        version=version,
        step=slot[0],
        slot=slot[1],
        kinds=sorted(pending_kinds(version.derogation)),
        person=paper.person,
        level=SignatureLevel.HANDWRITTEN,
        content_sha256=version.content_sha256,
        pdf_sha256=version.pdf_sha256,
        proof={"scan_sha256": paper.scan.sha256, "resolution": paper.resolution_number},
        signed_at=at,
        **_rests_on(powers, paper.person),
    )


def _rests_on(powers: tuple[StandingPower, ...], person: Person) -> dict[str, object]:
    """The power's fields; for a resolution, only who certified its extract."""
    return relied_on(powers[0]) if powers else {"person_name": str(person)}
