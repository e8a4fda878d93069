"""The demonstration's authority as a process: its files, its timestamps, its end."""

import signal
from pathlib import Path

import pytest
from django.conf import settings as portal_settings

from derogations.sealing import SealUnavailable, stamp
from launcher.authority import Authority
from launcher.servers import private_folder


@pytest.fixture
def authority():
    with private_folder() as folder:
        made = Authority(folder / "authority", folder, folder / "authority.log")
        made.start()
        yield made
        made.stop()


def given(authority: Authority) -> dict[str, object]:
    """What ``portal/settings.py`` reads of its environment."""
    told = authority.environment()
    return {
        **portal_settings.SEAL,
        "pkcs12": told["SEAL_PKCS12"],
        "passphrase": told["SEAL_PASSPHRASE"],
        "root": told["SEAL_ROOT"],
        "timestamp_root": told["SEAL_ROOT"],
        "revocations": [told["SEAL_REVOCATIONS"]],
        "timestamp_url": told["TIMESTAMP_URL"],
    }


def test_it_stamps_under_its_own_root_and_keeps_its_key_to_itself(authority, settings):
    settings.SEAL = given(authority)
    assert stamp(b"registre").token
    secret = Path(authority.environment()["SEAL_PKCS12"])
    assert secret.stat().st_mode & 0o077 == 0


def test_the_same_root_serves_after_a_restart_and_none_once_stopped(authority, settings):
    root = (authority.data / "root.pem").read_bytes()
    authority.process.send(signal.SIGTERM)
    authority.process.finish()
    settings.SEAL = given(authority)
    with pytest.raises(SealUnavailable):
        stamp(b"registre")
    authority.start()
    assert (authority.data / "root.pem").read_bytes() == root
    assert stamp(b"registre").token
