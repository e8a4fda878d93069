"""A pytest plugin (`-p tests.servers`) that gives each run a database and a broker of its own.

The servers start when this module is imported, before pytest-django reads the settings, and vanish
at exit, even after a kill -9. Fault tests use `postgres` and `valkey` (None when the environment
names a server): `start`, `stop`, `restart` and `kill`, from the main thread only.
"""

import atexit
import os
import secrets
from contextlib import ExitStack

from launcher.postgres import Postgres
from launcher.servers import ephemeral, private_folder
from launcher.valkey import Valkey

postgres: Postgres | None = None
valkey: Valkey | None = None


def _start() -> None:
    global postgres, valkey
    stack = ExitStack()
    atexit.register(stack.close)
    servers = stack.enter_context(ephemeral())
    postgres, valkey = servers.postgres, servers.valkey
    data = stack.enter_context(private_folder())
    os.environ.update(servers.environment())
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
