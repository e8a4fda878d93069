"""A member whose plan lets people sign, and how they sign in tests: a code, or a software key."""

import hashlib
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth.hashers import make_password
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from derogations.actions.grants import project_signing_grants
from derogations.actions.signing import open_challenge, sign_derogation
from derogations.challenges import digest_of
from derogations.freezing import canonical, frozen_text
from derogations.kinds import DerogationState
from derogations.models import Challenge, Derogation, Signature, Version
from derogations.proofs import CodeAnswer, PasskeyAnswer
from derogations.queries.requests import terms_of, with_proof
from members.models import Delegation, Organisation, User
from portal.audit import SYSTEM
from portal.clock import database_clock
from portal.files import store
from tests.derogations.factories import DerogationFactory, PlaceFactory, VersionFactory
from tests.members.factories import (
    DelegationFactory,
    DelegationPlanFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
)

PASSWORD = "une phrase de passe assez longue"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SESSION = "session-de-test"
PERIOD = 30
"""seconds that a code lives (RFC 6238)"""
ROOM = 3.0
"""seconds in which a test uses a code"""
BROWSER_ROOM = 15.0
"""the same, through a browser and a loaded machine"""
FLAGS = AuthenticatorData.FLAG


@dataclass
class SigningWorld:
    """A member, its plan, one line whose holder signs, and one request that awaits."""

    organisation: Organisation
    line: Delegation
    signer: User
    derogation: Derogation

    @property
    def version(self) -> Version:
        """The version that awaits, read again with its request."""
        return Version.objects.select_related(
            "pdf", "derogation__branch__organisation", "derogation__version"
        ).get(pk=self.derogation.version_id)

    def project(self) -> None:
        """Write the grants now."""
        project_signing_grants(organisation=self.organisation, by=SYSTEM)

    def another(self, **values: Any) -> Derogation:
        """Another request of the same branch and contract."""
        row = frozen_request(
            branch=self.derogation.branch, contract=self.derogation.contract, **values
        )
        self.project()
        return row


@cache
def hashed() -> str:
    """The password as it is kept; hashing it takes most of the time of a world."""
    return make_password(PASSWORD)


def signer_account(**person: Any) -> User:
    """An account with a password, a code and an attested identity."""
    user = UserFactory(factor=False, person__function="Directrice des finances")
    user.password = hashed()
    user.save()
    attest(user, **person)
    TOTP.activate(user, SECRET)
    return user


def attest(user: User, **person: Any) -> None:
    """The identity is attested by somebody."""
    row = user.person
    row.identity_attested_at, row.identity_attested_by = database_clock(), UserFactory()
    row.identity_method = "Pièce vue en personne"
    for name, value in person.items():
        setattr(row, name, value)
    row.save()


def signing_world(**values: Any) -> SigningWorld:
    """Everything that lets one person sign one request, with its grant."""
    organisation = OrganisationFactory()
    plan = DelegationPlanFactory(organisation=organisation)
    signer = signer_account()
    line = DelegationFactory(plan=plan, holder=signer.person, clause="4.2", beyond_fiscal_year=True)
    derogation = frozen_request(branch=organisation.branches.get(), **values)
    MembershipFactory(organisation=organisation, contract=derogation.contract)
    world = SigningWorld(organisation, line, signer, derogation)
    world.project()
    return world


def frozen_request(
    *, steps: list[int] | None = None, step_posts: list[str] | None = None, **values: Any
) -> Derogation:
    """A filled request with its real frozen text and a paper with bytes, that awaits a signer."""
    amount = values.pop("total_amount", Decimal("960.00"))
    row = DerogationFactory(filled=True, **values)
    PlaceFactory(derogation=row)
    whole = with_proof(Derogation.objects.filter(pk=row.pk)).get()
    text, sha256 = frozen_text(canonical(whole, terms_of(whole), 1))
    paper = store(
        f"%PDF-1.7 {row.number}".encode(), name="demande.pdf", content_type="application/pdf"
    )
    version = VersionFactory(
        derogation=row,
        content=text,
        content_sha256=sha256,
        pdf=paper,
        steps=steps or [1],
        step_posts=step_posts or [],
        total_amount=amount,
    )
    Derogation.objects.filter(pk=row.pk).update(version=version, state=DerogationState.SUBMITTED)
    return Derogation.objects.select_related("branch__organisation", "version").get(pk=row.pk)


def second_signer(world: SigningWorld, **line: Any) -> User:
    """Another holder of another line of the same plan."""
    user = signer_account()
    DelegationFactory(
        plan=world.line.plan, holder=user.person, clause="4.3", beyond_fiscal_year=True, **line
    )
    world.project()
    return user


