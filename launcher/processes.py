"""Child processes that stop on demand, end with us whatever happens, and write to a log."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launcher.child import PR_SET_PDEATHSIG
from launcher.screen import failure

CHILD = Path(__file__).with_name("child.py")
LOG_LIMIT_BYTES = 5_000_000
_stop_asked = False


class StopAsked(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, closed terminal)."""


def listen_for_stop() -> None:
    """From now on these signals are noted; `pause` raises at its next turn."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _note_stop)


def _note_stop(number: int, frame: object) -> None:
    # An assignment and nothing more: setting a threading.Event here can deadlock with its waiter.
    global _stop_asked
    _stop_asked = True


def pause(seconds: float = 0.03) -> None:
    """Sleep a moment, then raise `StopAsked` if a signal came."""
    time.sleep(seconds)
    if _stop_asked:
        raise StopAsked


def shielded(prefix: Sequence[str], end_with_us: int, command: Sequence[str]) -> list[str]:
    """The command line under another identity (`prefix`), bound to our life by a signal."""
    wrapper = [sys.executable, "-I", "-S", str(CHILD), str(int(end_with_us)), str(os.getpid())]
    return [*prefix, *wrapper, *command]


def open_log(path: Path) -> int:
    """A file descriptor that appends; a log that grew too large is set aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


@dataclass
class Process:
    """One long-lived child: its command, its signals and its log.

    `orphan_signal` is what the kernel sends it if we are killed, and should end it quickly.
    """

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    cwd: Path | None = None
    prefix: Sequence[str] = ()
    stop_signal: int = signal.SIGTERM
    orphan_signal: int = signal.SIGTERM
    patience_seconds: float = 30
    keep_open: Sequence[int] = ()
    output: Path | None = None  # where standard output goes instead of the log
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in its own session, so that Ctrl-C reaches only us."""
        if threading.current_thread() is not threading.main_thread():
            # The kernel ties a child to the thread that made it, not to the process.
            raise RuntimeError("a child started from a thread would end with that thread")
        log = open_log(self.log)
        output = open_log(self.output) if self.output else os.dup(log)
        try:
            self.popen = subprocess.Popen(
                shielded(self.prefix, self.orphan_signal, self.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                env=dict(self.env),
                cwd=self.cwd,
                start_new_session=True,
                pass_fds=self.keep_open,
            )
        finally:
            os.close(log)
            os.close(output)

    @property
    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def send(self, number: int) -> None:
        """Signal the process itself, not its children."""
        if self.popen is not None:
            self.popen.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """True when it ended within that time."""
        try:
            if self.popen is not None:
                self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Kill -9, with what is left of its process group."""
        if self.popen is None:
            return
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self.popen.kill()
        self.popen.wait()

    def stop(self) -> None:
        """Ask, wait, and insist when patience ends."""
        if self.is_running:
            self.send(self.stop_signal)
        self.finish()

    def finish(self) -> None:
        """The second half of `stop`, for several processes asked together."""
        if not self.wait(self.patience_seconds):
            self.kill()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for readiness; raise with the end of the log if it dies or is late."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running:
                raise failure(f"{self.name} s'est arrêté en démarrant.", self.log)
            if time.monotonic() > deadline:
                raise failure(f"{self.name} ne répond pas après {seconds:.0f} s.", self.log)
            pause()


def run_steps(
    steps: Sequence[Process], *, watch: Callable[[], None] = lambda: None, seconds: float = 300
) -> None:
    """Run commands side by side to their end; raise with the end of the log of one that fails.

    `watch` is called at each turn and may raise.
    """
    deadline = time.monotonic() + seconds
    try:
        for step in steps:
            step.start()
        while any(step.is_running for step in steps):
            if time.monotonic() > deadline:
                raise failure(f"Trop long ({seconds:.0f} s).", *(step.log for step in steps))
            pause()
            watch()
    finally:
        for step in steps:
            step.stop()
    for step in steps:
        if step.popen is None or step.popen.returncode != 0:
            raise failure(f"{step.name} : échec.", step.log)


def end_with_parent() -> None:
    """Stop, in order, when the command that started us is killed (`make`, most often)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
