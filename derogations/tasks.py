"""The derogations' tasks: render, tell, recall, expire; each loads an id and calls one action."""

from datetime import timedelta

from celery import shared_task

from derogations.actions.grants import project_signing_grants
from derogations.actions.reexamination import flag_signatures
from derogations.actions.reminders import expire_derogation, remind_signers
from derogations.actions.requests import discard_draft, lapse_version, store_version_paper
from derogations.actions.sealing import keep_stamp, note_seal_delay, publish_seal
from derogations.certificate import evidence_of, render_unsealed, wording_of
from derogations.documents import render_request
from derogations.emails import (
    message_mail,
    refusal_mail,
    reminder_mail,
    request_mail,
    returned_mail,
    signature_mail,
    unsignable_mail,
    withdrawal_mail,
)
from derogations.evidence import bundle
from derogations.models import (
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
    recalls_due,
    requesters_of,
    talkers_of,
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
from members.models import Delegation, Organisation
from portal.audit import SYSTEM
from portal.documents import RenderFailed, require_renderer
from portal.files import NoRoom, read
from portal.journal import chain_events
from portal.queue import TryLater, later
from portal.workflow import TransitionRefused

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
    """The link to each person who may sign, once it opens; for want of one, INTRL (F-13)."""
    version = _version(version_id)
    if version.voided_at or version.derogation.version_id != version.pk:
        return
    project_signing_grants(organisation=version.derogation.branch.organisation, by=SYSTEM)
    powers = {power.person.pk: power for power in first_told(version.derogation)}
    for user in accounts(set(powers)):
        assert user.person_id is not None
        request_mail(version, user, powers[user.person_id]).send()
    if not powers:
        for user in interlocutors_of(version.derogation):
            unsignable_mail(version, user).send()


@shared_task(name="derogations.tell_returned")
def tell_returned(derogation_id: int) -> None:
    """The requester learns what to complete; earlier signers, that theirs no longer counts."""
    derogation = Derogation.objects.select_related("branch__organisation", "version").get(
        pk=derogation_id
    )
    told = {user.pk: user for user in requesters_of(derogation)}
    if derogation.version:
        told |= {user.pk: user for user in earlier_signers(derogation.version)}
    for user in told.values():
        returned_mail(derogation, user).send()


@shared_task(name="derogations.send_message")
def send_message(message_id: int) -> None:
    """A message waits in a request; its text stays in the portal (F-32)."""
    message = Message.objects.select_related("derogation__branch__organisation").get(pk=message_id)
    for user, as_signer in talkers_of(message):
        message_mail(message, user, as_signer=as_signer).send()


@shared_task(name="derogations.send_reminder")
def send_reminder(reminder_id: int) -> None:
    """Recall a request to one person, when it still waits (F-20)."""
    reminder = Reminder.objects.select_related(
        "person", "version__derogation__branch__organisation"
    ).get(pk=reminder_id)
    derogation = reminder.version.derogation
    if reminder.version.voided_at or derogation.version_id != reminder.version_id:
        return
    for user in accounts({reminder.person_id}):
        reminder_mail(reminder, user).send()


@shared_task(name="derogations.tell_signature")
def tell_signature(signature_id: int) -> None:
    """The requester, and the person for whom another signed, learn of it (F-13)."""
    signature = Signature.objects.select_related(
        "person", "acting_for", "delegation", "version__derogation__branch__organisation"
    ).get(pk=signature_id)
    derogation = signature.version.derogation
    people = {derogation.requester_id, derogation.last_editor_id}
    if signature.acting_for_id:
        people.add(signature.acting_for_id)
    for user in accounts(people):
        signature_mail(signature, user).send()


@shared_task(name="derogations.tell_refusal")
def tell_refusal(refusal_id: int) -> None:
    """The requester and every earlier signer learn of a refusal (F-19)."""
    refusal = Refusal.objects.select_related(
        *("person", "acting_for", "delegation__plan"), "version__derogation__branch__organisation"
    ).get(pk=refusal_id)
    told = {user.pk: user for user in requesters_of(refusal.version.derogation)}
    told |= {user.pk: user for user in earlier_signers(refusal.version)}
    for user in told.values():
        refusal_mail(refusal, user).send()


@shared_task(name="derogations.tell_withdrawal")
def tell_withdrawal(withdrawal_id: int) -> None:
    """The requester and the signers learn that a signature is taken back (R-22)."""
    withdrawal = Withdrawal.objects.select_related(
        *("person", "acting_for", "delegation__plan"),
        *("derogation__branch__organisation", "derogation__version"),
    ).get(pk=withdrawal_id)
    told = {user.pk: user for user in requesters_of(withdrawal.derogation)}
    if withdrawal.derogation.version:
        told |= {user.pk: user for user in earlier_signers(withdrawal.derogation.version)}
    for user in told.values():
        withdrawal_mail(withdrawal, user).send()


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


def _version(version_id: int) -> Version:
    """A version with its request, in one query."""
    rows = Version.objects.select_related("derogation__branch__organisation", "derogation__version")
    return rows.prefetch_related("derogation__heads").get(pk=version_id)


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
        frozen = read(paper)
        sealed = seal_pdf(render_unsealed(row, signatures, link, frozen), wording_of(row))
        proof = bundle(evidence_of(row, signatures, link, sealed, frozen))
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
