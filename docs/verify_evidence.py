"""Checks an evidence bundle without the portal: Python 3.11 and the package ``cryptography`` alone.

    python verify_evidence.py dossier.zip --root racine.pem [--timestamp-root horodatage.pem]

What it checks, in order: each file's hash; the sealed PDF's signature over its bytes, its chain and
the timestamp's, both at the timestamp's instant, under the roots given and nothing else, with the
revocation lists of that day; the content, the request, the signatures and the journal's link, each
enclosed in the sealed PDF by the very bytes of the bundle; the hash of the content; every gesture:
hashes, heads, person, power and lines of the plan against its terms and its declaration, and for a
passkey the site against the verification address, the challenge recomputed from the terms, the
key's signature and the flag that says that the person was verified; the journal's link; and, where
the signature was taken back since, the gesture that did it; the yearly stamps of the register: the
document and the stamp before stand in each list, each token is of its list. No revocation list
of that day is kept beside a stamp: ask its authority.

Exits 0 for « VALIDE », 3 for « VALIDE, RETIRÉE », 1 for anything else.

It shares no code with the portal and no library with its verifier. The DER and CBOR readers below
know only what is needed here.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

FORMAT = "derogation-evidence-2"
ENCLOSED = ("contenu.json", "demande.pdf", "journal.json", "signatures.json")
STREAM = re.compile(rb">>\s*stream\r?\n")
WITHDRAWAL, WITHDRAWN = "retrait.json", 3
ACTS = {"sign": "signed_at", "withdraw": "withdrawn_at"}
HASHES = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
TIMESTAMP_ATTRIBUTE = "1.2.840.113549.1.9.16.2.14"
TIME_STAMPING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.8")
USER_PRESENT, USER_VERIFIED = 1, 4
CURVES = {1: ec.SECP256R1(), 2: ec.SECP384R1(), 3: ec.SECP521R1()}
COSE_HASHES = {-7: hashes.SHA256(), -35: hashes.SHA384(), -36: hashes.SHA512()}


class Refused(Exception):
    """What does not hold, in a sentence."""


def require(holds: object, otherwise: str) -> None:
    """Raise Refused."""
    if not holds:
        raise Refused(otherwise)


# -- DER: (tag, content, whole) triples --

Node = tuple[int, bytes, bytes]


def nodes(data: bytes) -> Iterator[Node]:
    """The values that stand one after the other."""
    at = 0
    while at < len(data):
        start, tag, length = at, data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        require(at + length <= len(data), "DER tronqué")
        yield tag, data[at : at + length], data[start : at + length]
        at += length


def first(data: bytes) -> Node:
    """The first value; what follows it is left out."""
    return next(nodes(data))


def oid(content: bytes) -> str:
    """An object identifier in dots."""
    numbers, value = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    if numbers[0] > 1:
        numbers[0], numbers[1] = 2, content[0] - 80
    return ".".join(map(str, numbers))


class Signed:
    """A CMS SignedData with one signer."""

    def __init__(self, der: bytes) -> None:
        _, wrapped = list(nodes(first(der)[1]))[:2]
        parts = list(nodes(first(wrapped[1])[1]))
        inner = list(nodes(parts[2][1]))
        self.content = first(first(inner[1][1])[2])[1] if len(inner) > 1 else b""
        self.certificates = [
            x509.load_der_x509_certificate(whole)
            for tag, body, _ in parts[3:]
            if tag == 0xA0
            for _, _, whole in nodes(body)
        ]
        signers = list(nodes(parts[-1][1]))
        require(len(signers) == 1, "un seul signataire est attendu")
        fields = list(nodes(signers[0][1]))
        issuer = list(nodes(fields[1][1]))
        self.serial = int.from_bytes(issuer[1][1], "big")
        self.hash = HASHES[oid(first(fields[2][1])[1])]
        tagged = {tag: (body, whole) for tag, body, whole in fields if tag in (0xA0, 0xA1)}
        self.covered = b"\x31" + tagged[0xA0][1][1:]
        self.attributes = dict(self._attributes(tagged[0xA0][0]))
        self.unsigned = dict(self._attributes(tagged[0xA1][0])) if 0xA1 in tagged else {}
        self.signature = next(body for tag, body, _ in fields[3:] if tag == 0x04)

    @staticmethod
    def _attributes(data: bytes) -> Iterator[tuple[str, bytes]]:
        for _, body, _ in nodes(data):
            name, values = list(nodes(body))
            yield oid(name[1]), values[1]

    @property
    def signer(self) -> x509.Certificate:
        """The certificate that the signer names."""
        found = [c for c in self.certificates if c.serial_number == self.serial]
        require(len(found) == 1, "le certificat du signataire manque")
        return found[0]

    def check(self, content: bytes) -> None:
        """The signature covers ``content``; raises Refused."""
        digest = hashes.Hash(self.hash)
        digest.update(content)
        told = first(self.attributes[MESSAGE_DIGEST])[1]
        require(told == digest.finalize(), "le contenu ne correspond plus au sceau")
        key = self.signer.public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(self.signature, self.covered, padding.PKCS1v15(), self.hash)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(self.signature, self.covered, ec.ECDSA(self.hash))
            else:
                raise Refused("genre de clé inconnu")
        except InvalidSignature as error:
            raise Refused("la signature du sceau ne se vérifie pas") from error


# -- Certificates --


class Trust:
    """The roots given, the certificates and the revocation lists; None where none was kept."""

    def __init__(
        self,
        roots: bytes,
        certificates: list[x509.Certificate],
        lists: list[bytes] | None,
        at: datetime,
    ) -> None:
        self.roots = x509.load_pem_x509_certificates(roots)
        self.others = certificates
        self.lists = None if lists is None else [x509.load_der_x509_crl(der) for der in lists]
        self.at = at

    def check(self, certificate: x509.Certificate) -> None:
        """A chain to a root, valid and not revoked at the instant; raises Refused."""
        for below in range(6):
            name = certificate.subject.rfc4514_string()
            since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            require(since <= self.at <= until, f"{name} : hors de sa période")
            if certificate in self.roots:
                return
            issuer = self._issuer(certificate)
            require(issuer, f"{name} : ne remonte pas à la racine donnée")
            assert issuer
            require(may_issue(issuer, below), f"{name} : délivré par qui n'en délivre pas")
            self._require_unrevoked(certificate, issuer)
            certificate = issuer
        raise Refused("chaîne trop longue")

    def _issuer(self, certificate: x509.Certificate) -> x509.Certificate | None:
        for issuer in (*self.roots, *self.others):
            if issuer == certificate:
                continue
            try:
                certificate.verify_directly_issued_by(issuer)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return issuer
        return None

    def _require_unrevoked(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        if self.lists is None:
            return
        for one in self.lists:
            ours = one.issuer == issuer.subject and one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
            ends = one.next_update_utc or one.last_update_utc
            if ours and one.last_update_utc <= self.at <= ends:
                revoked = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
                dated = revoked and revoked.revocation_date_utc <= self.at
                require(not dated, "certificat révoqué au moment du sceau")
                return
        raise Refused("aucune liste de révocation de ce jour-là")


def may_issue(certificate: x509.Certificate, below: int) -> bool:
    """An authority, that signs certificates, with so many other authorities below it at most."""
    held = certificate.extensions
    try:
        ground = held.get_extension_for_class(x509.BasicConstraints).value
        usage = held.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    most = ground.path_length
    return ground.ca and usage.key_cert_sign and (most is None or below <= most)


# -- The sealed PDF --


def covered_bytes(pdf: bytes) -> tuple[bytes, bytes]:
    """What the one signature covers, and its container; the rest of the file is empty."""
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    require(len(ranges) == 1, f"{len(ranges)} signatures au lieu d'une")
    start, length, second, rest = map(int, ranges[0])
    whole = start == 0 and second + rest == len(pdf) and length < second
    require(whole, "le sceau ne couvre pas le fichier entier")
    gap = pdf[length:second]
    require(re.fullmatch(rb"<[0-9A-F]+>", gap), "le sceau n'a pas sa forme")
    container = bytes.fromhex(gap[1:-1].decode())
    used = len(first(container)[2])
    require(not any(container[used:]), "des octets suivent le sceau")
    return pdf[:length] + pdf[second:], container[:used]


def instant_of(timestamp: Signed) -> datetime:
    """The time that the token says (TSTInfo)."""
    told = next(body for tag, body, _ in nodes(first(timestamp.content)[1]) if tag == 0x18)
    text = told.decode().removesuffix("Z")
    shape = "%Y%m%d%H%M%S.%f" if "." in text else "%Y%m%d%H%M%S"
    return datetime.strptime(text, shape).replace(tzinfo=UTC)


def check_seal(files: dict[str, bytes], root: bytes, timestamp_root: bytes) -> datetime:
    """The sealed PDF is whole, ours, and dated by the trusted authority."""
    covered, container = covered_bytes(files["scellee.pdf"])
    seal = Signed(container)
    seal.check(covered)
    require(TIMESTAMP_ATTRIBUTE in seal.unsigned, "aucun horodatage")
    token = seal.unsigned[TIMESTAMP_ATTRIBUTE]
    require(first(token)[2] == files["horodatage.der"], "l'horodatage du dossier est un autre")
    timestamp = timestamp_over(seal.signature, token)
    at = instant_of(timestamp)
    usage = seal.signer.extensions.get_extension_for_class(x509.KeyUsage).value
    require(usage.content_commitment, "le sceau vient d'un certificat d'autre usage")
    certificates = [x509.load_der_x509_certificate(der) for der in folder(files, "certificats/")]
    lists = folder(files, "revocations/")
    Trust(root, certificates, lists, at).check(seal.signer)
    Trust(timestamp_root, certificates, lists, at).check(timestamp.signer)
    return at


def timestamp_over(content: bytes, token: bytes) -> Signed:
    """A timestamp of these very bytes, whose signer is still to be trusted; raises Refused."""
    timestamp = Signed(token)
    timestamp.check(timestamp.content)
    info = list(nodes(first(timestamp.content)[1]))
    algorithm, imprint = list(nodes(info[2][1]))
    digest = hashes.Hash(HASHES[oid(first(algorithm[1])[1])])
    digest.update(content)
    require(imprint[1] == digest.finalize(), "l'horodatage est celui d'autre chose")
    purposes = timestamp.signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    require(TIME_STAMPING in purposes, "l'horodatage vient d'un certificat d'autre usage")
    return timestamp


def check_stamps(files: dict[str, bytes], timestamp_root: bytes) -> Iterator[str]:
    """The register's stamps since the seal, oldest first: each holds the document and the last."""
    held = [hashlib.sha256(files["scellee.pdf"]).hexdigest()]
    for n in range(1, len(folder(files, "timbres/")) // 2 + 1):
        told, token = files[f"timbres/{n}.txt"], files[f"timbres/{n}.tst"]
        lines = told.decode().splitlines()
        inside = all(any(line.startswith(f"{one} ") for line in lines) for one in held)
        require(inside, f"timbre {n} : sa liste ne tient pas le document ou le timbre précédent")
        timestamp = timestamp_over(told, token)
        at = instant_of(timestamp)
        Trust(timestamp_root, timestamp.certificates, None, at).check(timestamp.signer)
        held.append(f"{hashlib.sha256(told).hexdigest()} {hashlib.sha256(token).hexdigest()}")
        yield f"au registre horodaté le {at.isoformat()}"


def folder(files: dict[str, bytes], name: str) -> list[bytes]:
    """The contents of a folder of the bundle."""
    return [content for path, content in files.items() if path.startswith(name)]


def enclosed_files(pdf: bytes) -> list[bytes]:
    """The files that a PDF carries, in order; what a stream holds is never read as an object."""
    files, at = [], 0
    while found := STREAM.search(pdf, at):
        told = pdf[at : found.start()].rpartition(b" obj")[2]
        length = re.search(rb"/Length (\d+)", told)
        require(length, "flux sans longueur")
        assert length
        at = found.end() + int(length[1])
        if re.search(rb"/EmbeddedFile\b", told):
            raw = pdf[found.end() : at]
            files.append(zlib.decompress(raw) if b"/FlateDecode" in told else raw)
    return files


def address_in(pdf: bytes) -> str:
    """Where the seal says that anyone checks the document."""
    found = re.findall(rb"/Location \(((?:[^()\\]|\\[0-7]{3})*)\)", pdf)
    require(len(found) == 1, "le sceau ne dit pas où se vérifier")
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), found[0]).decode()


