"""The demonstration's local authority: its certificates and its timestamper, a process apart."""

import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from launcher.choices import ROOT
from launcher.processes import Process


class Authority:
    """A seal's key and a trusted time for those who have none; its documents say so.

    Start it from the main thread.
    """

    def __init__(
        self, data: Path, sockets: Path, log: Path, *, keep_open: Sequence[int] = ()
    ) -> None:
        self.data, self.socket = data, sockets / "timestamps.sock"
        program = "derogations.demonstration_authority"
        self.process = Process(
            "Autorité de démonstration",
            [sys.executable, "-m", program, str(data), str(self.socket)],
            log,
            cwd=ROOT,
            stop_signal=signal.SIGTERM,
            keep_open=keep_open,
        )

    def start(self) -> None:
        """Start and wait until it answers: its files are whole by then."""
        self.process.start()
        self.process.wait_until(self.is_ready, 60)

    def stop(self) -> None:
        self.process.stop()

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
        except OSError:
            return False
        return True

    def environment(self) -> dict[str, str]:
        """The settings by which the portal seals; read once it has started."""
        return {
            "SEAL_PKCS12": str(self.data / "seal.p12"),
            "SEAL_PASSPHRASE": (self.data / "passphrase").read_text(),
            "SEAL_ROOT": str(self.data / "root.pem"),
            "SEAL_REVOCATIONS": str(self.data / "revocations.crl"),
            "TIMESTAMP_URL": f"http+unix://{quote(str(self.socket), safe='')}",
        }
