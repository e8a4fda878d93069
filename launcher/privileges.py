"""How root starts PostgreSQL, which refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from launcher.screen import LauncherError

NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """A command prefix that gives up root, and who must own the data (None: we do)."""

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None


@cache
def unprivileged() -> Identity:
    """The first way that works here; raises when we are root and none does."""
    if os.geteuid() != 0:
        return Identity()
    for identity in _ways():
        if _works(identity.prefix):
            return identity
    raise LauncherError(
        "PostgreSQL refuse de démarrer en tant que root, et cette machine ne permet pas de\n"
        "changer de compte. Relancez la commande avec un compte ordinaire, ou donnez DATABASE_URL."
    )


def _ways() -> Iterator[Identity]:
    # In a user namespace we stay the owner of our files: nothing to chown, 0700 folders work.
    yield Identity(("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"), (0, 0))
    user, group = _account()
    drop = ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups")
    # Kept: the right to cross folders closed to others, such as a checkout under /root; the secure
    # bit keeps it for access(2) too, by which initdb looks for its own programs.
    right = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    yield Identity((*drop, "--securebits=+no_setuid_fixup", *right), (user, group))
    yield Identity(drop, (user, group))


def _account() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        return NOBODY, NOBODY
    return entry.pw_uid, entry.pw_gid


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        answer = subprocess.run([*prefix, "id", "-u"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() not in ("", "0")
