"""The life of a request around its signature: freeze it, return it, cancel it, keep its paper."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.attempts import refused_for
from derogations.completeness import PART_OF_FIELD
from derogations.eligibility import judge_powers
from derogations.freezing import canonical, frozen_text
from derogations.kinds import HeadDecision
from derogations.models import Derogation, FieldComment, Version
from derogations.queries.requests import missing_in, open_comments, terms_to_freeze, with_proof
from derogations.states import CANCEL, RETURN, SUBMIT
from derogations.working_days import VERSION_LIFE
from members.models import User
from members.permissions import perform, require, require_granted
from members.roles import May, PersonalMay
from portal.audit import SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.models import StoredFile
from portal.queue import later
from portal.workflow import advance, locked


@action
def submit_request(*, derogation: Derogation, by: User) -> Derogation:
    """Freeze the request in a new version and send it to its signers (signing.md §3.1, D-20, D-22).

    Earlier signatures and challenges are void (F-15). Raises ValidationError by field for what is
    missing.
    """
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    locked(derogation)
    fresh = with_proof(Derogation.objects.filter(pk=derogation.pk)).get()
    lacks = missing_in(fresh)
    if lacks:
        raise ValidationError([lack.sentence for lack in lacks])
    _void(fresh, _("Une version plus récente la remplace."), by)
    version = _freeze(fresh, by)
    for comment in open_comments(fresh):
        comment.resolved_at = version.submitted_at
        comment.save(update_fields=["resolved_at"])
    told = {"version": version, "version_number": version.number}
    submitted = advance(SUBMIT, on=fresh, by=by, hat=hat, **told)
    later("derogations.render_version", version_id=version.pk)
    return submitted


@action
def return_request(*, derogation: Derogation, comments: Mapping[str, str], by: User) -> Derogation:
    """A signer returns the request with a comment a field; each opens just its field (F-30).

    « Poser une question » is that. Signatures already given are void (D-20). Raises
    ValidationError without any comment, AttemptRefused to whom the plan no longer lets sign.
    """
    hat = require_granted(by, PersonalMay.SIGN_DEROGATION, on=derogation)
    asked = {name: text.strip() for name, text in comments.items() if text.strip()}
    if not asked:
        raise ValidationError(_("Dites ce qu'il faut compléter, dans un champ au moins."))
    foreign = sorted(set(asked) - set(PART_OF_FIELD))
    if foreign:
        raise ValueError(f"not a field of a request: {foreign}")
    fresh = locked(derogation)
    _require_signer(fresh, by)
    returned = advance(RETURN, on=fresh, by=by, hat=hat, commented=sorted(asked))
    _void(returned, _("La demande est rendue pour être complétée."), by)
    FieldComment.objects.bulk_create(
        FieldComment(derogation=returned, field=name, text=text, written_by=by)
        for name, text in asked.items()
    )
    _follow(returned)
    later("derogations.tell_returned", derogation_id=returned.pk)
    return returned


@action
def cancel_request(*, derogation: Derogation, reason: str, by: User) -> Derogation:
    """The requester's side gives the request up, with a reason; nobody may sign it any more."""
    cancelled = perform(CANCEL, on=derogation, by=by, reason=reason)
    _void(cancelled, _("La demande est annulée."), by)
    _follow(cancelled)
    return cancelled


@action
def store_version_paper(*, version: Version, paper: StoredFile, by: SystemActor) -> Version:
    """Keep the frozen PDF: from now on the version can be signed (D-23)."""
    fresh = locked(version)
    if fresh.pdf_id is not None:
        return fresh
    fresh.pdf = paper
    fresh.save(update_fields=["pdf"])
    derogation = fresh.derogation
    record(
        events.VERSION_RENDERED,
        by=by,
        on=derogation,
        version=fresh.number,
        content_sha256=fresh.content_sha256,
        pdf_sha256=paper.sha256,
    )
    _follow(derogation)
    if fresh.voided_at is None:
        later("derogations.tell_signers", version_id=fresh.pk)
    return fresh


@action
def lapse_version(*, derogation: Derogation, by: SystemActor) -> Derogation:
    """Nobody signed before the version's end: the request comes back, whole, to be renewed (E9)."""
    returned = advance(RETURN, on=derogation, by=by, reason=_("Aucune signature à temps."))
    _void(returned, _("Aucune signature à temps."), by)
    _follow(returned)
    later("derogations.tell_returned", derogation_id=returned.pk)
    return returned


@action
def discard_draft(*, derogation: Derogation, by: SystemActor) -> Derogation:
    """A draft untouched for 90 days is cancelled (F-28)."""
    return advance(CANCEL, on=derogation, by=by, reason=_("Brouillon laissé 90 jours."))


def _require_signer(derogation: Derogation, by: User) -> None:
    """E3 to E8 now, beside the grant, which may outlive a change of the plan a moment (D-02)."""
    version = derogation.version
    assert version is not None
    assert by.person is not None
    version.derogation = derogation
    powers, lacking = judge_powers(version, by.person, database_clock())
    if not powers:
        raise refused_for(lacking)


def _freeze(derogation: Derogation, by: User) -> Version:
    """The next version: canonical text, its hash, the steps and the sum, all immutable."""
    terms = terms_to_freeze(derogation)
    assert terms.amount is not None
    number = derogation.versions.count() + 1
    text, sha256 = frozen_text(canonical(derogation, terms, number))
    derogation.heads.exclude(decision=HeadDecision.PENDING).update(
        decision=HeadDecision.PENDING, refusal_reason="", refusal_text="", next_step=""
    )
    submitted_at = database_clock()
    version = Version.objects.create(
        derogation=derogation,
        number=number,
        content=text,
        content_sha256=sha256,
        steps=[step.needed for step in terms.steps],
        step_posts=[step.post for step in terms.steps if step.post],
        total_amount=terms.amount,
        submitted_by=by,
        expires_at=submitted_at + VERSION_LIFE,
    )
    version.refresh_from_db(fields=["submitted_at"])
    return version


def _void(derogation: Derogation, reason: str, by: User | SystemActor) -> None:
    """The version that stood, its signatures and its open challenges are worth nothing (D-20)."""
    version = derogation.version
    if version is None or version.voided_at is not None:
        return
    version.voided_at, version.void_reason = database_clock(), reason
    version.save(update_fields=["voided_at", "void_reason"])
    for signature in version.signatures.filter(voided_at__isnull=True):
        signature.voided_at, signature.void_reason = version.voided_at, reason
        signature.save(update_fields=["voided_at", "void_reason"])
        record(
            events.SIGNATURE_VOIDED,
            by=by,
            on=derogation,
            person=signature.person_name,
            reason=reason,
        )
    open_ones = version.challenges.filter(consumed_at__isnull=True)
    open_ones.filter(expires_at__gt=version.voided_at).update(expires_at=version.voided_at)


def _follow(derogation: Derogation) -> None:
    """Grants go or come with the state (signing.md §2)."""
    later(
        "derogations.project_signing_grants",
        organisation_id=derogation.branch.organisation_id,
    )
