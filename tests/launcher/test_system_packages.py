"""system_packages.py: `make run` warns and goes on (D-54), `make test` refuses, root installs."""

import pytest

from launcher import system_packages
from launcher.screen import LauncherError


@pytest.fixture
def without_pango(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine where one library is missing; returns what apt-get was asked."""
    asked: list[list[str]] = []

    def apt(words: list[str]) -> bool:
        asked.append(words)
        return True

    monkeypatch.setitem(system_packages.DOCUMENTS, "libpango-1.0-0", lambda: bool(asked))
    monkeypatch.setattr(system_packages, "_apt", apt)
    monkeypatch.setattr(system_packages, "has_program", lambda *names: True)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return asked


def test_root_installs_what_is_missing(
    without_pango: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    system_packages.provide(for_tests=True)
    assert without_pango == [["install", "--yes", "--no-install-recommends", "libpango-1.0-0"]]


def test_others_are_told_the_one_command_and_only_the_tests_stop(
    without_pango: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    command = "sudo apt-get install --yes --no-install-recommends libpango-1.0-0"
    system_packages.provide(for_tests=False)
    assert command in capsys.readouterr().out
    with pytest.raises(LauncherError, match=command):
        system_packages.provide(for_tests=True)
    assert without_pango == []
