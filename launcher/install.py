"""Makes .venv and installs the hashed requirement files: `python -m launcher.install runtime demo`.

Runs under any Python 3.11+ with the standard library alone. A warm start only compares checksums.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher import system_packages
from launcher.screen import LauncherError, say, say_step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV_VENV = VENV / "uv"
UV_LOCK = ROOT / "launcher" / "uv.txt"


def lock_file(group: str) -> Path:
    """The hashed requirement file of a group."""
    return ROOT / "requirements" / f"{group}.txt"


def stamp(group: str) -> str:
    """The checksum of a group's lock file."""
    return hashlib.sha256(lock_file(group).read_bytes()).hexdigest()


def is_installed(group: str) -> bool:
    """Whether this very lock file was installed to the end."""
    mark = VENV / "stamps" / group
    return mark.exists() and mark.read_text() == stamp(group)


def remember(groups: Sequence[str]) -> None:
    """Note what was installed, last of all."""
    (VENV / "stamps").mkdir(exist_ok=True)
    for group in groups:
        (VENV / "stamps" / group).write_text(stamp(group))


@contextmanager
def alone() -> Iterator[None]:
    """Two commands at once in one checkout take turns (uv has its own .venv/.lock)."""
    VENV.mkdir(exist_ok=True)
    with (VENV / "launcher.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def environment() -> dict[str, str]:
    """For uv and pip: the system's certificates, and a cache that can be written."""
    env = {
        key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")
    }
    env.setdefault("UV_SYSTEM_CERTS", "true")
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    cache = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    closest = next(path for path in (cache, *cache.parents) if path.exists())
    if not os.access(closest, os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(VENV / "cache" / "uv"))
        env.setdefault("PIP_CACHE_DIR", str(VENV / "cache" / "pip"))
    return env


def attempt(command: Sequence[str]) -> str | None:
    """Run quietly; None when it went well, what it said otherwise."""
    try:
        answer = subprocess.run(
            command, env=environment(), cwd=ROOT, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    except OSError as error:
        return str(error)
    return None if answer.returncode == 0 else answer.stdout


def make_venv() -> None:
    """Create .venv unless its Python works and is of an accepted version."""
    check = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    if PYTHON.exists() and attempt([str(PYTHON), "-c", check]) is None:
        return
    command = [sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV)]
    if (said := attempt(command)) is not None:
        raise LauncherError(f"Impossible de créer .venv :\n{said}")


def pip() -> list[str]:
    """A pip that acts on uv's small environment: the machine's (sooner ready), else its own."""
    private, borrowed = str(UV_VENV / "bin" / "python"), [sys.executable, "-m", "pip"]
    if attempt([private, "-m", "pip", "--version"]) is None:
        return [private, "-m", "pip"]
    make = [sys.executable, "-m", "venv", "--clear", str(UV_VENV)]
    lend = ([*make, "--without-pip"], [*borrowed, "--python", private, "--version"])
    if all(attempt(command) is None for command in lend):
        return [*borrowed, "--python", private]
    if attempt(make) is None:
        return [private, "-m", "pip"]
    if system_packages.install(["python3-venv"]) and attempt(make) is None:
        return [private, "-m", "pip"]
    raise LauncherError(
        "Python est là sans son module venv complet. Faites exécuter :\n\n"
        f"  {system_packages.command_to_ask_for(['python3-venv'])}\n"
    )


def install_with_uv(files: Sequence[str]) -> str | None:
    """None when it went well, what was said otherwise."""
    uv = UV_VENV / "bin" / "uv"
    if not uv.exists():
        said = attempt([*pip(), "install", "--quiet", "--require-hashes", "-r", str(UV_LOCK)])
        if said is not None:
            return said
    return attempt([str(uv), "pip", "install", "--python", str(PYTHON), "--require-hashes", *files])


def install_with_pip(files: Sequence[str]) -> str | None:
    """The slow way, where uv does not run."""
    return attempt(
        [*pip(), "--python", str(PYTHON), "install", "--quiet", "--require-hashes", *files]
    )


def install(groups: Sequence[str]) -> None:
    """Install the groups' lock files, once."""
    if PYTHON.exists() and all(is_installed(group) for group in groups):
        return
    began = time.monotonic()
    say(f"  Installation des dépendances ({', '.join(groups)})…")
    make_venv()
    files = [part for group in groups for part in ("-r", str(lock_file(group)))]
    said = install_with_uv(files)
    if said is not None:
        say("  uv n'y arrive pas ; nouvel essai avec pip.")
        if (by_pip := install_with_pip(files)) is not None:
            raise LauncherError(f"L'installation a échoué.\n{said}\n{by_pip}")
    remember(groups)
    say_step("Dépendances installées", time.monotonic() - began)


def main(groups: Sequence[str]) -> int:
    """Groups are names of files in requirements/."""
    try:
        with alone():
            install(groups)
    except LauncherError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
