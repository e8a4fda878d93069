"""How each mail is written as it leaves: the rows that it tells of, and whether it still should."""

from collections.abc import Callable
from typing import TypeVar

from django.core.mail import EmailMessage

from derogations.emails import (
    message_mail,
    next_mail,
    refusal_mail,
    reminder_mail,
    renewal_mail,
    request_mail,
    returned_mail,
    signature_mail,
    uninvited_mail,
    unsignable_mail,
    withdrawal_mail,
)
from derogations.kinds import DerogationState
from derogations.models import (
    Derogation,
    Message,
    Refusal,
    Reminder,
    Signature,
    Version,
    Withdrawal,
)
from derogations.queries.recipients import (
    powers_due,
    signers_lacking,
    still_needed,
    uninvited,
)
from members.models import User

A = TypeVar("A", Signature, Refusal)


def derogation_named(pk: int) -> Derogation:
    """A derogation with its member."""
    return Derogation.objects.select_related("branch__organisation").get(pk=pk)


def version_named(version_id: int) -> Version:
    """A version with its request, in one query."""
    rows = Version.objects.select_related("derogation__branch__organisation", "derogation__version")
    return rows.prefetch_related("derogation__heads").get(pk=version_id)


def awaits_signers(version: Version) -> bool:
    """Whether the version is the one that awaits its signers."""
    derogation = version.derogation
    current = derogation.version_id == version.pk and version.voided_at is None
    return current and derogation.state == DerogationState.SUBMITTED


def _reminder(pk: int, user: User) -> EmailMessage | None:
    """The first word of a request, or a recall; none to whom no signature is asked any more."""
    reminder = Reminder.objects.select_related("person").get(pk=pk)
    version = version_named(reminder.version_id)
    if not awaits_signers(version):
        return None
    powers, _post = powers_due(version.derogation)
    power = next((power for power in powers if power.person.pk == user.person_id), None)
    if power and reminder.working_days:
        reminder.version = version
        return reminder_mail(reminder, user)
    return request_mail(version, user, power) if power else None


def _next_signer(pk: int, user: User) -> EmailMessage | None:
    """Another signature was given; this person's is still awaited (D-20)."""
    signature = _act(Signature, pk)
    powers, _post = powers_due(signature.version.derogation)
    waits = any(power.person.pk == user.person_id for power in powers)
    return next_mail(signature, user) if waits else None


def _unsignable(pk: int, user: User) -> EmailMessage | None:
    """How many lack, as the plan stands now."""
    version = version_named(pk)
    lacking = signers_lacking(version.derogation) if awaits_signers(version) else []
    needed = still_needed(version.derogation)
    return unsignable_mail(version, user, lacking=lacking, needed=needed) if lacking else None


def _uninvited(pk: int, user: User) -> EmailMessage | None:
    """The people without an account, as they are now."""
    version = version_named(pk)
    powers = uninvited(version.derogation)
    return uninvited_mail(version, user, powers) if powers else None


def _message(pk: int, user: User) -> EmailMessage:
    """By the page that the person may open."""
    rows = Message.objects.select_related("derogation__branch__organisation")
    return message_mail(rows.get(pk=pk), user)


def _withdrawn(pk: int, user: User) -> EmailMessage:
    """The withdrawal with the power relied on."""
    rows = Withdrawal.objects.select_related(
        *("person", "acting_for", "delegation__plan"), "derogation__branch__organisation"
    )
    return withdrawal_mail(rows.get(pk=pk), user)


def _act(model: type[A], pk: int) -> A:
    """A signature or a refusal, with its request and the power relied on."""
    rows = model._base_manager.select_related(
        *("person", "acting_for", "delegation__plan"),
        *("version__derogation__branch__organisation", "version__derogation__version"),
    )
    found: A = rows.get(pk=pk)
    return found


WRITTEN: dict[str, Callable[[int, User], EmailMessage | None]] = {
    "reminder": _reminder,
    "next": _next_signer,
    "unsignable": _unsignable,
    "uninvited": _uninvited,
    "returned": lambda pk, user: returned_mail(version_named(pk).derogation, user),
    "message": _message,
    "signature": lambda pk, user: signature_mail(_act(Signature, pk), user),
    "refusal": lambda pk, user: refusal_mail(_act(Refusal, pk), user),
    "withdrawal": _withdrawn,
    "renewal": lambda pk, user: renewal_mail(derogation_named(pk), user),
}
"""How each mail is written, by what it tells of."""
