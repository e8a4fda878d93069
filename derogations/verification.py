"""Is a sealed PDF whole, sealed by us, at a trusted time? Judged from the file and a root alone.

pyHanko takes a second to load: this module is for children, commands and tests, never for pages.
"""

import asyncio
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import load_der_x509_certificate
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    SignatureCoverageLevel,
    TimestampSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

TIMESTAMP = "signature_time_stamp_token"


class Refused(Exception):
    """The file is not what the portal sealed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a file proves; ``faults`` are French sentences, none when it is whole."""

    sha256: str
    faults: tuple[str, ...]
    sealed_at: datetime | None = None
    sealed_by: str = ""
    number: str = ""
    token: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether nothing speaks against the file."""
        return not self.faults


@dataclass(slots=True)
class Parts:
    """What a whole file carries for those who check it without us (all DER)."""

    container: bytes
    timestamp: bytes
    certificates: list[bytes] = field(default_factory=list)
    revocations: list[bytes] = field(default_factory=list)


def verify(content: bytes, roots: bytes, timestamp_roots: bytes = b"") -> Report:
    """Judge a sealed PDF at the instant of its timestamp; ``roots`` are PEM, the only trusted ones.

    ``timestamp_roots`` when the time comes from another authority. Never raises for what the file
    holds.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        seal = only_seal(content)
        sealed_at = timestamp_of(seal)
        status = _status(seal, sealed_at, roots, timestamp_roots or roots)
        # What covers the file comes first: where it refuses, the seal's own form tells nothing more
        # and costs four times as much.
        faults = list(_status_faults(status)) or list(_container_faults(content, seal, roots))
    except Refused as error:
        return Report(sha256, (str(error),))
    except Exception as error:  # a hostile file may break any of three parsers
        return Report(sha256, (f"fichier illisible ou altéré ({type(error).__name__})",))
    said = seal.sig_object
    return Report(
        sha256,
        tuple(faults),
        sealed_at,
        _common_name(seal.signer_cert),
        str(said.get("/Name", "")),
        str(said.get("/ContactInfo", "")),
    )


def only_seal(content: bytes) -> EmbeddedPdfSignature:
    """The one signature of a file; raises Refused when there is none, or another."""
    found: list[EmbeddedPdfSignature] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    if not found:
        raise Refused("aucun sceau dans ce fichier")
    if len(found) > 1:
        raise Refused(f"{len(found)} signatures au lieu d'une")
    return found[0]


def timestamp_of(seal: EmbeddedPdfSignature) -> datetime:
    """The instant that the timestamp authority gave; judged apart."""
    return _instant(_token(seal))


def stamp_faults(sha256: str, stamps: Iterable[tuple[bytes, bytes]], roots: bytes) -> list[str]:
    """What speaks against the register's stamps since a document: lists and tokens, oldest first.

    Each list holds the document and the stamp before it; each token is of its list, by ``roots``.
    """
    faults, held = [], [sha256]
    for n, (hashes, token) in enumerate(stamps, start=1):
        lines = hashes.decode().splitlines()
        if not all(any(line.startswith(f"{one} ") for line in lines) for one in held):
            faults.append(f"timbre {n} : le document ou le timbre précédent n'est pas à sa liste")
        try:
            whole = _is_stamped(cms.ContentInfo.load(token), hashes, roots)
        except (ValueError, TypeError, SignatureValidationError):
            whole = False
        if not whole:
            faults.append(f"timbre {n} : le jeton n'est pas celui de sa liste, ou d'un autre")
        held.append(f"{hashlib.sha256(hashes).hexdigest()} {hashlib.sha256(token).hexdigest()}")
    return faults


def judge_stamp(
    token: cms.ContentInfo, content: bytes, context: ValidationContext
) -> TimestampSignatureStatus:
    """The library's judgement of a timestamp over some bytes."""
    judged = validate_tst_signed_data(
        token["content"], context, lambda algorithm: hashlib.new(algorithm, content).digest()
    )
    return TimestampSignatureStatus(**asyncio.run(judged))


def parts_of(content: bytes) -> Parts:
    """The container, the timestamp, the certificates and the lists of a sealed file."""
    seal = only_seal(content)
    store = DocumentSecurityStore.read_dss(seal.reader)
    parts = Parts(_container(seal).dump(), _attribute(seal).dump())
    parts.certificates = [certificate.dump() for certificate in store.load_certs()]
    parts.revocations = [ref.get_object().data for ref in store.crls]
    return parts


