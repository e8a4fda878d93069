"""What the sealed document says on its pages, read back by an independent reader."""

import random
import subprocess
from collections.abc import Iterator

import pikepdf
import pytest

from derogations import tasks
from derogations.certificate import address_of
from derogations.verification import only_seal, verify
from portal.files import path_of, read
from tests.derogations.sealing import seal_of, signed_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(sealing, settings):
    settings.DEMONSTRATION = True
    made = signed_world()
    tasks.seal(version_id=made.derogation.version_id)
    return made


def pages(world, *options: str) -> str:
    path = path_of(seal_of(world).file.sha256)
    told = subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, check=True)
    return told.stdout.decode()


def test_the_certificate_says_who_under_which_power_when_and_where_to_check(world):
    told = pages(world, "-layout")
    plain = "".join(told.split())
    seal, version = seal_of(world), world.version
    signature = version.signatures.get()
    facts = (
        f"Signé par {world.signer.person}",
        world.line.post,
        f"ligne {world.line.clause} du plan",
        world.line.plan.act_file.sha256,
        signature.get_level_display(),
        signature.proof["declaration"],
        f"{signature.signed_at:%Y-%m-%d %H:%M:%S},{signature.signed_at:%f} UTC",
        "America/Montreal",
        version.content_sha256,
        version.pdf_sha256,
        f"Position {seal.journal_position}",
        f"http://localhost:8000/verifier/{seal.token}",
        "autorité de démonstration",
    )
    missing = [fact for fact in facts if "".join(str(fact).split()) not in plain]
    assert missing == [], told


def test_the_sealed_document_stays_readable_by_everyone(world):
    """PDF/UA-1: its language, its title, each figure told, each cell with its headers."""
    with pikepdf.open(path_of(seal_of(world).file.sha256)) as pdf:
        told = pdf.open_metadata()
        assert told["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert told["dc:title"] == f"Dérogation {world.derogation.number}, document scellé"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert (str(pdf.Root.Lang), bool(pdf.Root.MarkInfo.Marked)) == ("fr-CA", True)
        tree = [(str(part.S), part) for part in elements(pdf.Root.StructTreeRoot.K)]
        figures = [str(part.Alt) for kind, part in tree if kind == "/Figure"]
        headers = {str(part.ID) for kind, part in tree if kind == "/TH"}
        named = [set(map(str, part.A.Headers)) for kind, part in tree if kind == "/TD"]
    assert any(address_of(seal_of(world).token) in figure for figure in figures)
    assert all(figures)
    assert named
    assert [names for names in named if not names or not names <= headers] == []


def elements(node) -> Iterator[pikepdf.Dictionary]:
    """The elements of a tagged document, in reading order."""
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def test_a_change_of_one_byte_of_the_true_document_is_seen(world, authority, tmp_path):
    """What the task sealed, by the portal's verifier and by poppler."""
    whole = read(seal_of(world).file)
    root, path = authority.root.read_bytes(), tmp_path / "file.pdf"
    first, length, second, _ = only_seal(whole).byte_range
    believed = []
    for offset in (None, *random.Random(20261123).sample(range(len(whole)), 40)):
        changed = bytearray(whole)
        if offset is not None:
            changed[offset] ^= 1
        path.write_bytes(changed)
        poppler = subprocess.run(["pdfsig", path], capture_output=True, check=False).stdout
        told = [word in poppler for word in (b"Signature is Valid.", b"Total document signed")]
        covered = offset is None or not first + length <= offset < second
        if verify(bytes(changed), root).is_valid or (covered and all(told)):
            believed.append(offset)
    assert believed == [None]
