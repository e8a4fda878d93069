"""A seed run as a program: the owner's role, a database that it may fill, its steps timed."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print how long a step took."""
    began = time.monotonic()
    yield
    print(f"{name} {time.monotonic() - began:.1f} s", flush=True)


def run_seed(name: str, refusal: Callable[[], str], fill: Callable[[], None]) -> int:
    """Fill the database as its owner, unless ``refusal`` says why it may not."""
    os.environ["PORTAL_DATABASE_ROLE"] = "owner"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    if why := refusal():
        print(why, file=sys.stderr)
        return 1
    with timed(f"{name}.total"):
        fill()
    return 0
