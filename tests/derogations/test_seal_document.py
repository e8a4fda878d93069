"""What the sealed document says on its pages, read back by an independent reader."""

import subprocess

import pytest

from derogations import tasks
from portal.files import path_of
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


def test_the_figure_to_scan_has_its_words(world):
    """PDF/UA: every figure is told."""
    path = path_of(seal_of(world).file.sha256)
    tree = subprocess.run(["pdfinfo", "-struct-text", path], capture_output=True, check=True)
    told = tree.stdout.decode()
    assert "Figure" in told
    assert "H1" in told
    assert "TH" in told
