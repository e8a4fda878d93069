"""How allauth asks the members: sign-up only by invitation, passkeys with user verification."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by invitation only (F-05)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up from the street."""
        return False


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys named in French; user verification is required (D-24)."""

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        """The portal's name beside the key."""
        entity: dict[str, Any] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Portail des services cellulaires"}
