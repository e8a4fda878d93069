"""How allauth asks the members: sign-up only by invitation, passkeys with user verification."""

import smtplib
from typing import Any

import segno
import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by invitation only (F-05)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up from the street."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away stops neither a sign-in nor an enrolment (X-21).

        These mails hold secrets of the moment: they are not kept to be tried again.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            log.warning("account_mail_not_sent", template=template_prefix, error=repr(error))

    def get_login_stages(self) -> list[str]:
        """The demonstration lifts the second factor at sign-in only (D-55)."""
        stages: list[str] = super().get_login_stages()
        if settings.DEMONSTRATION:
            return [stage for stage in stages if not stage.startswith("allauth.mfa.")]
        return stages


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys named in French; user verification is required (D-24)."""

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        """The portal's name beside the key."""
        entity: dict[str, Any] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Portail des services cellulaires"}

    def build_totp_svg(self, url: str) -> str:
        """The code to scan, drawn by segno."""
        svg: str = segno.make(url).svg_inline(scale=4, border=4)
        return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
