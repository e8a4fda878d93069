"""Runs a command with its own database and broker: `python -m launcher.with_servers -- …`."""

import os
import signal
import subprocess
import sys

from launcher.processes import shielded
from launcher.screen import LauncherError, say
from launcher.servers import ephemeral


def main() -> int:
    """The command's exit code, or 1 with a sentence when the servers do not start."""
    command = sys.argv[1:]
    if command[:1] == ["--"]:
        command = command[1:]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with ephemeral() as servers:
            env = {**os.environ, **servers.environment()}
            bound = shielded((), signal.SIGTERM, command)
            return subprocess.run(bound, env=env, check=False).returncode
    except LauncherError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
