"""The paper path: a scan is attached, two persons confirm it, and it counts as signed (D-25, R-24).

The council's resolution follows the same path where no line suffices: number, day, extract.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.actions.concluding import follow_signature, open_slot
from derogations.actions.refusals import HeadRefusal, refuse_some
from derogations.actions.seats import hold_rows, pending_kinds, relied_on
from derogations.declarations import power_key
from derogations.eligibility import eligible_signers, facts_of, judge_paper
from derogations.kinds import DerogationState, SignatureLevel
from derogations.models import Derogation, PaperSignature, Signature, Version
from derogations.queries.likes import together_with
from derogations.queries.recipients import signers_lacking
from members.models import Person, StaffAppointment, User
from members.permissions import Refused, require
from members.queries.delegations import StandingPower
from members.roles import May
from portal.audit import record
from portal.clock import database_clock, day_of, midnight, today
from portal.commands import action
from portal.files import store_document
from portal.models import StoredFile
from portal.uploads import Upload
from portal.workflow import locked

A_DAY = timedelta(days=1)
NOTHING: Mapping[str, HeadRefusal] = MappingProxyType({})


@action
def attach_paper(
    *,
    derogation: Derogation,
    power: str,
    signed_on: date,
    scan: Upload,
    by: User,
    refused: Mapping[str, HeadRefusal] = NOTHING,
    together_reason: str = "",
) -> PaperSignature:
    """Attach the printed PDF that a person of the plan signed by hand (D-25).

    One paper for each person who signs, replaced by a later one until it counts. ``refused`` are
    the heads that the paper refuses (R-20), ``together_reason`` what E6 may ask. E3 to E10 are
    judged now, as they will be at the second confirmation. Raises ValidationError, by field.
    """
    hat = require(by, May.ATTACH_PAPER, on=derogation)
    version = _awaiting(derogation)
    _require_day(version, signed_on, "signed_on")
    at = _written_at(signed_on)
    powers = eligible_signers(version.derogation, version, at)
    chosen = next((row for row in powers if power_key(row) == power), None)
    if chosen is None:
        raise ValidationError({"power": _("Ce jour-là, ce pouvoir n'atteignait pas la demande.")})
    granted = _granted(version, refused)
    _require_reason(version, granted, chosen, at, together_reason)
    known = version.papers.filter(person=chosen.person, delegation__isnull=False).first()
    paper = known or PaperSignature(version=version, person=chosen.person)
    paper.delegation = chosen.delegation
    _keep(paper, by, signed_on=signed_on, scan=store_document(scan))
    _powers_of(version, paper, at)
    paper.together_reason, paper.refused = together_reason.strip(), _words(refused)
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
    refused: Mapping[str, HeadRefusal] = NOTHING,
) -> PaperSignature:
    """Attach the certified extract of the council's resolution, where no line suffices (R-24).

    Whom R-21 keeps from signing certifies no extract. Raises ValidationError, by field.
    """
    hat = require(by, May.ATTACH_PAPER, on=derogation)
    version = _awaiting(derogation)
    _require_day(version, adopted_on, "adopted_on")
    if not signers_lacking(version.derogation):
        raise ValidationError(
            _("Une ligne du plan suffit : la personne qu'elle désigne signe cette demande.")
        )
    if clerk.pk in facts_of(version.derogation, version).barred:
        raise ValidationError(
            {
                "clerk": _(
                    "Cette personne a demandé ou modifié la demande, ou en est l'utilisateur : "
                    "une autre certifie l'extrait."
                )
            }
        )
    _granted(version, refused)
    known = version.papers.filter(delegation__isnull=True).first()
    paper = known or PaperSignature(version=version)
    paper.person = clerk
    _keep(paper, by, signed_on=adopted_on, scan=store_document(extract))
    paper.resolution_number, paper.resolution_on = number, adopted_on
    paper.refused, paper.together_reason = _words(refused), ""
    paper.save()
    _note_attached(paper, by, hat)
    return paper


@action
def confirm_paper(
    *, paper: PaperSignature, scan_sha256: str, by: User, together_reason: str = ""
) -> PaperSignature:
    """Confirm the scan against the paper; the second of two persons makes it a signature (D-25).

    ``scan_sha256`` is of the scan that was read. Neither attached nor signed it, nor asked for the
    request; one of the two at most is of ITQ (D-05). E3 to E10 are judged on the day written,
    every row held as for a gesture; a council's resolution concludes whatever the steps are
    (R-24). Raises ValidationError, Refused.
    """
    hat = require(by, May.CONFIRM_PAPER, on=paper.version.derogation)
    version = _awaiting(paper.version.derogation)
    fresh = locked(paper)
    _require_same(version, fresh, scan_sha256)
    _require_other(version, fresh, by)
    hold_rows(version.derogation, fresh.person, by)
    now = database_clock()
    fresh.together_reason = fresh.together_reason or together_reason.strip()
    if fresh.confirmed_at is None:
        fresh.confirmed_at, fresh.confirmed_by = now, by
    else:
        fresh.confirmed_again_at, fresh.confirmed_again_by = now, by
        fresh.signature = _written(version, fresh, by, hat)
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


def _keep(paper: PaperSignature, by: User, *, signed_on: date, scan: StoredFile) -> None:
    """The scan attached now, in the place of an earlier one: two persons confirm it afresh."""
    paper.signed_on, paper.scan, paper.attached_by = signed_on, scan, by
    paper.confirmed_at = paper.confirmed_by = None


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


def _require_same(version: Version, paper: PaperSignature, scan_sha256: str) -> None:
    """What is confirmed is what was read: this version, that scan."""
    if paper.version_id != version.pk:
        raise ValidationError(
            _("La demande a changé depuis ce papier : il ne vaut pas pour la version courante.")
        )
    if paper.scan.sha256 != scan_sha256:
        raise ValidationError(
            _("Le document joint a été remplacé depuis : relisez-le, puis confirmez.")
        )


def _require_other(version: Version, paper: PaperSignature, by: User) -> None:
    """Two persons, one of ITQ at most; none who attached, signed, or may not sign (D-25, R-21)."""
    first = paper.confirmed_by
    involved = {
        paper.attached_by.person_id,
        paper.person_id,
        paper.person.merged_into_id,
        first.person_id if first else None,
    }
    if by.person_id in involved | facts_of(version.derogation, version).barred:
        raise Refused(
            _(
                "Une autre personne confirme : ni celle qui a joint, ni celle qui a signé, ni "
                "celle qui a demandé ou modifié la demande ou s'en servira."
            )
        )
    if first is not None and _of_itq(first) and _of_itq(by):
        raise Refused(_("L'une des deux confirmations vient de l'organisme."))


def _of_itq(user: User) -> bool:
    return StaffAppointment.objects.in_force().filter(person=user.person_id).exists()


def _granted(version: Version, refused: Mapping[str, HeadRefusal]) -> list[str]:
    """The heads still to decide that the paper grants; one at least (R-20)."""
    granted = sorted(pending_kinds(version.derogation) - set(refused))
    if not granted:
        raise ValidationError(
            _(
                "Le document accorde au moins un volet ; pour tout refuser, "
                "la personne refuse la demande au portail."
            )
        )
    return granted


def _words(refused: Mapping[str, HeadRefusal]) -> dict[str, dict[str, str]]:
    """The refused heads as JSON values."""
    return {kind: asdict(refusal) for kind, refusal in refused.items()}


def _require_reason(
    version: Version, granted: list[str], power: StandingPower, at: datetime, reason: str
) -> None:
    """Like requests that pass the ceiling together need a written reason, on paper too (E6)."""
    if not reason.strip() and together_with(version, granted, power, at).passes:
        raise ValidationError(
            {
                "together_reason": _(
                    "Avec les demandes semblables des 90 derniers jours, le plafond est dépassé : "
                    "écrivez pourquoi elles sont distinctes."
                )
            }
        )


def _written(version: Version, paper: PaperSignature, by: User, hat: str) -> Signature:
    """The signature's row in the next slot, marked handwritten, and the heads refused (D-25).

    Raises ValidationError where E3 to E10 refuse on the day written.
    """
    at = _written_at(paper.signed_on)
    powers = _powers_of(version, paper, at)
    refused = {
        kind: HeadRefusal(**words)
        for kind, words in paper.refused.items()
        if kind in pending_kinds(version.derogation)
    }
    granted = _granted(version, refused)
    if powers:
        _require_reason(version, granted, powers[0], at, paper.together_reason)
    slot = open_slot(version)
    assert slot is not None
    power = _rests_on(powers, paper.person)
    signature = Signature.objects.create(
        version=version,
        step=slot[0],
        slot=slot[1],
        kinds=granted,
        person=paper.person,
        level=SignatureLevel.HANDWRITTEN,
        content_sha256=version.content_sha256,
        pdf_sha256=version.pdf_sha256,
        proof={"scan_sha256": paper.scan.sha256, "resolution": paper.resolution_number},
        together_reason=paper.together_reason,
        signed_at=at,
        **power,
    )
    refuse_some(version, refused, by=by, hat=hat, person=paper.person, refused_at=at, **power)
    return signature


def _powers_of(version: Version, paper: PaperSignature, at: datetime) -> tuple[StandingPower, ...]:
    """The powers by which a paper counts; none for a resolution. Raises ValidationError."""
    powers, lacking = judge_paper(version, paper, at)
    if lacking:
        raise ValidationError([ground.sentence for ground in lacking])
    return powers


def _rests_on(powers: tuple[StandingPower, ...], person: Person) -> dict[str, object]:
    """The power's fields; for a resolution, only who certified its extract."""
    return relied_on(powers[0]) if powers else {"person_name": str(person)}
