"""A sealed file judged by itself: every change is seen, by pyHanko and by an independent reader."""

import io
import random
import subprocess

import pytest
import time_machine
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from derogations.authority import make_authority
from derogations.sealing import SealUnavailable, Wording, seal_pdf
from derogations.verification import only_seal, verify
from tests.derogations.sealing import PASSPHRASE, TOKEN, seal_settings, timestamper

WORDING = Wording("D-2026-00001", TOKEN, f"http://localhost/verifier/{TOKEN}", "Sceau")
OFFSETS = 200
WHOLE = ("Signature is Valid.", "Total document signed")


@pytest.fixture(scope="module")
def root(authority):
    return authority.root.read_bytes()


@pytest.fixture(scope="module")
def impostor(tmp_path_factory):
    """Another authority under the very same names."""
    return make_authority(tmp_path_factory.mktemp("impostor"), passphrase=PASSPHRASE)


@pytest.fixture
def pdfsig(tmp_path):
    """What poppler says of a file."""

    def told(content: bytes) -> str:
        path = tmp_path / "file.pdf"
        path.write_bytes(content)
        answer = subprocess.run(["pdfsig", path], capture_output=True, check=False)
        return (answer.stdout + answer.stderr).decode(errors="replace")

    return told


def flipped(content: bytes, offset: int) -> bytes:
    """One bit of one byte turned over."""
    changed = bytearray(content)
    changed[offset] ^= 1
    return bytes(changed)


def test_a_sealed_file_is_whole_for_both_readers(sealed, root, pdfsig):
    report = verify(sealed, root)
    assert report.faults == ()
    assert (report.number, report.token) == ("D-2026-00001", TOKEN)
    told = pdfsig(sealed)
    assert all(words in told for words in WHOLE), told
    assert told.count("Signature #") == 1


def test_a_change_of_one_byte_is_seen_at_200_offsets(sealed, root, pdfsig):
    """Anywhere; pdfsig is asked too where the seal covers the bytes, which is all but itself."""
    rng = random.Random(20261123)
    first, length, second, _ = only_seal(sealed).byte_range
    believed, trusted = [], []
    for offset in rng.sample(range(len(sealed)), OFFSETS):
        changed = flipped(sealed, offset)
        if verify(changed, root).is_valid:
            believed.append(offset)
        covered = not first + length <= offset < second
        if covered and offset % 4 == 0 and all(words in pdfsig(changed) for words in WHOLE):
            trusted.append(offset)
    assert (believed, trusted) == ([], [])


def test_a_change_inside_the_seal_itself_is_seen_at_200_offsets(sealed, root):
    rng = random.Random(20261123)
    first, length, second, _ = only_seal(sealed).byte_range
    offsets = rng.sample(range(first + length, second), OFFSETS)
    assert [at for at in offsets if verify(flipped(sealed, at), root).is_valid] == []


@pytest.mark.parametrize("added", [b"x", b"\n", b"\0" * 10, b"%PDF-1.7 autre", b"%%EOF\n"])
def test_bytes_added_at_the_end_are_seen(sealed, root, pdfsig, added):
    assert not verify(sealed + added, root).is_valid
    assert not all(words in pdfsig(sealed + added) for words in WHOLE)


def test_a_byte_added_is_named(sealed, root):
    assert "octets ont été ajoutés" in " ".join(verify(sealed + b"x", root).faults)


def test_an_incremental_update_is_seen(sealed, root, pdfsig):
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()
    made = io.BytesIO()
    writer.write(made)
    assert made.getvalue().startswith(sealed)
    assert not verify(made.getvalue(), root).is_valid
    assert "Not total document signed" in pdfsig(made.getvalue())


def test_a_second_signature_is_seen(sealed, root, impostor, monkeypatch):
    """The library refuses to add one to a document that allows no change; a forger would not."""
    check = "_enforce_certification_constraints"
    monkeypatch.setattr(signers.PdfSigner, check, lambda *args: None)
    signer = signers.SimpleSigner.load_pkcs12(str(impostor.seal), passphrase=PASSPHRASE.encode())
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    fields.append_signature_field(writer, fields.SigFieldSpec("Autre"))
    said = signers.PdfSignatureMetadata(field_name="Autre")
    forger = signers.PdfSigner(said, signer)
    made = forger.sign_pdf(writer, existing_fields_only=True).getvalue()
    assert verify(made, root).faults == ("2 signatures au lieu d'une",)


def test_a_foreign_authority_of_the_same_name_is_seen(
    sealed, root, impostor, paper, tmp_path, settings
):
    assert "racine donnée" in " ".join(verify(sealed, impostor.root.read_bytes()).faults)
    with timestamper(impostor, tmp_path / "t.sock") as url:
        settings.SEAL = seal_settings(impostor, url)
        forged = seal_pdf(paper, WORDING).content
    assert verify(forged, impostor.root.read_bytes()).is_valid
    assert "racine donnée" in " ".join(verify(forged, root).faults)


def test_a_time_from_another_authority_is_seen(authority, impostor, paper, tmp_path, settings):
    with timestamper(impostor, tmp_path / "t.sock") as url:
        settings.SEAL = seal_settings(authority, url)
        with pytest.raises(SealUnavailable):
            seal_pdf(paper, WORDING)


def test_a_seal_without_a_time_is_refused(authority, paper, root):
    signer = signers.SimpleSigner.load_pkcs12(str(authority.seal), passphrase=PASSPHRASE.encode())
    said = signers.PdfSignatureMetadata(field_name="Sceau", certify=True)
    made = signers.PdfSigner(said, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(paper)))
    assert verify(made.getvalue(), root).faults == ("aucun horodatage",)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"bonjour", b"%PDF-1.7\n" + b"\0" * 5000])
def test_what_is_no_sealed_pdf_is_refused_without_an_error(content, root):
    assert verify(content, root).faults


def test_an_unsealed_pdf_is_refused(paper, root):
    assert verify(paper, root).faults == ("aucun sceau dans ce fichier",)


def test_twenty_years_later_the_file_still_proves_itself(sealed, root):
    """The certificates, the list and the timestamp's certificate ended long before (D-23)."""
    with time_machine.travel("2046-11-23T12:00:00Z"):
        report = verify(sealed, root)
        assert report.faults == ()
        assert report.sealed_at is not None
        assert report.sealed_at.year < 2046