# -- The gestures --


def canonical(value: Any) -> bytes:
    """RFC 8785, for texts, whole numbers, lists and objects: what the terms hold."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def unweb(text: str) -> bytes:
    """Base64 for addresses, without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(data: bytes) -> Any:
    """A map of whole numbers to whole numbers and bytes: a COSE key."""
    return _item(data, 0)[0]


def _item(data: bytes, at: int) -> tuple[Any, int]:
    kind, size = data[at] >> 5, data[at] & 31
    at += 1
    if size >= 24:
        width = 1 << (size - 24)
        size, at = int.from_bytes(data[at : at + width], "big"), at + width
    if kind in (0, 1):
        return (size if kind == 0 else -1 - size), at
    if kind in (2, 3):
        return data[at : at + size], at + size
    require(kind == 5, "clé illisible")
    made: dict[Any, Any] = {}
    for _ in range(size):
        name, at = _item(data, at)
        made[name], at = _item(data, at)
    return made, at


def check_key(key: dict[int, Any], signature: bytes, content: bytes) -> None:
    """A COSE key signed this; raises InvalidSignature."""
    if key[1] == 2:
        x, y = (int.from_bytes(key[n], "big") for n in (-2, -3))
        point = ec.EllipticCurvePublicNumbers(x, y, CURVES[key[-1]]).public_key()
        point.verify(signature, content, ec.ECDSA(COSE_HASHES[key[3]]))
    elif key[1] == 3:
        n, e = (int.from_bytes(key[name], "big") for name in (-1, -2))
        public = rsa.RSAPublicNumbers(e, n).public_key()
        public.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    else:
        ed25519.Ed25519PublicKey.from_public_bytes(key[-2]).verify(signature, content)


