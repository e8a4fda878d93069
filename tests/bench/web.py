"""What the bench starts: servers of its own that keep their promises, one worker of the portal."""

import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.choices import ROOT
from launcher.postgres import Postgres
from launcher.processes import Process, pause, run_steps
from launcher.servers import Servers, private_folder
from launcher.valkey import Valkey

HOST = "portail.exemple.test"
PATIENCE = 900  # seconds for one step


@contextmanager
def own_servers() -> Iterator[Path]:
    """A durable PostgreSQL and broker, never those that the environment names; yields the folder.

    On the way in, the environment of this process becomes that of a production.
    """
    with private_folder() as folder:
        log = folder / "log"
        postgres = Postgres(folder / "postgresql", folder, log / "postgresql.log", volatile=False)
        valkey = Valkey(folder / "valkey", folder, log / "valkey.log", volatile=False)
        servers = Servers(postgres, valkey)
        try:
            servers.start()
            os.environ.update(production(servers, folder))
            yield folder
        finally:
            servers.stop()


def production(servers: Servers, folder: Path) -> dict[str, str]:
    """The settings of a production behind HTTPS."""
    return {
        **servers.environment(),
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DEBUG": "0",
        "DEMONSTRATION": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BASE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "DATA_DIR": str(folder / "data"),
        "BENCH_STATIC_ROOT": str(folder / "static"),
        "PYTHONUNBUFFERED": "1",
    }


def prepare(folder: Path) -> None:
    """Migrate and collect the static files."""
    manage = [
        command(folder, name, "manage.py", name, "--no-input")
        for name in ("migrate", "collectstatic")
    ]
    run_steps(manage, seconds=PATIENCE)


def seed(folder: Path, module: str = "tests.bench.seed") -> Path:
    """Run a seeding command; its figures are in the file returned."""
    name = module.rsplit(".", 1)[1]
    step = command(folder, name, "-m", module)
    step.output = folder / f"{name}.txt"
    run_steps([step], seconds=PATIENCE)
    return step.output


def command(folder: Path, name: str, *arguments: str) -> Process:
    """A Python process of the project, with its log."""
    return Process(
        name, [sys.executable, *arguments], folder / "log" / f"{name}.log", dict(os.environ), ROOT
    )


@contextmanager
def one_worker(folder: Path) -> Iterator[tuple[int, int]]:
    """gunicorn with one synchronous worker; yields its port and the worker's process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    size = ("--workers", "1", "--worker-class", "sync", "--bind", f"127.0.0.1:{port}")
    quiet = ("--no-control-socket", "--access-logfile", "-", "portal.wsgi:application")
    process = command(folder, "web", "-m", "gunicorn", *size, *quiet)
    process.orphan_signal = signal.SIGQUIT
    try:
        process.start()
        process.wait_until(lambda: _answers(port), 60)
        assert process.popen is not None
        yield port, _child(process.popen.pid)
    finally:
        process.stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _child(pid: int) -> int:
    """The worker that gunicorn forked."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    deadline = time.monotonic() + 10
    while not (found := children.read_text().split()):
        if time.monotonic() > deadline:
            raise RuntimeError("gunicorn has no worker")
        pause()
    return int(found[0])


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
