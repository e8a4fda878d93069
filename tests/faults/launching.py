"""`make run` itself, in a folder of its own: its first page, what a kill -9 leaves (L-01)."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from launcher.choices import ROOT, SETTINGS, Choices
from launcher.processes import Process
from launcher.servers import private_folder
from tests.faults.browser import Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import GIVEN, Stand, eventually, free_port

LAUNCHER = """
import sys
from functools import partial
from pathlib import Path
from launcher import run
run.RUN = Path(sys.argv[1])
run.only_one = partial(run.only_one, run.RUN)
raise SystemExit(run.main())
"""
STARTED = ("postgres", "valkey", "authority", "gunicorn", "worker", "beat")
"""A word of each command that it starts."""
READY = "PRÊT"
PATIENCE = 300  # seconds for the demonstration, loaded by the first start
END = 30  # seconds for the last process to be gone: PostgreSQL writes what it holds


@fault(
    "L-01",
    "a second start shows its first page in time; killed -9, it leaves 0 processes",
    unit="s",
    at_most=10,
)
def l_01(stand: Stand) -> float:
    with private_folder() as folder:
        choices = Choices("127.0.0.1", free_port())
        launcher = launcher_in(folder, choices)
        try:
            loaded = start(launcher, lambda: READY in launcher.log.read_text())
            commands = commands_in(folder / "run")
            lacking = [word for word in STARTED if not any(word in line for line in commands)]
            expect(not lacking, f"{', '.join(lacking)} not among {commands}")
            gone = end(launcher, signal.SIGKILL, folder)
            first_page = start(launcher, lambda: shows_a_page(choices))
            end(launcher, signal.SIGTERM, folder)
        finally:
            launcher.kill()
    print(
        f"  ready with the demonstration in {loaded:.1f} s; {len(commands)} processes, killed -9, "
        f"0 left after {gone:.1f} s",
        flush=True,
    )
    return first_page


def launcher_in(folder: Path, choices: Choices) -> Process:
    """The launcher with its data in the folder, and none of the stand's settings."""
    env = {name: value for name, value in os.environ.items() if name not in {*SETTINGS, *GIVEN}}
    env |= {"HOST": choices.host, "PORT": str(choices.port)}
    command = [sys.executable, "-c", LAUNCHER, str(folder / "run")]
    return Process("Lanceur", command, folder / "launcher.log", env=env, cwd=ROOT)


def start(launcher: Process, is_there: Callable[[], bool]) -> float:
    """Start it; how many seconds it took to come to that."""
    launcher.start()

    def came() -> bool:
        expect(launcher.is_running, launcher.log.read_text(errors="replace")[-2000:])
        return is_there()

    return eventually(came, PATIENCE, "the launcher is not there")


def end(launcher: Process, number: int, folder: Path) -> float:
    """End the launcher by a signal; how many seconds its last process lived after."""
    launcher.send(number)
    expect(launcher.wait(PATIENCE), "the launcher does not end")
    began = time.monotonic()
    while left := commands_in(folder / "run"):
        expect(time.monotonic() - began < END, f"left after {END} s: {left}")
        time.sleep(0.1)
    return time.monotonic() - began


def shows_a_page(choices: Choices) -> bool:
    """Whether the door of the portal opens."""
    try:
        return Browser(choices.port).get("/compte/login/").status == 200
    except OSError:
        return False


def commands_in(folder: Path) -> list[str]:
    """The commands of the processes that hold a file of the folder: a log or a lock."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = [os.readlink(file) for file in (process / "fd").iterdir()]
            if any(Path(name).is_relative_to(folder) for name in held):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
