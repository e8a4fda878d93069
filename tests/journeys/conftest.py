"""Journeys: Debian's Chromium, a real gunicorn and a real Celery worker, the demonstration's data.

Both processes sign in to the test database as ``portal_app``. A journey takes ``portal`` (the
server's address, with the demonstration loaded) and Playwright's ``page``.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from playwright.sync_api import Page, expect

from members.demonstration import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
expect.set_options(timeout=15_000)


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
    """The folder that the processes share, and the demonstration's setting."""
    settings.DATA_DIR = Path(os.environ["DATA_DIR"])
    settings.DEMONSTRATION = True
    return settings.DATA_DIR


@pytest.fixture(scope="session")
def processes(django_db_setup):
    """gunicorn and a worker on the test database, ended with the session."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
        "DATABASE_URL": _as_application(django_settings.DATABASES["default"]["NAME"]),
        "BASE_URL": address,
        "DEMONSTRATION": "1",
    }
    environment.pop("PORTAL_DATABASE_ROLE", None)
    commands = (
        ["gunicorn", "portal.wsgi:application", "--threads=4", f"--bind=127.0.0.1:{port}"],
        ["celery", "-A", "portal", "worker", "--pool=threads", "--concurrency=2"],
    )
    log = (Path(os.environ["DATA_DIR"]) / "journeys.log").open("w")  # closed with the processes
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        for command in commands
    ]
    try:
        _wait(f"{address}/compte/login/", log.name)
        yield address
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)
        log.close()


@pytest.fixture
def portal(processes, transactional_db, data_dir):
    """The server's address; the demonstration's data are there, and no other journey's."""
    call_command("seed_demonstration")
    return processes


def sign_in(page: Page, portal: str, email: str) -> None:
    """Sign in by the page, as a person would."""
    page.goto(f"{portal}/compte/login/")
    page.locator("main [name=login]").fill(email)
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ce qui m'attend")


def _as_application(database: str) -> str:
    """The address of ``database`` for the role portal_app."""
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}?{query}"


def _wait(address: str, log: str) -> None:
    """Until the server answers; the log is shown when it does not."""
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=2)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(Path(log).read_text()[-4000:])
