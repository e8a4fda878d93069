"""How a signer proves who signs, in the gesture: a passkey, or a password and a fresh code."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.utils.translation import gettext as _
from fido2.utils import websafe_encode

from derogations.kinds import SignatureLevel
from derogations.webauthn import AssertionRejected, check_assertion, signing_keys

if TYPE_CHECKING:
    from members.models import User


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What the key answered, as the browser's JSON."""

    credential: str


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """The fallback: the account's password and the code that its application shows now."""

    password: str
    code: str


Answer = PasskeyAnswer | CodeAnswer


@dataclass(frozen=True, slots=True)
class Proof:
    """The level reached and what is kept of it; ``code`` is used up when the act is written."""

    level: SignatureLevel
    evidence: dict[str, Any]
    code: str = ""


class ProofRejected(Exception):
    """The person was not proved to be there; the message says what to do."""


def prove(answer: Answer, user: "User", challenge: bytes) -> Proof:
    """Check an answer to ``challenge``; nothing is written yet. Raises ProofRejected."""
    if isinstance(answer, PasskeyAnswer):
        try:
            evidence = check_assertion(user, challenge, answer.credential)
        except AssertionRejected as error:
            raise ProofRejected(
                _("La clé d'accès n'a pas été reconnue. Recommencez, ou servez-vous du code.")
            ) from error
        return Proof(SignatureLevel.PASSKEY, evidence)
    counter = _counter_of(user, answer.code)
    if not user.check_password(answer.password) or counter is None:
        raise ProofRejected(
            _("Le mot de passe ou le code est inexact. Prenez le code que l'application montre.")
        )
    return Proof(SignatureLevel.PASSWORD_TOTP, {"counter": counter}, answer.code)


def is_held(proof: Proof, user: "User") -> bool:
    """Whether the key or application that proved is still the account's: asked under the locks."""
    if proof.level == SignatureLevel.PASSKEY:
        held = {websafe_encode(key.credential.credential_id) for key in signing_keys(user)}
        return proof.evidence["credential_id"] in held
    totp = _totp(user)
    if totp is None:
        return False
    code = hotp_value(decrypt(totp.instance.data["secret"]), proof.evidence["counter"])
    return bool(format_hotp_value(code) == proof.code.replace(" ", ""))


def use_code(proof: Proof, user: "User") -> None:
    """Use up the code, in the transaction that writes the act; raises ProofRejected when it was.

    A code that opened the session or signed before never signs again. Its half-minute was judged
    when it was proved, and may be over by now.
    """
    if proof.level != SignatureLevel.PASSWORD_TOTP:
        return
    totp = _totp(user)
    if totp is None or not totp._mark_code_used(proof.code):
        raise ProofRejected(used_code_text())


def used_code_text() -> str:
    """What to do with a code that has already served."""
    return _("Ce code a déjà servi : attendez que l'application en montre un autre.")


def has_code(user: "User") -> bool:
    """Whether the account has an authentication application."""
    return _totp(user) is not None


def _totp(user: "User") -> TOTP | None:
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return TOTP(row) if row and row.data.get("secret") else None


def _counter_of(user: "User", code: str) -> int | None:
    """The thirty seconds that a code is of; None when it is no code of now."""
    totp = _totp(user)
    if totp is None:
        return None
    secret = decrypt(totp.instance.data["secret"])
    typed = code.replace(" ", "")
    counters = (
        counter
        for counter in yield_hotp_counters_from_time()
        if format_hotp_value(hotp_value(secret, counter)) == typed
    )
    return next(counters, None)
