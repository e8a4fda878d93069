"""The tasks: render, tell, recall, expire, seal, stamp the register, project signing grants."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import QuerySet

from derogations import documents
from derogations.actions.grants import project_signing_grants
from derogations.actions.messages import store_annex
from derogations.actions.reexamination import flag_signatures
from derogations.actions.reminders import expire_derogation, invite_to_sign, remind_signers
from derogations.actions.requests import discard_draft, lapse_version, store_version_paper
from derogations.actions.sealing import keep_stamp, note_seal_delay, publish_seal
from derogations.certificate import evidence_of, files_to_seal, render_unsealed, wording_of
from derogations.documents import render_request
from derogations.evidence import bundle
from derogations.mailings import WRITTEN, awaits_signers, derogation_named, version_named
from derogations.models import (
    Annex,
    Derogation,
    Message,
    Refusal,
    Reminder,
    Seal,
    Signature,
    Version,
    Withdrawal,
)
from derogations.queries.recipients import (
    accounts,
    drafts_abandoned,
    earlier_signers,
    first_told,
    interlocutors_of,
    reachable,
    recalls_due,
    renewers_of,
    requesters_of,
    talkers_of,
    told_not_signed,
    uninvited,
    versions_lapsed,
)
from derogations.queries.requests import derogations_to_expire
from derogations.queries.seals import (
    SEAL_TASK,
    forgotten_seals,
    is_stamp_due,
    link_of,
    register_hashes,
    signatures_of,
)
from derogations.queries.signing import members_with_requests
from derogations.sealing import SealUnavailable, seal_pdf, stamp
from members.models import Delegation, Organisation, User
from portal.audit import SYSTEM
from portal.clock import database_clock
from portal.documents import RenderFailed, require_renderer
from portal.files import NoRoom, read
from portal.journal import chain_events
from portal.mailing import post
from portal.queue import TryLater, later, was_promised
from portal.workflow import TransitionRefused

MAIL_TASK = "derogations.send_mail"
SEAL_WAIT = timedelta(seconds=30)
LINK_WAIT = timedelta(seconds=2)


@shared_task(name="derogations.render_version")
def render_version(version_id: int) -> None:
    """Render a version's frozen PDF once; its signers are told when it is kept (D-23)."""
    version = Version.objects.select_related("derogation__branch").get(pk=version_id)
    if version.pdf_id is None:
        require_renderer()
        store_version_paper(version=version, paper=render_request(version), by=SYSTEM)


@shared_task(name="derogations.tell_signers")
def tell_signers(version_id: int) -> None:
    """The link to each person who may sign and was not told yet; for want of one, INTRL (F-13).

    Promised when the request opens, at each new grant and after each signature (F-12, D-20).
    """
    version = version_named(version_id)
    derogation = version.derogation
    if not awaits_signers(version):
        return
    project_signing_grants(organisation=derogation.branch.organisation, by=SYSTEM)
    powers = first_told(derogation)
    invite_to_sign(version=version, people=reachable(powers), by=SYSTEM)
    if uninvited(derogation):
        _tell_once("uninvited", version.pk, interlocutors_of(derogation))


@shared_task(name="derogations.tell_unsignable")
def tell_unsignable(version_id: int) -> None:
    """INTRL learns that a request lacks a signer, each time that one more lacks (F-13)."""
    version = version_named(version_id)
    if awaits_signers(version):
        _tell("unsignable", version.pk, interlocutors_of(version.derogation))


@shared_task(name="derogations.tell_returned")
def tell_returned(derogation_id: int) -> None:
    """The requester learns what to complete; earlier signers, that theirs no longer counts."""
    derogation = Derogation.objects.select_related("version").get(pk=derogation_id)
    told = requesters_of(derogation)
    if derogation.version:
        _tell("returned", derogation.version_id, told | earlier_signers(derogation.version))


