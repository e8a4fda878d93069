"""How a begun sending reaches its provider, and whether it surely did not (R-19, X-22)."""

import smtplib
import socket
from pathlib import Path

from django.conf import settings

from orders.emails import order_message
from orders.kinds import SendingMode
from orders.models import Dispatch
from portal.files import read

SURELY_NOT_SENT = (
    ConnectionRefusedError,
    socket.gaierror,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
)
"""Answers after which the provider has nothing: trying again sends once."""


class NotSent(Exception):
    """The provider surely received nothing."""


class Uncertain(Exception):
    """The provider may have it or not: only a person can tell."""


def carry(dispatch: Dispatch, token: str) -> None:
    """Send by the dispatch's mode; raises NotSent or Uncertain."""
    try:
        if dispatch.mode == SendingMode.FILE:
            _drop_file(dispatch)
        else:
            order_message(dispatch, token).send()
    except SURELY_NOT_SENT as error:
        raise NotSent(repr(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Uncertain(repr(error)) from error


def _drop_file(dispatch: Dispatch) -> None:
    """Put the sheet in the provider's folder under its final name, whole."""
    folder = Path(settings.DATA_DIR) / "dispatch" / dispatch.order.rank.provider.code
    assert dispatch.order.sheet
    partial = folder / f".{dispatch.order.number}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(read(dispatch.order.sheet))
    except OSError as error:
        raise NotSent(repr(error)) from error
    partial.rename(folder / f"{dispatch.order.number}.pdf")
