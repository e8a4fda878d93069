"""python.sh: a Python is chosen because it runs, not because its name exists."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.choices import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose path has spaces and accents, with nothing but the script."""
    folder = tmp_path / "Été à la ferme"
    (folder / "launcher").mkdir(parents=True)
    shutil.copy(ROOT / "launcher" / "python.sh", folder / "launcher")
    return folder


def run_script(checkout: Path, path: str, **env: str) -> subprocess.CompletedProcess[str]:
    where = {"PATH": f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(checkout), **env}
    command = ["/bin/sh", "launcher/python.sh", "-c", "import sys; print(sys.executable)"]
    return subprocess.run(command, cwd=checkout, env=where, capture_output=True, text=True)


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_fails_is_passed_over(checkout: Path) -> None:
    shims = checkout / "shims"
    program(shims, "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    program(shims, "python3.11", f'exec "{sys.executable}" "$@"')
    answer = run_script(checkout, str(shims))
    assert answer.returncode == 0, answer.stderr
    assert "shims" not in answer.stdout


def test_the_python_asked_for_is_preferred(checkout: Path) -> None:
    text = f'echo asked >> "{checkout}/calls"; exec "{sys.executable}" "$@"'
    wanted = program(checkout, "my python", text)
    answer = run_script(checkout, "/nowhere", PYTHON=str(wanted))
    assert answer.returncode == 0
    assert (checkout / "calls").read_text().splitlines() == ["asked", "asked"]  # tried, then become


def test_without_any_python_the_message_says_what_to_do(checkout: Path) -> None:
    script = checkout / "launcher" / "python.sh"
    text = script.read_text().replace("$PATH /usr/local/bin /usr/bin", "$PATH")
    script.write_text(text.replace('cd "$(dirname "$0")/.."', "cd ."))
    command = ["/bin/sh", "launcher/python.sh", "-V"]
    env = {"PATH": "/nowhere", "HOME": str(checkout)}
    answer = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "Python 3.11" in answer.stderr