@shared_task(name="derogations.send_message")
def send_message(message_id: int) -> None:
    """A message waits in a request; its text stays in the portal (F-32)."""
    message = Message.objects.select_related("derogation").get(pk=message_id)
    _tell("message", message.pk, talkers_of(message))


@shared_task(name="derogations.send_reminder")
def send_reminder(reminder_id: int) -> None:
    """Tell a request to one person, or recall it, when it still waits (F-20)."""
    reminder = Reminder.objects.select_related("version__derogation").get(pk=reminder_id)
    if awaits_signers(reminder.version):
        _tell("reminder", reminder.pk, accounts({reminder.person_id}))


@shared_task(name="derogations.tell_signature")
def tell_signature(signature_id: int) -> None:
    """The requester, and the person for whom another signed, learn of it (F-13).

    Those whose signature is still awaited are told again, the others for the first time (D-20).
    """
    signature = Signature.objects.select_related("version__derogation").get(pk=signature_id)
    derogation = signature.version.derogation
    people = {derogation.requester_id, derogation.last_editor_id}
    if signature.acting_for_id:
        people.add(signature.acting_for_id)
    _tell("signature", signature.pk, accounts(people))
    if awaits_signers(signature.version):
        _tell("next", signature.pk, accounts(told_not_signed(signature.version)))
        later("derogations.tell_signers", version_id=signature.version_id)


@shared_task(name="derogations.tell_refusal")
def tell_refusal(refusal_id: int) -> None:
    """The requester, every earlier signer and who was acted for learn of a refusal (F-19)."""
    refusal = Refusal.objects.select_related("version__derogation").get(pk=refusal_id)
    told = requesters_of(refusal.version.derogation) | earlier_signers(refusal.version)
    _tell("refusal", refusal.pk, told | accounts({refusal.acting_for_id}))


@shared_task(name="derogations.tell_withdrawal")
def tell_withdrawal(withdrawal_id: int) -> None:
    """The requester, the signers and who was acted for learn of a withdrawal (R-22)."""
    withdrawal = Withdrawal.objects.select_related("derogation__version").get(pk=withdrawal_id)
    told = requesters_of(withdrawal.derogation) | accounts({withdrawal.acting_for_id})
    if withdrawal.derogation.version:
        told |= earlier_signers(withdrawal.derogation.version)
    _tell("withdrawal", withdrawal.pk, told)


@shared_task(name=MAIL_TASK)
def send_mail(about: str, pk: int, user_id: int) -> None:
    """One mail to one account, written as it leaves; none once it concerns nobody (X-21)."""
    user = User.objects.select_related("person").filter(pk=user_id, is_active=True).first()
    message = WRITTEN[about](pk, user) if user else None
    if message is not None:
        post(message)


def _tell(about: str, pk: int | None, users: QuerySet[User]) -> None:
    """A promise for each: an address that is refused stops no other (X-21)."""
    with transaction.atomic():
        for user_id in users.order_by("pk").values_list("pk", flat=True):
            later(MAIL_TASK, about=about, pk=pk, user_id=user_id)


def _tell_once(about: str, pk: int, users: QuerySet[User]) -> None:
    """The same, unless it was told before."""
    if not was_promised(MAIL_TASK, about=about, pk=pk):
        _tell(about, pk, users)


@shared_task(name="derogations.remind")
def remind() -> None:
    """Recall what has waited long enough, by working days (F-20)."""
    for recall in recalls_due():
        remind_signers(
            version=recall.version,
            people=recall.people,
            working_days=recall.working_days,
            by=SYSTEM,
        )


@shared_task(name="derogations.tell_renewal")
def tell_renewal(derogation_id: int) -> None:
    """Who asked for a derogation learns, once, that it ends soon (F-29)."""
    derogation = derogation_named(derogation_id)
    _tell_once("renewal", derogation.pk, renewers_of(derogation))


