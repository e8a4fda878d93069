"""Every test runs as ``portal_app``, on the real PostgreSQL and the real broker."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests.threads import thread_names

settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # no test depends on the speed of the machine
settings.load_profile("untimed")

COLLECTED = pytest.StashKey[set[str]]()
"""The names of the threads that ran once every test was imported."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember what importing the tests started: ``make mutation`` forks after it."""
    session.stash[COLLECTED] = thread_names()


@pytest.fixture(autouse=True)
def as_portal_app(request):
    """The application's role, so that a missing right shows in tests (D-30).

    A rolled back test takes the role off by itself; the others do it before the owner's flush.
    """
    asked = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if not asked and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_app")
    yield
    if not connection.in_atomic_block and connection.connection is not None:
        connection.close()


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    """Private files, mails and journal heads of one test."""
    settings.DATA_DIR = tmp_path
    settings.DEMONSTRATION = False
    return tmp_path
