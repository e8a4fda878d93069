"""What the person chose for `make run` (PORT, HOST, existing servers) and what follows."""

import errno
import ipaddress
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.screen import LauncherError

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / ".run"
DEFAULT_HOST = "127.0.0.1"
SETTINGS = (
    "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXY_COUNT", "DATA_DIR",
    "DEMONSTRATION", "DEBUG", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL",
    "EMAIL_URL", "DEFAULT_FROM_EMAIL", "SEAL_PKCS12", "SEAL_KEY", "SEAL_CERTIFICATE",
    "SEAL_PASSPHRASE", "SEAL_ROOT", "SEAL_REVOCATIONS", "TIMESTAMP_URL", "TIMESTAMP_ROOT",
)  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """Where the portal listens."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """What to type in the browser; a passkey cannot be bound to an IP address (D-24)."""
        return f"http://localhost:{self.port}"


def read_choices(env: Mapping[str, str]) -> Choices:
    """PORT and HOST; a HOST that is no address (some shells set one) is ignored."""
    text = env.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LauncherError(f"PORT doit être un nombre de 1 à 65535, et non « {text} ».")
    try:
        host = str(ipaddress.IPv4Address(env.get("HOST") or DEFAULT_HOST))
    except ValueError:
        host = DEFAULT_HOST
    return Choices(host, int(text))


def refuse_busy_port(choices: Choices) -> None:
    """Raise when another program listens where we would, on IPv4 or on localhost's IPv6."""
    for family, host in ((socket.AF_INET, choices.host), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, choices.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise LauncherError(
                    f"Le port {choices.port} est déjà pris par un autre programme.\n"
                    "Choisissez-en un autre, par exemple : make run PORT=8001"
                ) from error
            if family == socket.AF_INET:
                raise LauncherError(
                    f"Impossible d'écouter à {host}:{choices.port} : {error.strerror}."
                ) from error


def secret_key(run: Path) -> str:
    """Made once, kept with the data: sessions survive a restart."""
    path = run / "secret_key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def portal_environment(
    base: Mapping[str, str], choices: Choices, run: Path, servers: Mapping[str, str]
) -> dict[str, str]:
    """The settings of the portal's processes; what the person set wins, but for DEBUG."""
    ours = {
        "SECRET_KEY": secret_key(run),
        "BASE_URL": choices.address,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DATA_DIR": str(run / "data"),
        "DEMONSTRATION": "1",
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), base.get("PATH", os.defpath)])
    fixed = {
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PYTHONUNBUFFERED": "1",
        "PATH": path,
    }
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH")
    kept = {key: value for key, value in base.items() if key not in unwanted}
    return {**ours, **kept, **servers, **fixed}


def write_environment(path: Path, env: Mapping[str, str]) -> None:
    """A file to source so that other commands reach the running portal's servers."""
    text = "".join(f"export {key}={shlex.quote(env[key])}\n" for key in SETTINGS if key in env)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
