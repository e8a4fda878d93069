"""Journeys: Debian's Chromium, a real gunicorn and a real Celery worker, the demonstration's data.

Both processes sign in to the test database as ``portal_app``. A journey takes ``portal`` (the
server's address, with the demonstration loaded) and Playwright's ``page``.
"""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils.module_loading import import_string
from playwright.sync_api import Page, expect, sync_playwright

from members.demonstration import PASSWORD
from portal.models import QueuedTask
from portal.queue import queue_state
from tests.journeys.processes import FLAGS, running_portal

expect.set_options(timeout=15_000)
BILLS = "billing.demonstration.load"
MONTHS = 3
"""Months of the demonstration's bills that a journey needs: the last has the doubtful line."""
PATIENCE = 120  # seconds for the worker's last task
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
"""The other connections to the test database that have something in hand."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys follow each other, wherever chance put them: what they start is started once."""
    here = Path(__file__).parent
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """Debian's Chromium, not a downloaded one."""
    return {"executable_path": "/usr/bin/chromium", "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args():
    """A French desktop; a journey that wants a phone sets its own viewport."""
    return {"locale": "fr-CA", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture(autouse=True)
def data_dir(settings):
    """The folder that the processes share, without the last journey's mail: numbers begin again."""
    settings.DATA_DIR = Path(os.environ["DATA_DIR"])
    settings.DEMONSTRATION = True
    for mail in settings.DATA_DIR.glob("mail/*"):
        mail.unlink()
    return settings.DATA_DIR


@pytest.fixture(autouse=True)
def fresh_limits(transactional_db):
    """No sign-in of an earlier journey counts: all come from one address, thirty a minute pass.

    The limits live in the cache's table, which is no model's: the flush after a test leaves it.
    """
    cache.clear()


@pytest.fixture(scope="package")
def playwright():
    """Ended with the last journey: its loop must not run in the thread of another test."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright, browser_type_launch_args):
    """One Chromium for journeys that follow each other."""
    with playwright.chromium.launch(**browser_type_launch_args) as launched:
        yield launched


@pytest.fixture(scope="package")
def processes(django_db_setup):
    """gunicorn and a worker, ended with the last journey: they stand on the other tests' rows."""
    with running_portal(django_settings.DATABASES["default"]["NAME"]) as address:
        yield address


@pytest.fixture
def portal(processes, transactional_db, data_dir, settings):
    """The server's address; the demonstration's data but its bills are there, no other journey's.

    The worker ends what it has in hand, and begins nothing, before the rows are flushed: a task
    that ended later would leave its own among the next test's. One that never ends is told.
    """
    sources = settings.DEMONSTRATION_SOURCES
    settings.DEMONSTRATION_SOURCES = [path for path in sources if path != BILLS]
    try:
        call_command("seed_demonstration")
        yield processes
    finally:
        until = time.monotonic() + PATIENCE
        while _at_work():
            if time.monotonic() > until:
                pytest.fail(f"the portal's processes are at work {PATIENCE} s after a journey")
            time.sleep(0.1)
        _forget_rows()


def _forget_rows() -> None:
    """What the imports wrote: Django flushes the tables of its own models alone."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("TRUNCATE billing_charge, billing_usage")


def _at_work() -> bool:
    """Whether the worker has a task, or the server a page, in hand: both would meet the flush.

    What was only promised, by the journey or by a task that ended since, is taken back.
    """
    QueuedTask.objects.filter(leased_until__isnull=True).delete()
    with connection.cursor() as cursor:
        cursor.execute(BUSY)
        return bool(cursor.fetchone()[0] or queue_state().running)


@pytest.fixture
def bills(portal):
    """The demonstration's last months of bills, read by the worker."""
    import_string(BILLS)(MONTHS)


def fits(page: Page) -> bool:
    """Nothing runs off the page's width, once the page that was asked for is there whole."""
    page.wait_for_load_state()
    width = page.locator("footer").evaluate("() => document.documentElement.scrollWidth")
    assert page.viewport_size is not None
    return bool(width <= page.viewport_size["width"])


def sign_in(page: Page, portal: str, email: str) -> None:
    """Sign in by the page, as a person would."""
    page.goto(f"{portal}/compte/login/")
    page.locator("main [name=login]").fill(email)
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ce qui m'attend")
