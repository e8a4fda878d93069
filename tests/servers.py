"""A pytest plugin (`-p tests.servers`) that gives each process a database and a broker of its own.

The servers start when this module is imported, before pytest-django reads the settings, and vanish
at exit, even after a kill -9.
"""

import atexit
import os
import secrets
from contextlib import ExitStack

from launcher.servers import ephemeral, private_folder

OURS = "TESTS_STARTED_SERVERS"
"""Names, for the workers of pytest-xdist, the addresses that only the first process uses."""


def _start() -> None:
    for name in os.environ.pop(OURS, "").split():
        del os.environ[name]
    stack = ExitStack()
    atexit.register(stack.close)
    servers = stack.enter_context(ephemeral())
    data = stack.enter_context(private_folder())
    started = servers.environment()
    os.environ.update(started, **{OURS: " ".join(started)})
    os.environ.setdefault("DATABASE_URL", os.environ["DATABASE_OWNER_URL"])
    os.environ.update(
        DJANGO_SETTINGS_MODULE="portal.settings",
        DEBUG="0",
        DEMONSTRATION="1",
        SECRET_KEY=secrets.token_urlsafe(48),
        BASE_URL="http://localhost:8000",
        ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
        DATA_DIR=str(data),
        DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's loop beside live_server's database
    )


_start()