@shared_task(name="derogations.expire")
def expire() -> None:
    """What time ends: derogations past their last day, versions unsigned, drafts abandoned."""
    for derogation in derogations_to_expire():
        _unless_moved(expire_derogation, derogation)
    for derogation in versions_lapsed():
        _unless_moved(lapse_version, derogation)
    for derogation in drafts_abandoned():
        _unless_moved(discard_draft, derogation)


def _unless_moved(act, derogation: Derogation) -> None:  # type: ignore[no-untyped-def]
    """A person may have moved the request since it was read: that act stands."""
    try:
        act(derogation=derogation, by=SYSTEM)
    except TransitionRefused:
        return


@shared_task(name="derogations.seal")
def seal(version_id: int) -> None:
    """Seal the document of a signed version once; what is away makes it wait, without limit.

    The signer who left afterwards, or a withdrawal, undoes nothing of it (D-03, signing.md §3.6).
    """
    row = Seal.objects.select_related("version__derogation", "version__pdf").get(
        version_id=version_id
    )
    paper = row.version.pdf
    if row.file_id or paper is None:
        return
    chain_events()
    link = link_of(row.version.derogation)
    if link is None:
        raise TryLater("the journal's link", after=LINK_WAIT)
    try:
        require_renderer()
        signatures = signatures_of(row.version)
        files = files_to_seal(row, signatures, link, read(paper))
        sealed = seal_pdf(render_unsealed(row, signatures, link, files), wording_of(row))
        proof = bundle(evidence_of(row, files, sealed))
        publish_seal(
            seal=row, sealed=sealed, evidence=proof, journal_position=link.position, by=SYSTEM
        )
    except (SealUnavailable, RenderFailed, NoRoom, OSError, ValueError, TryLater) as error:
        note_seal_delay(seal=row, reason=str(error), by=SYSTEM)
        raise TryLater(str(error), after=SEAL_WAIT) from error


@shared_task(name="derogations.sweep_seals")
def sweep_seals() -> None:
    """Ask again for every seal that no task drives any more: pending has no end but the seal."""
    for version_id in forgotten_seals().values_list("version_id", flat=True):
        later(SEAL_TASK, version_id=version_id)


@shared_task(name="derogations.stamp_register")
def stamp_register() -> None:
    """Yearly, and before a certificate ends, a fresh timestamp over the register (§3.6).

    The beat asks every day: an authority that is away is asked again tomorrow.
    """
    if is_stamp_due():
        restamp_register()


@shared_task(name="derogations.restamp_register")
def restamp_register() -> None:
    """Stamp the register now, whatever the last stamp: an algorithm weakens (§3.6)."""
    hashes = register_hashes()
    keep_stamp(hashes=hashes, stamped=stamp(hashes.encode()), by=SYSTEM)


@shared_task(name="derogations.project_signing_grants")
def project_grants(organisation_id: int) -> None:
    """Give and take the signing grants of a member, after any change of its plan (F-12)."""
    organisation = Organisation.objects.get(pk=organisation_id)
    project_signing_grants(organisation=organisation, by=SYSTEM)


@shared_task(name="derogations.sweep_signing_grants")
def sweep_signing_grants() -> None:
    """What begins or ends with the day moves the grants of open requests (F-12, D-02)."""
    for organisation in members_with_requests():
        project_signing_grants(organisation=organisation, by=SYSTEM)


@shared_task(name="derogations.reexamine")
def reexamine(delegation_id: int) -> None:
    """Flag what was signed by a line that was said otherwise since (signing.md §3.9)."""
    flag_signatures(delegation=Delegation.objects.get(pk=delegation_id), by=SYSTEM)


@shared_task(name="derogations.render_annex")
def render_annex(annex_id: int) -> None:
    """Render the copy of a request's messages that was asked for, once (F-32)."""
    annex = Annex.objects.select_related("derogation__branch__organisation").get(pk=annex_id)
    if annex.file_id is None:
        require_renderer()
        now = database_clock()
        store_annex(
            annex=annex, paper=documents.render_annex(annex, now), produced_at=now, by=SYSTEM
        )
