"""What the derogations' messages say: each has one message-id, however often it is sent (X-21).

The text of a request never travels: a message names it and gives its address.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.models import (
    Derogation,
    Message,
    Refusal,
    Reminder,
    Signature,
    Version,
    Withdrawal,
)
from derogations.reading import capacity_sentence
from members.models import User
from members.permissions import can
from members.queries.delegations import StandingPower
from members.roles import May


def request_mail(version: Version, user: User, power: StandingPower) -> EmailMessage:
    """To a person who may sign: the link that opens the request's own page (F-13)."""
    return _mail(
        "emails/derogations/request.txt",
        key=f"derogation-{version.pk}-{user.pk}",
        to=user.email,
        subject=_("À signer : dérogation %(number)s") % {"number": version.derogation.number},
        version=version,
        derogation=version.derogation,
        power=power,
        person=power.person,
        link=signing_link(version.derogation),
    )


def reminder_mail(reminder: Reminder, user: User) -> EmailMessage:
    """A request still waits for a signature (F-20)."""
    derogation = reminder.version.derogation
    return _mail(
        "emails/derogations/reminder.txt",
        key=f"derogation-reminder-{reminder.pk}-{user.pk}",
        to=user.email,
        subject=_("Rappel : dérogation %(number)s à signer") % {"number": derogation.number},
        reminder=reminder,
        derogation=derogation,
        person=reminder.person,
        link=signing_link(derogation),
    )


def returned_mail(derogation: Derogation, user: User) -> EmailMessage:
    """To the requester's side: what must be completed waits in the portal (F-30)."""
    return _mail(
        "emails/derogations/returned.txt",
        key=f"derogation-returned-{derogation.version_id}-{user.pk}",
        to=user.email,
        subject=_("À compléter : dérogation %(number)s") % {"number": derogation.number},
        derogation=derogation,
        person=user.person,
        link=page_link(derogation, user),
    )


def message_mail(message: Message, user: User) -> EmailMessage:
    """Someone wrote in a request; the words stay in the portal (F-32)."""
    derogation = message.derogation
    return _mail(
        "emails/derogations/message.txt",
        key=f"derogation-message-{message.pk}-{user.pk}",
        to=user.email,
        subject=_("Un message dans la dérogation %(number)s") % {"number": derogation.number},
        derogation=derogation,
        person=user.person,
        link=page_link(derogation, user),
    )


def unsignable_mail(
    version: Version, user: User, *, lacking: list[str], needed: int
) -> EmailMessage:
    """To INTRL: nobody, or too few, can sign a request that was submitted (signing.md §2)."""
    derogation = version.derogation
    slug = derogation.branch.organisation.slug
    return _mail(
        "emails/derogations/unsignable.txt",
        key=f"derogation-unsignable-{version.pk}-{needed}-{len(lacking)}-{user.pk}",
        to=user.email,
        subject=_("Personne ne peut signer la dérogation %(number)s")
        % {"number": derogation.number},
        derogation=derogation,
        person=user.person,
        lacking=len(lacking),
        needed=needed,
        posts=", ".join(filter(None, lacking)),
        plan_link=f"{settings.BASE_URL}/organismes/{slug}/delegations/",
        link=request_link(derogation),
    )


def signature_mail(signature: Signature, user: User) -> EmailMessage:
    """To the requester's side, and to the person for whom another signed (F-13)."""
    derogation = signature.version.derogation
    return _mail(
        "emails/derogations/signature.txt",
        key=f"derogation-signature-{signature.pk}-{user.pk}",
        to=user.email,
        subject=_("Dérogation %(number)s : signature donnée") % {"number": derogation.number},
        signature=signature,
        derogation=derogation,
        person=user.person,
        link=page_link(derogation, user),
    )


