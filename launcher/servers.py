"""The two servers together, in a private folder, for as long as a block of code runs."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher.postgres import APP, OWNER, Postgres
from launcher.valkey import Valkey

PREFIX = "portail-"
LONGEST_BASE = 60  # a socket's path stops at 107 bytes
ABANDONED_SECONDS = 60


@dataclass
class Servers:
    """The servers we run; None stands for one that the environment names instead."""

    postgres: Postgres | None
    valkey: Valkey | None

    def start(self) -> None:
        for server in (self.postgres, self.valkey):
            if server:
                server.start()

    def stop(self) -> None:
        """The broker first: the database is the truth and goes last."""
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()

    def environment(self) -> dict[str, str]:
        """The settings by which the portal finds the servers that we run."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url(APP)
            found["DATABASE_OWNER_URL"] = self.postgres.url(OWNER)
        if self.valkey:
            found["REDIS_URL"] = self.valkey.url
        return found


def temporary_base() -> str:
    """Where short-lived folders go: TMPDIR when its path suits a socket's address, else /tmp."""
    base = tempfile.gettempdir()
    suits = len(base) <= LONGEST_BASE and base.isascii() and " " not in base and "," not in base
    return base if suits else "/tmp"  # noqa: S108


@contextmanager
def private_folder() -> Iterator[Path]:
    """A 0700 folder that goes away at the end; those of killed runs are swept first."""
    base = temporary_base()
    sweep(Path(base))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # held until we die: how others know that we live
        yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def sweep(base: Path) -> None:
    """Remove our folders that nobody holds any more."""
    for folder in base.glob(PREFIX + "*"):
        try:
            ours = os.geteuid() in (0, folder.lstat().st_uid) and not folder.is_symlink()
            if ours and _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _is_abandoned(folder: Path) -> bool:
    lock = folder / "lock"
    if not lock.exists():  # being made right now, or half removed
        return time.time() - folder.stat().st_mtime > ABANDONED_SECONDS
    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def given(name: str) -> bool:
    """Whether the environment names a server that exists."""
    return bool(os.environ.get(name))


def lasting(run: Path, sockets: Path, keep_open: Sequence[int] = ()) -> Servers:
    """The servers of `make run`, whose data stay in its folder."""
    postgres = valkey = None
    if not given("DATABASE_URL"):
        log = run / "log" / "postgresql.log"
        postgres = Postgres(run / "postgresql", sockets, log, volatile=False, keep_open=keep_open)
    if not given("REDIS_URL"):
        log = run / "log" / "valkey.log"
        valkey = Valkey(run / "valkey", sockets, log, volatile=False, keep_open=keep_open)
    return Servers(postgres, valkey)


@contextmanager
def ephemeral() -> Iterator[Servers]:
    """Servers that start empty and vanish, for tests and checks."""
    with private_folder() as folder:
        logs = folder / "log"
        postgres = valkey = None
        if not given("DATABASE_OWNER_URL"):
            log = logs / "postgresql.log"
            postgres = Postgres(folder / "postgresql", folder, log, volatile=True)
        if not given("REDIS_URL"):
            valkey = Valkey(folder / "valkey", folder, logs / "valkey.log", volatile=True)
        servers = Servers(postgres, valkey)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()
