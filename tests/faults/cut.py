"""A network of its own, then cut: gunicorn reaches PostgreSQL by TCP through a relay (X-31).

Run inside `unshare --user --net`; standard input says where things are, the last line what was
seen.
"""

import fcntl
import http.client
import json
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
CUT_SECONDS = 30


def set_loopback(up: bool) -> None:
    """Bring this network up, or cut it: packets are lost, nobody is told."""
    with socket.socket() as control:
        name = b"lo".ljust(16, b"\0")
        flags = struct.unpack("16xH", fcntl.ioctl(control, SIOCGIFFLAGS, name + b"\0\0")[:18])[0]
        flags = flags | IFF_UP if up else flags & ~IFF_UP
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", name, flags))


def relay(target: str) -> int:
    """Listen on a port of this network and pass everything to PostgreSQL's socket."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            client, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(target)
            threading.Thread(target=pump, args=(client, server), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def pump(client: socket.socket, server: socket.socket) -> None:
    """Pass bytes both ways until one end closes."""
    other = {client: server, server: client}
    with client, server, selectors.DefaultSelector() as ready, suppress(OSError):
        for end in other:
            ready.register(end, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                data = key.fileobj.recv(65536)
                if not data:
                    return
                other[key.fileobj].sendall(data)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket file, which no cut of the network reaches."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def ask(where: dict, file: Path) -> tuple[int, float]:
    """The status of the page and how long it took."""
    began = time.monotonic()
    link = UnixConnection(str(file), timeout=60)
    cookies = "; ".join(f"{name}={value}" for name, value in where["cookies"].items())
    try:
        link.request("GET", where["path"], headers={"Host": "localhost", "Cookie": cookies})
        return link.getresponse().status, time.monotonic() - began
    except OSError:
        return 0, time.monotonic() - began
    finally:
        link.close()


def main() -> None:
    """Warm, cut for thirty seconds, mend."""
    where = json.load(sys.stdin)
    set_loopback(True)
    port = relay(where["postgres"])
    file = Path(where["folder"]) / "cut.sock"
    env = {**where["env"], "DATABASE_URL": f"postgres://portal_app@127.0.0.1:{port}/portal"}
    size = ["--workers", "1", "--threads", "2", "--bind", f"unix:{file}", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *size, "portal.wsgi:application"]
    web = subprocess.Popen(command, env=env, stdout=sys.stderr)
    try:
        while ask(where, file)[0] == 0 and web.poll() is None:
            time.sleep(0.2)
        before = [ask(where, file)[0] for _ in range(6)]
        set_loopback(False)
        cut = time.monotonic()
        during = []
        while time.monotonic() - cut < CUT_SECONDS:
            during.append(ask(where, file))
            time.sleep(1)
        set_loopback(True)
        mended = time.monotonic()
        while ask(where, file)[0] != 200 and time.monotonic() - mended < 60:
            time.sleep(0.2)
        outcome = {
            "before": max(before),
            "during": [status for status, _ in during],
            "seconds": [seconds for _, seconds in during],
            "after": time.monotonic() - mended,
        }
        print(json.dumps(outcome))
    finally:
        web.send_signal(signal.SIGQUIT)
        web.wait(10)


if __name__ == "__main__":
    main()
