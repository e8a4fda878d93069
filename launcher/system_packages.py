"""The Debian packages that Python's own cannot bring: what is missing, and how to install it."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from launcher.screen import LauncherError, say

FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")


def has_library(name: str) -> bool:
    """Whether the dynamic linker finds it."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_font(file_name: str) -> bool:
    """Whether a font file of that name is installed."""
    return any(True for folder in FONTS for _ in Path(folder).rglob(file_name))


def has_program(*names: str) -> bool:
    """Whether one of the programs is on the PATH."""
    return any(shutil.which(name) for name in names)


DOCUMENTS: dict[str, Callable[[], bool]] = {
    "libpango-1.0-0": lambda: has_library("libpango-1.0.so.0"),
    "libpangoft2-1.0-0": lambda: has_library("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": lambda: has_library("libharfbuzz-subset.so.0"),
    "fonts-dejavu-core": lambda: has_font("DejaVuSans.ttf"),
}
TESTS: dict[str, Callable[[], bool]] = {
    "chromium": lambda: has_program("chromium", "chromium-browser", "google-chrome"),
    "poppler-utils": lambda: has_program("pdfsig"),
}


def missing(packages: dict[str, Callable[[], bool]]) -> list[str]:
    """The names of the packages whose content is not here."""
    return [name for name, is_here in packages.items() if not is_here()]


def command_to_ask_for(names: Iterable[str]) -> str:
    """The one line that an administrator can run."""
    return f"sudo apt-get install --yes --no-install-recommends {' '.join(names)}"


def install(names: list[str]) -> bool:
    """Install with apt-get as root; the package lists are refreshed only when needed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"  Installation des paquets système : {' '.join(names)}")
    wanted = ["install", "--yes", "--no-install-recommends", *names]
    return _apt(wanted) or (_apt(["update"]) and _apt(wanted))


def _apt(arguments: list[str]) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    options = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    answer = subprocess.run(["apt-get", *options, *arguments], env=env, capture_output=True)
    return answer.returncode == 0


def provide(*, for_tests: bool) -> None:
    """Install what is missing; otherwise warn for `make run`, refuse for `make test`."""
    packages = {**DOCUMENTS, **TESTS} if for_tests else DOCUMENTS
    absent = missing(packages)
    if not absent or (install(absent) and not missing(packages)):
        return
    command = command_to_ask_for(absent)
    if for_tests:
        raise LauncherError(
            f"Les tests ont besoin de paquets système absents : {', '.join(absent)}.\n"
            f"Faites exécuter cette commande, puis recommencez :\n\n  {command}\n"
        )
    say(f"  Documents PDF en attente : il manque {', '.join(absent)}.\n  À exécuter : {command}")


def main(arguments: Sequence[str]) -> int:
    """`run` warns and goes on (D-54); `test` refuses."""
    try:
        provide(for_tests="test" in arguments)
    except LauncherError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