def check_gesture(told: dict[str, Any], act: str, same: tuple[str, str], address: str) -> str:
    """One act: what it binds, and the gesture when it can be checked; gives a sentence.

    ``same`` are the hashes of content and paper, ``address`` the one where the document is checked.
    """
    who, proof = told["person"], told["proof"]
    terms, declaration = proof["terms"], proof["declaration"]
    require((told["content_sha256"], told["pdf_sha256"]) == same, f"{who} : autre document")
    require((terms["content_sha256"], terms["pdf_sha256"]) == same, f"{who} : autres termes")
    require(terms["act"] == act, f"{who} : le geste est d'un autre acte")
    require(terms["kinds"] == told["kinds"], f"{who} : autres volets")
    for name in ("line", "own_line"):
        line = told[name] or {}
        require(line.get("id") == terms[name], f"{who} : autre ligne du plan")
    declared = hashlib.sha256(declaration.encode()).hexdigest()
    require(terms["declaration_sha256"] == declared, f"{who} : autre déclaration")
    require(f" {who}, " in declaration, f"{who} : autre personne que celle qui déclare")
    require(told["power"] in declaration, f"{who} : autre pouvoir que celui qui est déclaré")
    if told["level"] != "passkey":
        return f"{who} : mot de passe et code ; le geste repose sur la parole du portail"
    challenge = hashlib.sha256(canonical(terms)).digest()
    client = unweb(proof["client_data_json"])
    said = json.loads(client)
    require(said["type"] == "webauthn.get", f"{who} : ce n'est pas un geste de signature")
    require(unweb(said["challenge"]) == challenge, f"{who} : le geste vise autre chose")
    data = unweb(proof["authenticator_data"])
    site = urlsplit(address)
    party = hashlib.sha256((site.hostname or "").encode()).digest()
    require(said["origin"] == f"{site.scheme}://{site.netloc}", f"{who} : geste d'un autre site")
    require(data[:32] == party, f"{who} : clé d'un autre site")
    require(data[32] & USER_PRESENT and data[32] & USER_VERIFIED, f"{who} : personne non vérifiée")
    try:
        key = cbor(unweb(proof["public_key"]))
        check_key(key, unweb(proof["signature"]), data + hashlib.sha256(client).digest())
    except InvalidSignature as error:
        raise Refused(f"{who} : la clé n'a pas signé cela") from error
    return f"{who} : clé d'accès, personne vérifiée, le {told[ACTS[act]]}"


