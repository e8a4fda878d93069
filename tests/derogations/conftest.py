"""The worlds of the derogations' tests."""

import importlib.util

import pytest
from django.conf import settings
from django.test import override_settings

from derogations.authority import make_authority
from derogations.sealing import Wording, seal_pdf
from launcher.servers import private_folder
from tests.derogations.asking_world import make_asking
from tests.derogations.sealing import PASSPHRASE, TOKEN, plain_pdf, seal_settings, timestamper


@pytest.fixture(scope="session")
def script():
    """The independent script, as a module."""
    spec = importlib.util.spec_from_file_location(
        "verify_evidence", settings.BASE_DIR / "docs" / "verify_evidence.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def asking(db):
    return make_asking()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """The local authority's certificates, made once."""
    return make_authority(tmp_path_factory.mktemp("authority"), passphrase=PASSPHRASE)


@pytest.fixture(scope="session")
def stamps(authority):
    """The address of its timestamper."""
    with private_folder() as folder, timestamper(authority, folder / "stamps.sock") as url:
        yield url


@pytest.fixture
def sealing(settings, authority, stamps):
    """The portal has a key, a trusted time and a root."""
    settings.SEAL = seal_settings(authority, stamps)
    return settings.SEAL


@pytest.fixture(scope="session")
def paper():
    """A small PDF, rendered once."""
    return plain_pdf()


@pytest.fixture(scope="session")
def sealed(authority, stamps, paper):
    """That PDF, sealed once."""
    wording = Wording("D-2026-00001", TOKEN, f"http://localhost/verifier/{TOKEN}", "Sceau")
    with override_settings(SEAL=seal_settings(authority, stamps)):
        return seal_pdf(paper, wording).content