def certificates_in(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file."""
    return list(load_certs_from_pemder_data(pem))


def _is_stamped(token: cms.ContentInfo, content: bytes, roots: bytes) -> bool:
    """Without revocation lists: none of that day was kept beside a stamp."""
    context = ValidationContext(
        trust_roots=certificates_in(roots), moment=_instant(token["content"]), allow_fetching=False
    )
    status = judge_stamp(token, content, context)
    return bool(status.intact and status.valid and status.trusted)


def _status(
    seal: EmbeddedPdfSignature, sealed_at: datetime, roots: bytes, timestamp_roots: bytes
) -> PdfSignatureStatus:
    """The library's judgement at that instant, with what the file itself carries and our roots."""
    store = DocumentSecurityStore.read_dss(seal.reader)
    signer, stamp = (
        store.as_validation_context(
            {
                "trust_roots": certificates_in(trusted),
                "moment": sealed_at,
                "revocation_mode": "require",
                "allow_fetching": False,
            }
        )
        for trusted in (roots, timestamp_roots)
    )
    judged = async_validate_pdf_signature(seal, signer, stamp)
    with ThreadPoolExecutor(1) as alone:  # the caller's thread may run a loop already
        return alone.submit(asyncio.run, judged).result()


def _status_faults(status: PdfSignatureStatus) -> Iterator[str]:
    """What ``bottom_line`` leaves out is asked by name (measured on 0.38)."""
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        yield "le sceau ne couvre pas le fichier entier : des octets ont été ajoutés"
    if status.modification_level not in (None, ModificationLevel.NONE) or not status.docmdp_ok:
        yield "le document a été modifié après le sceau"
    if not (status.intact and status.valid):
        yield "le contenu ne correspond plus au sceau : le fichier est altéré"
    if not status.trusted:
        yield "le certificat du sceau ne remonte pas à la racine donnée"
    stamp = status.timestamp_validity
    if stamp is None:
        yield "aucun horodatage"
    elif not (stamp.intact and stamp.valid and stamp.trusted):
        yield "l'horodatage n'est pas valable ou ne vient pas d'une autorité de confiance"
    if not status.bottom_line:
        yield "le sceau est refusé"


def _container_faults(content: bytes, seal: EmbeddedPdfSignature, roots: bytes) -> Iterator[str]:
    """The seal's own bytes, which no signature covers, are exactly what the sealing wrote."""
    if seal.docmdp_level != MDPPerm.NO_CHANGES:
        yield "le sceau n'interdit pas les changements"
    first, length, second, _ = seal.byte_range
    raw = seal.pkcs7_content
    container = _container(seal)
    used = len(container.dump())
    exact = content[first + length : second] == b"<" + raw.hex().upper().encode() + b">"
    if not exact or any(raw[used:]) or container.copy().dump(force=True) != raw[:used]:
        yield "le sceau n'a pas sa forme exacte"
    known = [*_stored(seal), *certificates_in(roots)]
    for signed, version, unsigned in ((seal.signed_data, "v1", 1), (_token(seal), "v3", 0)):
        if not (_is_plain(signed, version, unsigned) and _names_its_signer(signed, known)):
            yield "le sceau porte autre chose que lui-même"
        if not all(_is_known(item.chosen, known) for item in signed["certificates"]):
            yield "un certificat du sceau est inconnu"


def _is_plain(signed: cms.SignedData, version: str, unsigned: int) -> bool:
    """One signer, one digest, and nothing beside what his signature covers."""
    (signer,) = signed["signer_infos"]
    digests = [algorithm.dump() for algorithm in signed["digest_algorithms"]]
    return bool(
        signed["version"].native == version
        and digests == [signer["digest_algorithm"].dump()]
        and not len(signed["crls"] or ())
        and len(signer["unsigned_attrs"] or ()) == unsigned
    )


def _names_its_signer(signed: cms.SignedData, known: Sequence[x509.Certificate]) -> bool:
    """Whether the signer is named by the very bytes of a known certificate."""
    (signer,) = signed["signer_infos"]
    named = signer["sid"].chosen
    if signer["sid"].name == "subject_key_identifier":
        identifiers = [certificate.key_identifier for certificate in known]
        return signer["version"].native == "v3" and named.native in identifiers
    return signer["version"].native == "v1" and any(
        named["issuer"].dump() == certificate.issuer.dump()
        and named["serial_number"].native == certificate.serial_number
        for certificate in known
    )


def _is_known(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> bool:
    """Whether a certificate is one of the file's or of ours, or was issued by one of them."""
    der = certificate.dump()
    if der in [other.dump() for other in known]:
        return True
    ours = load_der_x509_certificate(der)
    return any(_issued(ours, load_der_x509_certificate(other.dump())) for other in known)


def _issued(certificate: object, issuer: object) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)  # type: ignore[attr-defined]
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _stored(seal: EmbeddedPdfSignature) -> Iterable[x509.Certificate]:
    return DocumentSecurityStore.read_dss(seal.reader).load_certs()


def _container(seal: EmbeddedPdfSignature) -> cms.ContentInfo:
    return cms.ContentInfo.load(seal.pkcs7_content)


def _attribute(seal: EmbeddedPdfSignature) -> cms.ContentInfo:
    """The timestamp, kept beside the signature; raises Refused when there is not exactly one."""
    values = [
        value
        for attribute in seal.signer_info["unsigned_attrs"] or ()
        if attribute["type"].native == TIMESTAMP
        for value in attribute["values"]
    ]
    if len(values) != 1:
        raise Refused("aucun horodatage" if not values else "plusieurs horodatages")
    return values[0]


def _token(seal: EmbeddedPdfSignature) -> cms.SignedData:
    return _attribute(seal)["content"]


def _instant(timestamp: cms.SignedData) -> datetime:
    instant: datetime = timestamp["encap_content_info"]["content"].parsed["gen_time"].native
    return instant


def _common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name", ""))