def code_now(shift: int = 0, *, room: float = ROOM) -> str:
    """The code that the application shows, or showed some half-minutes ago.

    Where fewer than ``room`` seconds are left to use it, the next one is waited for, as a person
    would: what is then tested is the code, never the end of its half-minute.
    """
    left = PERIOD - time.time() % PERIOD
    if left < room:
        time.sleep(left + 0.05)
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // PERIOD + shift))


def by_code(shift: int = 0) -> CodeAnswer:
    """The fallback's answer."""
    return CodeAnswer(PASSWORD, code_now(shift))


def challenge_for(world: SigningWorld, user: User | None = None, **asked: Any) -> Challenge:
    """A challenge opened by its person."""
    derogation = asked.pop("derogation", world.derogation)
    version = Version.objects.select_related("derogation").get(pk=derogation.version_id)
    kinds = asked.pop("kinds", None) or [h.kind for h in derogation.heads.all()]
    return open_challenge(
        version=version,
        kinds=kinds,
        power=asked.pop("power", ""),
        session_key=SESSION,
        by=user or world.signer,
    )


def sign(world: SigningWorld, user: User | None = None, **asked: Any) -> Signature:
    """The whole gesture, with a code."""
    by = user or world.signer
    challenge = asked.pop("challenge", None) or challenge_for(
        world, by, derogation=asked.pop("derogation", world.derogation)
    )
    asked.setdefault("answer", by_code())
    asked.setdefault("refused", {})
    asked.setdefault("session_key", SESSION)
    return sign_derogation(challenge=fresh(challenge), by=by, **asked)


def fresh(challenge: Challenge) -> Challenge:
    """As a view fetches it."""
    return Challenge.objects.select_related(
        "version__derogation__branch__organisation", "person", "delegation__plan"
    ).get(pk=challenge.pk)


def forged_proof(proof: dict[str, Any], declaration: str) -> dict[str, Any]:
    """The same gesture with a key made on the spot, whoever declares whatever."""
    key = SoftwareKey(UserFactory())
    declared = hashlib.sha256(declaration.encode()).hexdigest()
    terms = {**proof["terms"], "declaration_sha256": declared}
    told = json.loads(key.answer(digest_of(terms)).credential)["response"]
    return {
        **proof,
        "terms": terms,
        "declaration": declaration,
        "rp_id": urlsplit(settings.BASE_URL).hostname,
        "public_key": websafe_encode(cbor.encode(dict(key.credential.public_key))),
        "client_data_json": told["clientDataJSON"],
        "authenticator_data": told["authenticatorData"],
        "signature": told["signature"],
    }


class SoftwareKey:
    """A passkey in memory, that verifies its person or not."""

    def __init__(self, user: User, *, verified: bool = True, enrolled_verified: bool = True):
        self.user, self.verified = user, verified
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential = AttestedCredentialData.create(
            Aaguid(b"\0" * 16),
            hashlib.sha256(user.email.encode()).digest(),
            ES256.from_cryptography_key(self.private.public_key()),
        )
        self.enrol(enrolled_verified)

    def enrol(self, verified: bool) -> None:
        """As allauth keeps it: the registration's answer."""
        data = AuthenticatorData.create(
            self.rp_hash(), self.flags(verified) | FLAGS.AT, 0, bytes(self.credential)
        )
        client = CollectedClientData.create("webauthn.create", b"\1" * 32, settings.BASE_URL)
        answer = {
            "id": websafe_encode(self.credential.credential_id),
            "rawId": websafe_encode(self.credential.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(bytes(client)),
                "attestationObject": websafe_encode(
                    bytes(AttestationObject.create("none", data, {}))
                ),
            },
            "clientExtensionResults": {},
        }
        Authenticator.objects.create(
            user=self.user,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "Clé", "credential": answer},
        )

    def answer(self, challenge: bytes, origin: str = "") -> PasskeyAnswer:
        """Sign a challenge as a browser would."""
        client = CollectedClientData.create("webauthn.get", challenge, origin or settings.BASE_URL)
        data = AuthenticatorData.create(self.rp_hash(), self.flags(self.verified), 1)
        signature = self.private.sign(bytes(data) + client.hash, ec.ECDSA(hashes.SHA256()))
        told = {
            "id": websafe_encode(self.credential.credential_id),
            "rawId": websafe_encode(self.credential.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(bytes(client)),
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(signature),
            },
            "clientExtensionResults": {},
        }
        return PasskeyAnswer(json.dumps(told))

    @staticmethod
    def flags(verified: bool) -> Any:
        return FLAGS.UP | FLAGS.UV if verified else FLAGS.UP

    @staticmethod
    def rp_hash() -> bytes:
        return hashlib.sha256(settings.BASE_URL.split("//")[1].split(":")[0].encode()).digest()
