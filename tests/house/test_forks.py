"""Importing the portal starts nothing that a fork would lose: gunicorn and Celery both fork."""

import subprocess
import sys

from tests.conftest import COLLECTED
from tests.house.tree import ROOT, app_modules
from tests.threads import POOL

PROGRAM = """
import importlib, sys, django
from tests.threads import thread_names
django.setup()
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*thread_names())
"""


def threads_after(*names: str, then: str = "") -> set[str]:
    """The names of a new process's threads once it has imported these modules."""
    ran = subprocess.run(
        [sys.executable, "-c", then + PROGRAM, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


def test_importing_the_portal_asks_nothing_of_polars():
    names = [module.dotted for module in app_modules() if "management" not in module.dotted]
    assert POOL not in threads_after(*names)


def test_importing_the_tests_asks_nothing_of_polars(request):
    assert POOL not in request.session.stash[COLLECTED]


def test_the_pool_is_known_by_its_name():
    used = "import polars; polars.Series(['']).str.contains('a')"
    assert POOL in threads_after(then=used)
