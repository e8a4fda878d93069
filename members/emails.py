"""What the members' messages say; each carries one message-id, however often it is sent."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from members.links import invitation_url
from members.models import Invitation, ItqMessage, User


def invitation_mail(invitation: Invitation) -> EmailMessage:
    """The link that opens an account, and until when it works (F-05)."""
    return _mail(
        "emails/members/invitation.txt",
        key=f"invitation-{invitation.pk}",
        to=[invitation.email],
        subject=_("Votre invitation au portail des services cellulaires"),
        invitation=invitation,
        url=invitation_url(invitation.nonce),
    )


def factor_reset_mail(user: User, queued_at: str) -> EmailMessage:
    """Someone's second factor was lifted: they are told at once (signing.md §3.4)."""
    return _mail(
        "emails/members/factor_reset.txt",
        key=f"factor-reset-{user.pk}-{queued_at}",
        to=[user.email],
        subject=_("Votre second facteur a été levé"),
    )


def message_mail(message: ItqMessage, address: str) -> EmailMessage:
    """A message waits in the portal; its text stays there (R-07)."""
    return _mail(
        "emails/members/message.txt",
        key=f"message-{message.pk}-{sha256(address.encode()).hexdigest()[:12]}",
        to=[address],
        subject=_("Un message vous attend : %(subject)s") % {"subject": message.subject},
        message=message,
    )


def _mail(
    template: str, *, key: str, to: list[str], subject: str, **context: object
) -> EmailMessage:
    """One plain-text message, in French, with its own message-id (X-21)."""
    body = render_to_string(template, {"base_url": settings.BASE_URL, **context})
    host = urlsplit(settings.BASE_URL).hostname
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        to=to,
        headers={"Message-ID": f"<{key}@{host}>"},
    )
