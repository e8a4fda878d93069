"""Mails leave one by one: what a server refuses, or does not answer, is tried for a day (X-21)."""

import smtplib
from datetime import timedelta

from django.core.mail import EmailMessage

from portal.queue import TryLater

FIRST_WAIT = timedelta(seconds=15)
TRIED_FOR = timedelta(hours=24)


def post(message: EmailMessage) -> None:
    """Hand one mail to the server, in a task of its own; raises TryLater for a day at most.

    The mail keeps its message-id however often it is tried.
    """
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(repr(error), after=FIRST_WAIT, until=TRIED_FOR) from error
