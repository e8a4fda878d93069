"""The secret link of an invitation: rebuilt from a nonce and the portal's key, never stored."""

import hashlib
import secrets

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

SALT = "members.invitation"


def new_nonce() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def token_of(nonce: str) -> str:
    """The link's token, 256 bits in hexadecimal; without the portal's key a nonce is nothing."""
    return salted_hmac(SALT, nonce, algorithm="sha256").hexdigest()


def digest_of(token: str) -> str:
    """What the database keeps of a token (F-05)."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_url(nonce: str) -> str:
    """The whole address that the mail carries."""
    return str(settings.BASE_URL) + reverse("members:invitation_accept", args=[token_of(nonce)])