def refusal_mail(refusal: Refusal, user: User) -> EmailMessage:
    """To the requester and to every earlier signer: the reason and the next step (F-19)."""
    derogation = refusal.version.derogation
    return _mail(
        "emails/derogations/refusal.txt",
        key=f"derogation-refusal-{refusal.pk}-{user.pk}",
        to=user.email,
        subject=_("Dérogation %(number)s : refus") % {"number": derogation.number},
        refusal=refusal,
        who=capacity_sentence(refusal),
        derogation=derogation,
        person=user.person,
        link=page_link(derogation, user),
    )


def withdrawal_mail(withdrawal: Withdrawal, user: User) -> EmailMessage:
    """To the requester and to the signers: a signature is taken back (R-22)."""
    derogation = withdrawal.derogation
    return _mail(
        "emails/derogations/withdrawal.txt",
        key=f"derogation-withdrawal-{withdrawal.pk}-{user.pk}",
        to=user.email,
        subject=_("Dérogation %(number)s : signature retirée") % {"number": derogation.number},
        withdrawal=withdrawal,
        who=capacity_sentence(withdrawal),
        derogation=derogation,
        person=user.person,
        link=page_link(derogation, user),
    )


def next_mail(signature: Signature, user: User) -> EmailMessage:
    """To a person whose signature is still awaited after another's (D-20)."""
    derogation = signature.version.derogation
    return _mail(
        "emails/derogations/next.txt",
        key=f"derogation-next-{signature.pk}-{user.pk}",
        to=user.email,
        subject=_("À signer : dérogation %(number)s") % {"number": derogation.number},
        who=capacity_sentence(signature),
        version=signature.version,
        derogation=derogation,
        person=user.person,
        link=signing_link(derogation),
    )


def uninvited_mail(version: Version, user: User, powers: Sequence[StandingPower]) -> EmailMessage:
    """To INTRL: who may sign and has no account, each with the page that invites (E3)."""
    derogation = version.derogation
    slug = derogation.branch.organisation.slug
    people = [
        (
            power,
            settings.BASE_URL
            + reverse("members:signer_invite", args=[slug, power.delegation.pk, power.person.pk]),
        )
        for power in powers
    ]
    return _mail(
        "emails/derogations/uninvited.txt",
        key=f"derogation-uninvited-{version.pk}-{user.pk}",
        to=user.email,
        subject=_("Personne sans compte : invitez-la à signer %(number)s")
        % {"number": derogation.number},
        derogation=derogation,
        person=user.person,
        people=people,
    )


def renewal_mail(derogation: Derogation, user: User) -> EmailMessage:
    """To who asked for it: a derogation ends soon, its renewal is asked now (F-29)."""
    slug = derogation.branch.organisation.slug
    path = reverse("orders:derogation_dependents", args=[slug, derogation.number])
    return _mail(
        "emails/derogations/renewal.txt",
        key=f"derogation-renewal-{derogation.pk}-{user.pk}",
        to=user.email,
        subject=_("À renouveler : dérogation %(number)s") % {"number": derogation.number},
        derogation=derogation,
        person=user.person,
        link=f"{settings.BASE_URL}{path}",
    )


def page_link(derogation: Derogation, user: User) -> str:
    """The page that this person may open: the member's, or the signer's own without a role."""
    asked = user.person_id in (derogation.requester_id, derogation.last_editor_id)
    if asked or can(user, May.SEE_DEROGATIONS, on=derogation):
        return request_link(derogation)
    return signing_link(derogation)


def signing_link(derogation: Derogation) -> str:
    """The signer's page, which asks no role."""
    return f"{settings.BASE_URL}/signature/{derogation.number}/"


def request_link(derogation: Derogation) -> str:
    """The request's page under its member."""
    slug = derogation.branch.organisation.slug
    path = reverse("derogations:request_detail", args=[slug, derogation.number])
    return f"{settings.BASE_URL}{path}"


def _mail(template: str, *, key: str, to: str, subject: str, **context: object) -> EmailMessage:
    """One plain-text message, in French, with its own message-id."""
    body = render_to_string(template, {"base_url": settings.BASE_URL, **context})
    host = urlsplit(settings.BASE_URL).hostname
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        to=[to],
        headers={"Message-ID": f"<{key}@{host}>"},
    )
