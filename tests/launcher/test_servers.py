"""Real servers: nothing outlives a kill -9, data survive a crash, other data are refused."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.choices import ROOT
from launcher.postgres import Postgres
from launcher.processes import Process, run_steps
from launcher.screen import LauncherError
from launcher.servers import ABANDONED_SECONDS, PREFIX, private_folder, sweep

HOLDER = """
import time
from launcher.servers import ephemeral
with ephemeral() as servers:
    pids = [servers.postgres.process.popen.pid, servers.valkey.process.popen.pid]
    print(servers.postgres.sockets, *pids, flush=True)
    time.sleep(60)
"""


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def mentions(text: str) -> list[str]:
    """The processes whose command line or title has this text."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in entry.read_bytes().decode(errors="replace"):
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def test_a_killed_launcher_leaves_no_process_and_the_next_one_no_folder() -> None:
    env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        folder, *pids = holder.stdout.readline().split()
        assert len(mentions(folder)) >= 2
        holder.kill()
    assert eventually(lambda: not any(Path("/proc", pid).exists() for pid in pids))
    assert eventually(lambda: not mentions(folder))
    with private_folder():  # sweeps first
        assert not Path(folder).exists()


def test_only_abandoned_folders_are_swept(tmp_path: Path) -> None:
    held, abandoned, fresh, old = (tmp_path / f"{PREFIX}{name}" for name in "abcd")
    for folder in (held, abandoned, fresh, old):
        folder.mkdir()
    (abandoned / "lock").touch()
    past = time.time() - ABANDONED_SECONDS - 1
    os.utime(old, (past, past))
    code = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(); input()"
    command = [sys.executable, "-c", code, str(held / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        sweep(tmp_path)
        holder.kill()
    assert sorted(tmp_path.iterdir()) == [held, fresh]


def test_data_of_another_major_version_are_refused_untouched(tmp_path: Path) -> None:
    data = tmp_path / "postgresql"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    server = Postgres(data, tmp_path, tmp_path / "log", volatile=True)
    with pytest.raises(LauncherError, match="PostgreSQL 9"):
        server.start()
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_failed_step_shows_the_end_of_its_log(tmp_path: Path) -> None:
    code = "import sys; sys.exit('la raison')"
    step = Process("Étape", [sys.executable, "-c", code], tmp_path / "étape.log")
    with pytest.raises(LauncherError, match=r"Étape : échec(.|\n)*la raison"):
        run_steps([step])


def test_a_deaf_process_is_killed_when_patience_ends(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, 1); print(1, flush=True); time.sleep(60)"
    log = tmp_path / "deaf.log"
    deaf = Process("Sourd", [sys.executable, "-c", code], log, patience_seconds=0.2)
    deaf.start()
    assert eventually(lambda: log.read_text() == "1\n")
    deaf.stop()
    assert deaf.popen
    assert deaf.popen.returncode == -signal.SIGKILL
