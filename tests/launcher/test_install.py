"""install.py: a lock file is installed once, and again only when it changes."""

from pathlib import Path

import pytest

from launcher import install
from launcher.screen import LauncherError


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    for group in ("runtime", "demo"):
        (tmp_path / "requirements" / f"{group}.txt").write_text(f"{group}==1\n")
    return tmp_path


def test_a_changed_lock_file_is_no_longer_installed(checkout: Path) -> None:
    assert not install.is_installed("runtime")
    install.remember(["runtime", "demo"])
    assert install.is_installed("runtime")
    (checkout / "requirements" / "runtime.txt").write_text("runtime==2\n")
    assert not install.is_installed("runtime")
    assert install.is_installed("demo")


def test_a_warm_start_runs_no_command(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install.remember(["runtime", "demo"])
    monkeypatch.setattr(install, "attempt", lambda command: pytest.fail(f"ran {command}"))
    install.install(["runtime", "demo"])


def test_pip_takes_over_when_uv_fails_and_nothing_is_remembered_when_both_do(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "make_venv", lambda: None)
    monkeypatch.setattr(install, "install_with_uv", lambda files: "uv said no")
    monkeypatch.setattr(install, "install_with_pip", lambda files: "pip said no")
    with pytest.raises(LauncherError, match="uv said no"):
        install.install(["runtime"])
    assert not install.is_installed("runtime")
    monkeypatch.setattr(install, "install_with_pip", lambda files: None)
    install.install(["runtime"])
    assert install.is_installed("runtime")


def test_an_unwritable_home_gets_its_cache_in_the_checkout(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert install.environment()["UV_CACHE_DIR"].startswith(str(checkout))