def check_journal(journal: dict[str, Any]) -> None:
    """The link's hash covers the event and the link before it."""
    event = json.dumps(journal["event"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    text = f"{journal['previous']}|{journal['position']}|{event}"
    require(
        hashlib.sha256(text.encode()).hexdigest() == journal["sha256"],
        "le maillon du journal ne correspond pas à son événement",
    )


# -- The whole --


def read(path: Path) -> dict[str, bytes]:
    """The bundle's files, each with the hash that its manifest says."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(files.pop("manifeste.json"))
    require(told["format"] == FORMAT, "format inconnu")
    found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    require(found == told["sha256"], "un fichier du dossier a changé")
    return files


def check(files: dict[str, bytes], root: bytes, timestamp_root: bytes) -> Iterator[str]:
    """What holds, a sentence at a time; raises Refused at the first thing that does not."""
    yield f"{len(files)} fichiers, empreintes exactes"
    at = check_seal(files, root, timestamp_root)
    yield f"sceau entier, de la racine donnée, horodaté le {at.isoformat()}"
    held = enclosed_files(files["scellee.pdf"])
    require(len(held) == len(ENCLOSED), f"{len(held)} fichiers joints au document scellé")
    for name, content in zip(ENCLOSED, held, strict=True):
        require(files[name] == content, f"{name} n'est pas celui que le document scellé contient")
    yield "demande, contenu, signatures et journal : ceux que le sceau couvre"
    address = address_in(files["scellee.pdf"])
    same = (
        hashlib.sha256(files["contenu.json"]).hexdigest(),
        hashlib.sha256(files["demande.pdf"]).hexdigest(),
    )
    signatures = json.loads(files["signatures.json"])
    require(signatures, "aucune signature")
    for told in signatures:
        yield check_gesture(told, "sign", same, address)
        require(datetime.fromisoformat(told["signed_at"]) <= at, "signée après son sceau")
    check_journal(json.loads(files["journal.json"]))
    yield "maillon du journal exact"
    yield from check_stamps(files, timestamp_root)
    if WITHDRAWAL in files:
        told = json.loads(files[WITHDRAWAL])
        yield f"retrait par {check_gesture(told, 'withdraw', same, address)}"
    else:
        yield f"aucun retrait dans ce dossier ; l'état d'aujourd'hui se lit à {address}"


def main() -> int:
    """Exit 0 when everything holds, 3 when it does and was withdrawn since, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Vérifie un dossier de preuve, sans le portail.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--timestamp-root", type=Path)
    asked = parser.parse_args()
    root = asked.root.read_bytes()
    stamp_root = asked.timestamp_root.read_bytes() if asked.timestamp_root else root
    try:
        files = read(asked.bundle)
        for sentence in check(files, root, stamp_root):
            print(f"  ok  {sentence}")
    except Refused as error:
        print(f"REFUSÉ : {error}")
        return 1
    except Exception as error:
        print(f"REFUSÉ : dossier illisible ({type(error).__name__})")
        return 1
    if WITHDRAWAL in files:
        print("VALIDE, RETIRÉE")
        return WITHDRAWN
    print("VALIDE")
    return 0


if __name__ == "__main__":
    sys.exit(main())
