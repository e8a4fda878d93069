"""Passkeys that sign: our own challenge, user verification required, enrolled with it (D-24)."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from fido2 import cbor
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

if TYPE_CHECKING:
    from members.models import User

RP_NAME = "Portail des services cellulaires"


class AssertionRejected(Exception):
    """The key's answer is not one to this challenge, by a key of this account, with the person."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A passkey of an account, enrolled with user verification."""

    authenticator: Authenticator
    credential: AttestedCredentialData


def signing_keys(user: "User") -> list[SigningKey]:
    """The account's passkeys that may sign; one enrolled without verifying the person may not."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    keys = []
    for row in rows.order_by("pk"):
        response = RegistrationResponse.from_dict(row.data["credential"])
        enrolled = response.response.attestation_object.auth_data
        if enrolled.is_user_verified() and enrolled.credential_data is not None:
            keys.append(SigningKey(row, enrolled.credential_data))
    return keys


def request_options(keys: list[SigningKey], challenge: bytes) -> dict[str, Any]:
    """What the browser is asked of these keys, as JSON; ``challenge`` is the terms' digest."""
    options, _state = _server().authenticate_begin(
        [key.credential for key in keys],
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    asked: dict[str, Any] = json.loads(json.dumps(dict(options)))
    return asked


def check_assertion(user: "User", challenge: bytes, answer: str) -> dict[str, Any]:
    """Verify the key's JSON answer; return what lets anyone verify it again.

    Raises AssertionRejected.
    """
    state = {
        "challenge": websafe_encode(challenge),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }
    keys = signing_keys(user)
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        used = _server().authenticate_complete(state, [key.credential for key in keys], response)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AssertionRejected(str(error)) from error
    row = next(key.authenticator for key in keys if key.credential == used)
    told = response.response
    return {
        "rp_id": _server().rp.id,
        "origin": told.client_data.origin,
        "credential_id": websafe_encode(used.credential_id),
        "public_key": websafe_encode(cbor.encode(dict(used.public_key))),
        "client_data_json": websafe_encode(bytes(told.client_data)),
        "authenticator_data": websafe_encode(bytes(told.authenticator_data)),
        "signature": websafe_encode(told.signature),
        "enrolled_at": row.created_at.isoformat(),
    }


def _server() -> Fido2Server:
    """The portal as relying party: the host of its own address, and that origin alone."""
    host = urlsplit(settings.BASE_URL).hostname
    entity = PublicKeyCredentialRpEntity(id=host, name=RP_NAME)
    return Fido2Server(entity, verify_origin=lambda origin: origin == settings.BASE_URL)
