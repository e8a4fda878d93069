"""The evidence bundle: everything that proves a signature, checked without the portal.

``docs/verify_evidence.py`` reads it with the standard library and ``cryptography`` alone.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "derogation-evidence-2"
MANIFEST = "manifeste.json"
WITHDRAWN = "retrait.json"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same rows make the same bytes: no clock enters the archive."""

README = """\
Dossier de preuve d'une dérogation signée et scellée.

scellee.pdf         le document scellé, seul original (PAdES B-LT)
demande.pdf         la demande telle qu'elle a été montrée aux signataires (*)
contenu.json        son contenu canonique (RFC 8785), celui que les empreintes visent (*)
signatures.json     qui, en vertu de quoi, quand, et la preuve de chaque geste (*)
journal.json        l'événement de la signature et son maillon (*)
horodatage.der      le jeton de l'autorité d'horodatage (RFC 3161)
certificats/        les certificats du sceau et de l'horodatage (DER)
revocations/        les listes de révocation au moment du sceau (DER)
timbres/            les timbres du registre depuis le sceau : la liste des empreintes et son jeton
retrait.json        le retrait de la signature et la preuve de son geste, s'il y en a un
manifeste.json      l'empreinte SHA-256 de chaque fichier

(*) Les mêmes octets sont joints au document scellé : le sceau les couvre.

Pour vérifier, sans le portail :

    python verify_evidence.py dossier.zip --root racine.pem

Il faut Python 3.11 et le paquet « cryptography » ; la racine se demande à qui tient le portail.
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What goes into the bundle, as bytes and plain values."""

    number: str
    sealed: bytes
    enclosed: Mapping[str, bytes]
    timestamp: bytes
    certificates: tuple[bytes, ...]
    revocations: tuple[bytes, ...]
    script: bytes


def bundle(evidence: Evidence) -> bytes:
    """The archive; its manifest names the hash of each file."""
    files = {
        "LISEZMOI.txt": README.encode(),
        "scellee.pdf": evidence.sealed,
        **evidence.enclosed,
        "horodatage.der": evidence.timestamp,
        "verify_evidence.py": evidence.script,
        **_numbered("certificats", "cer", evidence.certificates),
        **_numbered("revocations", "crl", evidence.revocations),
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    told = {"format": FORMAT, "number": evidence.number, "sha256": hashes}
    return _zip({**files, MANIFEST: as_json(told)})


def since_sealed(
    withdrawal: Mapping[str, Any] | None, stamps: Iterable[tuple[bytes, bytes]]
) -> dict[str, bytes]:
    """What came after the seal, by file: a withdrawal (R-22), the stamps with their lists."""
    files = {} if withdrawal is None else {WITHDRAWN: as_json(withdrawal)}
    for n, (hashes, stamp) in enumerate(stamps, start=1):
        files |= {f"timbres/{n}.txt": hashes, f"timbres/{n}.tst": stamp}
    return files


def with_files(archive: bytes, later: Mapping[str, bytes]) -> bytes:
    """The same archive with other files, named by its manifest; the first ones keep their bytes."""
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        files = {name: held.read(name) for name in held.namelist()}
    told = json.loads(files.pop(MANIFEST))
    told["sha256"] |= {name: hashlib.sha256(held).hexdigest() for name, held in later.items()}
    return _zip({**files, **later, MANIFEST: as_json(told)})


def _numbered(folder: str, kind: str, contents: tuple[bytes, ...]) -> dict[str, bytes]:
    return {f"{folder}/{n}.{kind}": content for n, content in enumerate(contents, start=1)}


def as_json(value: object) -> bytes:
    """Plain values as a file of the bundle."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
