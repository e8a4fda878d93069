"""The folder .run: one launcher at a time in it, and its clearing (`make clean-data`)."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.choices import RUN
from launcher.processes import pause
from launcher.screen import LauncherError, say

REMNANTS_SECONDS = 40


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _make(run: Path) -> None:
    try:
        run.mkdir(mode=0o700, exist_ok=True)
        (run / "log").mkdir(exist_ok=True)
        probe = os.open(run / "launcher.lock", os.O_CREAT | os.O_RDWR, 0o600)
        os.close(probe)
    except PermissionError as error:
        raise LauncherError(
            f"Le dossier {run} appartient à un autre compte : relancez avec ce compte,\n"
            "ou supprimez le dossier."
        ) from error


@contextmanager
def only_one(run: Path = RUN) -> Iterator[int]:
    """Hold the folder; yields a descriptor that children keep open, so remnants are seen too.

    The first lock tells that a launcher lives; the second, that a child of a killed one still does.
    """
    _make(run)
    launcher = os.open(run / "launcher.lock", os.O_RDWR)
    children = os.open(run / "children.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not _try_lock(launcher):
            raise LauncherError("« make run » tourne déjà dans ce dossier : arrêtez-le par Ctrl-C.")
        deadline = time.monotonic() + REMNANTS_SECONDS
        while not _try_lock(children):
            if time.monotonic() > deadline:
                raise LauncherError("Des processus d'une exécution interrompue tournent encore.")
            pause()
        yield children
    finally:
        os.close(children)
        os.close(launcher)


def clean() -> int:
    """Remove every datum of the demonstration."""
    try:
        with only_one():
            shutil.rmtree(RUN)
    except (LauncherError, OSError) as error:
        say(str(error))
        return 1
    say("Données effacées : le prochain « make run » repart à neuf.")
    return 0


if __name__ == "__main__":
    raise SystemExit(clean())
