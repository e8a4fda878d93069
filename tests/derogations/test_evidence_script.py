"""The independent script alone, without the portal: whom it takes as issuer, what may seal."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
AT = SINCE + timedelta(days=10)
UNTIL = SINCE + timedelta(days=100)
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class Made:
    """A key and its certificate, by an issuer or by itself; ``ca`` is its path length."""

    def __init__(self, name: str, issuer: "Made | None" = None, ca: int | None = -1, **used: bool):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        by = issuer or self
        usage = x509.KeyUsage(**{one: used.get(one, False) for one in USAGES})
        constraints = x509.BasicConstraints(ca=ca != -1, path_length=None if ca == -1 else ca)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(by.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(UNTIL)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .sign(by.key, hashes.SHA256())
        )

    @property
    def revocations(self) -> bytes:
        """An empty list, of that day."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        dated = builder.last_update(SINCE).next_update(UNTIL)
        return dated.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def root(**kwargs) -> Made:
    return Made("Racine", key_cert_sign=True, **{"ca": None, **kwargs})


def judge(script, chain: list[Made]) -> None:
    """Ask whether the last of a chain is trusted; every authority published its list."""
    first, *others = chain
    pem = first.certificate.public_bytes(Encoding.PEM)
    certificates, lists = [one.certificate for one in others], [one.revocations for one in chain]
    script.Trust(pem, certificates, lists, AT).check(chain[-1].certificate)


def test_a_seal_below_an_authority_below_the_root_is_trusted(script):
    top = root()
    middle = Made("Autorité", top, 0, key_cert_sign=True)
    judge(script, [top, Made("Sceau", top, content_commitment=True)])
    judge(script, [top, middle, Made("Sceau", middle, content_commitment=True)])


def test_the_holder_of_a_seal_issues_no_other(script):
    top = root()
    seal = Made("Sceau", top, content_commitment=True)
    with pytest.raises(script.Refused, match="délivré par qui n'en délivre pas"):
        judge(script, [top, seal, Made("Faux sceau", seal, content_commitment=True)])


def test_an_authority_that_signs_no_certificate_issues_none(script):
    top = root()
    other = Made("Autorité", top, None, crl_sign=True)
    with pytest.raises(script.Refused, match="délivré par qui n'en délivre pas"):
        judge(script, [top, other, Made("Faux sceau", other, content_commitment=True)])


def test_an_authority_keeps_to_its_path_length(script):
    top = root(ca=0)
    middle = Made("Autorité", top, None, key_cert_sign=True)
    with pytest.raises(script.Refused, match="délivré par qui n'en délivre pas"):
        judge(script, [top, middle, Made("Faux sceau", middle, content_commitment=True)])


def test_a_link_of_the_journal_covers_its_event(script):
    link = {"event": {"code": "derogation.signed"}, "position": 7, "previous": "0" * 64}
    text = f"{link['previous']}|7|{script.canonical(link['event']).decode()}"
    whole = {**link, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    script.check_journal(whole)
    for changed in ({"event": {"code": "derogation.drafted"}}, {"position": 8}):
        with pytest.raises(script.Refused, match="maillon"):
            script.check_journal({**whole, **changed})
