"""The stand: `make run`'s own processes in a folder of their own, on a small world."""

import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from launcher import run
from launcher.choices import Choices
from launcher.postgres import Postgres
from launcher.processes import Process
from launcher.servers import private_folder
from launcher.valkey import Valkey
from tests.faults.registry import expect

if TYPE_CHECKING:
    from orders.models import Order
    from tests.faults.browser import Browser
    from tests.orders.world import World

GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL", "DATA_DIR", "BASE_URL")
SETTINGS = "tests.faults.settings"


def free_port() -> int:
    """A port that nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(is_so: Callable[[], object], seconds: float, otherwise: str) -> float:
    """Wait; how many seconds it took. AssertionError with ``otherwise`` when it is too long."""
    began = time.monotonic()
    while not is_so():
        expect(time.monotonic() - began < seconds, f"{otherwise} after {seconds:g} s")
        time.sleep(0.05)
    return time.monotonic() - began


class Stand:
    """Servers whose data survive a crash, then gunicorn, the worker and the beat."""

    world: "World"

    def __init__(self, folder: Path) -> None:
        for name in GIVEN:
            os.environ.pop(name, None)
        os.environ["DEMONSTRATION"] = "1"
        run.RUN = folder / "run"
        run.RUN.mkdir()
        self.port = free_port()
        nothing = os.open(os.devnull, os.O_RDONLY)
        self.portal = run.Portal(Choices("127.0.0.1", self.port), folder, nothing)
        self.portal.env["DJANGO_SETTINGS_MODULE"] = SETTINGS
        self.web, self.worker, self.beat = self.portal.processes

    # -- its servers and processes --

    @property
    def postgres(self) -> Postgres:
        assert self.portal.servers.postgres
        return self.portal.servers.postgres

    @property
    def valkey(self) -> Valkey:
        assert self.portal.servers.valkey
        return self.portal.servers.valkey

    def start(self) -> None:
        """As `make run` does, with our world instead of the demonstration."""
        self.portal._serve()
        self.portal._prepare()
        os.environ.update(self.portal.env)
        import django

        django.setup()
        for process in self.portal.processes:
            process.start()
        self.wait_until_whole()

    def stop(self) -> None:
        """The web, the worker and the beat, then the servers."""
        self.portal.stop()

    def wait_until_whole(self, seconds: float = 60) -> float:
        """Until /sante answers 200: database, broker and worker."""
        health = lambda: run.ask_health(self.portal.choices)  # noqa: E731
        return eventually(lambda: health()[0] == 200, seconds, f"/sante answers {health()}")

    def is_said_down(self, sentence: str) -> None:
        """/sante answers 503 with the sentence of what is down."""
        status, told = run.ask_health(self.portal.choices)
        expect(status == 503 and sentence in told, f"/sante answers {status}: {told}")

    def restart(self, process: Process, **env: str) -> None:
        """Stop in order and start again, with other settings when they are given."""
        process.stop()
        process.env = {**self.portal.env, **env}
        process.start()

    def log(self, process: Process) -> str:
        return process.log.read_text(errors="replace")

    def clean(self) -> None:
        """Between two faults: everything runs, nothing waits, no trace is left."""
        from django.core.cache import cache
        from django.db import connection

        from portal.models import QueuedTask

        connection.close()
        for server in (self.valkey, self.postgres):
            if not server.process.is_running:
                server.start()
        for process in self.portal.processes:
            if not process.is_running:
                process.start()
        QueuedTask.objects.filter(done_at__isnull=True).delete()
        cache.clear()
        for path in (self.data / "effects", self.data / "journal-heads.txt"):
            path.unlink(missing_ok=True)
        self.wait_until_whole()

    @contextmanager
    def owner(self) -> Iterator[psycopg.Cursor]:
        """The owner's hands in the database; what is not committed is undone."""
        with psycopg.connect(self.portal.env["DATABASE_OWNER_URL"]) as link:
            with link.cursor() as cursor:
                yield cursor
            link.rollback()

    # -- its world --

    @property
    def data(self) -> Path:
        return Path(self.portal.env["DATA_DIR"])

    def browser(self) -> "Browser":
        """Alice's, who orders for the member."""
        from tests.faults.browser import Browser

        return Browser.of(self.world.alice, self.port)

    def draft(self) -> "Order":
        """A draft of one line."""
        return self.world.draft(self.world.line())

    def address(self, order: "Order", act: str = "") -> str:
        """The order's page, or what is posted from it."""
        place = f"/organismes/{self.world.organisation.slug}/commandes/{order.number}/"
        return place + (f"{act}/" if act else "")

    def mails(self, order: "Order") -> int:
        """How many messages to a provider speak of this order, in the folder of mails."""
        subject = re.compile(rf"^Subject: .*{order.number}", re.MULTILINE)
        mails = (self.data / "mail").glob("*")
        return sum(len(subject.findall(path.read_text())) for path in mails)

    def effects(self, mark: str = "") -> list[str]:
        """What the faults' own tasks wrote."""
        path = self.data / "effects"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if mark in line]


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Processes that do not answer and do not die."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    """The processes that it made."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def stand() -> Iterator[Stand]:
    """A stand with its world, gone at the end."""
    with private_folder() as folder:
        made = Stand(folder)
        try:
            made.start()
            from tests.orders.world import make_world

            made.world = make_world()
            yield made
        finally:
            made.stop()
            if kept := os.environ.get("FAULTS_LOGS"):
                shutil.copytree(run.RUN / "log", kept, dirs_exist_ok=True)
