"""The portal's own processes for journeys: gunicorn and a worker on a given database.

The demonstration's authority runs beside them, so that the worker can seal.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.authority import Authority
from launcher.servers import private_folder

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "tests.journeys.settings"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""How Debian's Chromium runs here."""
AUTHORITY = "authority"
"""The folder of the authority's certificates, in DATA_DIR."""


@contextmanager
def running_portal(database: str) -> Iterator[str]:
    """Start both on ``database`` as ``portal_app``; yield the address; end them warmly."""
    with sealing_authority() as seal, _running(database, seal) as address:
        yield address


@contextmanager
def sealing_authority() -> Iterator[dict[str, str]]:
    """The demonstration's own authority; yields the settings by which the worker seals."""
    data = Path(os.environ["DATA_DIR"])
    with private_folder() as sockets:
        authority = Authority(data / AUTHORITY, sockets, data / "authority.log")
        authority.start()
        try:
            yield authority.environment()
        finally:
            authority.stop()


@contextmanager
def _running(database: str, seal: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = {
        **os.environ,
        **seal,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "DATABASE_URL": as_application(database),
        "BASE_URL": address,
        "DEMONSTRATION": "1",
    }
    environment.pop("PORTAL_DATABASE_ROLE", None)
    commands = (
        ["gunicorn", "portal.wsgi:application", "--threads=4", f"--bind=127.0.0.1:{port}"],
        ["celery", "-A", "portal", "worker", "--pool=threads", "--concurrency=2"],
    )
    path = Path(os.environ["DATA_DIR"]) / "processes.log"
    with path.open("w") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
            for command in commands
        ]
        try:
            _wait(f"{address}/compte/login/", path)
            yield address
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=30)


def as_application(database: str) -> str:
    """The address of ``database`` for the role portal_app."""
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}?{query}"


def _wait(address: str, log: Path) -> None:
    """Until the server answers; the log is shown when it does not."""
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=2)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(log.read_text()[-4000:])
