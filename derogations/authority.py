"""A local authority: root, seal and timestamp certificates, revocation list; for shows and tests.

Its documents say « autorité de démonstration »: nobody outside trusts its root.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_NAME = "Autorité de démonstration, racine"
SEAL_NAME = "Autorité de démonstration, sceau du portail"
TIMESTAMP_NAME = "Autorité de démonstration, horodatage"
DAY = timedelta(days=1)
LIFE = {"root": 3650 * DAY, "seal": 1095 * DAY, "timestamp": 1095 * DAY}
LIST_LIFE = 7 * DAY
LIST_RENEWED = DAY
Pair = tuple[rsa.RSAPrivateKey, x509.Certificate]


@dataclass(frozen=True, slots=True)
class Authority:
    """The folder of an authority, and what each of its files is."""

    folder: Path

    @property
    def root(self) -> Path:
        """The certificate that the verifier trusts, PEM."""
        return self.folder / "root.pem"

    @property
    def seal(self) -> Path:
        """The seal's key and certificate, PKCS#12."""
        return self.folder / "seal.p12"

    @property
    def timestamp(self) -> Path:
        """The timestamper's key and certificate, PEM, one after the other."""
        return self.folder / "timestamp.pem"

    @property
    def revocations(self) -> Path:
        """The certificate revocation list, DER."""
        return self.folder / "revocations.crl"

    @property
    def root_key(self) -> Path:
        """The root's key, PEM."""
        return self.folder / "root.key"

    @property
    def passphrase(self) -> Path:
        """What opens the PKCS#12."""
        return self.folder / "passphrase"


def make_authority(
    folder: Path, *, passphrase: str, at: datetime | None = None, name: str = ROOT_NAME
) -> Authority:
    """Make every file once; ``at`` dates the certificates, ``name`` is the root's."""
    made = Authority(folder)
    if made.seal.exists():
        return made
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    since = (at or datetime.now(UTC)) - timedelta(hours=1)
    root = _issue(name, None, since, LIFE["root"], *_root_extensions())
    seal = _issue(SEAL_NAME, root, since, LIFE["seal"], _usage(content_commitment=True))
    stamp = _issue(TIMESTAMP_NAME, root, since, LIFE["timestamp"], *_timestamp_extensions())
    _write(made.root, root[1].public_bytes(Encoding.PEM))
    _write(made.root_key, _key_pem(root[0]))
    _write(made.timestamp, _key_pem(stamp[0]) + stamp[1].public_bytes(Encoding.PEM))
    _write(made.passphrase, passphrase.encode())
    renew_revocations(made, at=at)
    protection = BestAvailableEncryption(passphrase.encode())
    bundle = pkcs12.serialize_key_and_certificates(
        SEAL_NAME.encode(), seal[0], seal[1], [root[1]], protection
    )
    _write(made.seal, bundle)  # last: what exists is whole
    return made


def renew_revocations(authority: Authority, *, at: datetime | None = None) -> None:
    """Sign a fresh list, good for a week; nothing is revoked."""
    key = load_pem_private_key(authority.root_key.read_bytes(), None)
    root = x509.load_pem_x509_certificate(authority.root.read_bytes())
    assert isinstance(key, rsa.RSAPrivateKey)
    now = (at or datetime.now(UTC)) - timedelta(minutes=5)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now)
        .next_update(now + LIST_LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(_issued_by(key), critical=False)
    )
    _write(authority.revocations, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))


def _issue(
    name: str,
    issuer: Pair | None,
    since: datetime,
    life: timedelta,
    *extensions: tuple[x509.ExtensionType, bool],
) -> Pair:
    """A key and its certificate, signed by the issuer or by itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = _named(name)
    signer = issuer[0] if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issued_by(signer), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return key, builder.sign(signer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CA"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Portail des services cellulaires"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _issued_by(key: rsa.RSAPrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(**used: bool) -> tuple[x509.KeyUsage, bool]:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: used.get(name, False) for name in names}), True


def _root_extensions() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return (constraints, True), _usage(key_cert_sign=True, crl_sign=True)


def _timestamp_extensions() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return (purpose, True), _usage(digital_signature=True)


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and closed to others."""
    draft = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
