"""`make run`: servers, migrations, demonstration, then web, worker and beat until Ctrl-C."""

import hashlib
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher import system_packages
from launcher.authority import Authority
from launcher.choices import (
    ROOT,
    RUN,
    Choices,
    portal_environment,
    read_choices,
    refuse_busy_port,
    write_environment,
)
from launcher.processes import (
    Process,
    StopAsked,
    end_with_parent,
    listen_for_stop,
    pause,
    run_steps,
)
from launcher.run_folder import only_one
from launcher.screen import LauncherError, failure, ready_block, say, say_step
from launcher.servers import given, lasting, private_folder
from launcher.supervisor import Supervisor

CELERY = ("-m", "celery", "-A", "portal")
READY_SECONDS = 60


class Portal:
    """Everything that `make run` starts, in order, and stops in the reverse order."""

    def __init__(self, choices: Choices, sockets: Path, keep_open: int) -> None:
        self.choices, self.keep_open = choices, keep_open
        self.began = time.monotonic()
        self.servers = lasting(RUN, sockets, [keep_open])
        self.env = portal_environment(os.environ, choices, RUN, self.servers.environment())
        self.authority = self._authority(sockets)
        self.accounts = RUN / "accounts.jsonl"
        self.processes = [self._web(), self._worker(), self._beat()]

    def start(self) -> None:
        """Up to the moment when everything answers."""
        self._timed("PostgreSQL, Valkey et autorité de démonstration", self._serve)
        write_environment(RUN / "environment", self.env)
        self._timed("Migrations et fichiers statiques", self._prepare)
        for process in self.processes:
            process.start()
        self._timed("Le portail répond", self._wait_for_web)
        self._timed("Démonstration, et une tâche par le travailleur", self._first_work)
        self._wait_for_health()

    def stop(self) -> None:
        """Web, worker and beat together, letting the work in hand finish; then the servers."""
        for process in self.processes:
            if process.is_running:
                process.send(process.stop_signal)
        for process in self.processes:
            process.finish()
        if self.authority:
            self.authority.stop()
        self.servers.stop()

    def watched(self) -> list[Process]:
        """All that must stay alive."""
        servers = (self.servers.postgres, self.servers.valkey, self.authority)
        return [*(server.process for server in servers if server), *self.processes]

    def _serve(self) -> None:
        self.servers.start()
        if self.authority:
            self.authority.start()
            self.env.update(self.authority.environment())

    def _prepare(self) -> None:
        steps = [self._manage("Migrations", "migrate", "--no-input")]
        if not statics_are_fresh():
            steps.append(self._manage("Fichiers statiques", "collectstatic", "--no-input"))
        run_steps(steps)
        remember_statics()

    def _first_work(self) -> None:
        steps = [self._manage("Travailleur", "ping_worker", "--timeout", "60")]
        if self.env["DEMONSTRATION"].lower() in ("1", "true", "yes", "on"):
            seed = self._manage("Démonstration", "seed_demonstration", "--accounts")
            self.accounts.unlink(missing_ok=True)
            seed.output = self.accounts
            steps.append(seed)
        run_steps(steps, watch=self._refuse_dead)

    def _wait_for_web(self) -> None:
        """The first page does not wait for the demonstration, whose work would slow it down."""
        self._wait_for_answer(lambda status: status != 0)

    def _wait_for_health(self) -> None:
        self._wait_for_answer(lambda status: status == 200)

    def _wait_for_answer(self, is_enough: Callable[[int], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_enough((answer := ask_health(self.choices))[0]):
            self._refuse_dead()
            if time.monotonic() > deadline:
                logs = [process.log for process in self.processes]
                raise failure(f"/sante répond {answer[0]} : {answer[1]}", *logs)
            pause(0.1)

    def _refuse_dead(self) -> None:
        for process in self.watched():
            if not process.is_running:
                raise failure(f"{process.name} s'est arrêté en démarrant.", process.log)

    def _timed(self, name: str, step: Callable[[], None]) -> None:
        began = time.monotonic()
        step()
        say_step(name, time.monotonic() - began)

    def _manage(self, name: str, *arguments: str) -> Process:
        return self._process(name, arguments[0], ("manage.py", *arguments))

    def _authority(self, sockets: Path) -> Authority | None:
        """None when the environment names a key of its own."""
        if given("SEAL_PKCS12") or given("SEAL_KEY"):
            return None
        log = RUN / "log" / "authority.log"
        return Authority(RUN / "authority", sockets, log, keep_open=[self.keep_open])

    def _web(self) -> Process:
        bind = f"{self.choices.host}:{self.choices.port}"
        size = ("--preload", "--workers", "2", "--threads", "4", "--bind", bind)
        quiet = ("--no-control-socket", "--graceful-timeout", "30", "--access-logfile", "-")
        return self._process(
            "Web", "web", ("-m", "gunicorn", *size, *quiet, "portal.wsgi:application")
        )

    def _worker(self) -> Process:
        size = ("-c", "2", "--prefetch-multiplier", "1")
        # No heartbeat: one that looks for a broker, dead like us, would hold up the stop for ever.
        alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self._process(
            "Travailleur", "worker", (*CELERY, "worker", *size, "--loglevel", "INFO", *alone)
        )

    def _beat(self) -> Process:
        files = ("--schedule", str(RUN / "beat-schedule"), "--pidfile", "")
        return self._process("Horloge", "beat", (*CELERY, "beat", *files))

    def _process(self, name: str, log: str, arguments: Sequence[str]) -> Process:
        return Process(
            name,
            [sys.executable, *arguments],
            RUN / "log" / f"{log}.log",
            env=self.env,
            cwd=ROOT,
            # Quick: gunicorn and Celery drop their work, which is promised again at the next start.
            orphan_signal=signal.SIGTERM if log == "beat" else signal.SIGQUIT,
            keep_open=[self.keep_open],
        )


def ask_health(choices: Choices) -> tuple[int, str]:
    """Status and body of /sante; 0 when nobody answers."""
    link = http.client.HTTPConnection(choices.host, choices.port, timeout=10)
    try:
        link.request("GET", "/sante", headers={"Host": f"localhost:{choices.port}"})
        answer = link.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        link.close()


def statics_fingerprint() -> str:
    """Changes when a style, a script or a dependency changes."""
    files = sorted([*ROOT.glob("static/**/*"), *ROOT.glob("*/static/**/*")])
    seen = [f"{path}:{path.stat().st_mtime_ns}" for path in files if path.is_file()]
    seen.append((ROOT / "requirements" / "runtime.txt").read_text())
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def statics_are_fresh() -> bool:
    """Whether what was collected is what the sources say now."""
    mark = RUN / "statics"
    collected = (ROOT / "staticfiles" / "staticfiles.json").exists()
    return collected and mark.exists() and mark.read_text() == statics_fingerprint()


def remember_statics() -> None:
    """Note that the static files were just collected."""
    (RUN / "statics").write_text(statics_fingerprint())


def notes() -> list[str]:
    """What the person should know once everything answers."""
    lines = [
        "Données   .run/ (« make clean-data » les efface)",
        "Journaux  .run/log/",
        "Arrêter   Ctrl-C",
    ]
    if absent := system_packages.missing(system_packages.DOCUMENTS):
        command = system_packages.command_to_ask_for(absent)
        lines += ["", f"Les documents PDF attendent : {command}"]
    return lines


def read_accounts(path: Path) -> list[dict[str, str]]:
    """The JSON lines that the seeding command wrote."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def live(choices: Choices) -> None:
    """Start, show READY, watch; stop everything on the way out, whatever the way."""
    with only_one() as keep_open, private_folder() as sockets:
        refuse_busy_port(choices)
        portal = Portal(choices, sockets, keep_open)
        try:
            portal.start()
            table, seconds = read_accounts(portal.accounts), time.monotonic() - portal.began
            say(ready_block(choices.address, table, seconds, notes()))
            Supervisor(portal.watched()).watch()
        finally:
            say("\n  Arrêt : le travail en cours se termine (30 s au plus)…")
            portal.stop()
            (RUN / "environment").unlink(missing_ok=True)
            say("  Tout est arrêté.")


def main() -> int:
    """Exit code 0 after Ctrl-C, 1 after a refusal or a failure."""
    listen_for_stop()
    end_with_parent()
    say("Portail des services cellulaires : démarrage")
    try:
        live(read_choices(os.environ))
    except StopAsked:
        return 0
    except LauncherError as error:
        say(f"\n{error}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
