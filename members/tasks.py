"""The members' tasks: keep the projection true, and send the mails that acts promised."""

from celery import shared_task
from django.db import transaction

from members.actions.invitations import note_sent
from members.emails import factor_reset_mail, invitation_mail, message_mail
from members.models import Invitation, ItqMessage, User
from members.projection import project
from members.queries.messages import addressees_of
from portal.audit import SYSTEM
from portal.mailing import post
from portal.queue import later


@shared_task(name="members.sweep_grants")
def sweep_grants() -> None:
    """Write the grants that begin and delete those that ended (D-02)."""
    project()


@shared_task(name="members.send_invitation")
def send_invitation(*, invitation_id: int) -> None:
    """Send the link once; a link that is no more open is not sent (F-05, X-21)."""
    rows = Invitation.objects.select_related("person", "branch", "delegation", "invited_by__person")
    invitation = rows.get(pk=invitation_id)
    if invitation.sent_at or invitation.revoked_at or invitation.accepted_at:
        return
    post(invitation_mail(invitation))
    note_sent(invitation=invitation, by=SYSTEM)


@shared_task(name="members.send_factor_reset_notice")
def send_factor_reset_notice(*, user_id: int, at: str = "") -> None:
    """Tell a person that their second factor was lifted."""
    post(factor_reset_mail(User.objects.get(pk=user_id), at))


@shared_task(name="members.send_message")
def send_message(*, message_id: int) -> None:
    """Tell the addressees that a message waits; its text stays in the portal (R-07)."""
    message = ItqMessage.objects.select_related("branch").get(pk=message_id)
    with transaction.atomic():
        for address in addressees_of(message):
            later("members.send_message_to", message_id=message.pk, address=address)


@shared_task(name="members.send_message_to")
def send_message_to(*, message_id: int, address: str) -> None:
    """The same, to one of them: an address that is refused stops no other (X-21)."""
    message = ItqMessage.objects.select_related("branch").get(pk=message_id)
    post(message_mail(message, address))
