"""Whose address is counted and logged: the one that our own reverse proxy named."""

import os
import subprocess
import sys

import pytest
import structlog
from django.urls import reverse

from portal.middleware import LoggedRequestMiddleware

pytestmark = pytest.mark.django_db
ALICE, BOB = "203.0.113.1", "203.0.113.2"


READ = "from portal import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"


@pytest.fixture
def behind_a_proxy(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


@pytest.fixture
def sign_in(client, settings):
    """A wrong sign-in through the proxy; one a minute is allowed to an address."""
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}

    def attempt(forwarded):
        said = {"login": "nobody@example.test", "password": "wrong"}
        headers = {"X-Forwarded-For": forwarded}
        return client.post(reverse("account_login"), said, headers=headers).status_code

    return attempt


@pytest.fixture
def verify(client, settings):
    """A code tried through the proxy; one a minute is allowed to an address."""
    settings.VERIFICATION_LIMIT = {"verify_document": "1/m/ip"}

    def attempt(forwarded):
        url = reverse("derogations:verification") + "0" * 32
        return client.get(url, headers={"X-Forwarded-For": forwarded}).status_code

    return attempt


@pytest.mark.parametrize(("said", "trusted"), [({}, "0"), ({"TRUSTED_PROXY_COUNT": "2"}, "2")])
def test_the_deployment_says_how_many_proxies_are_its_own(said, trusted):
    given = {name: os.environ[name] for name in ("PATH", "SECRET_KEY", "DATABASE_URL", "REDIS_URL")}
    command = [sys.executable, "-c", READ]
    answer = subprocess.run(command, env=given | said, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == trusted


@pytest.mark.parametrize("door", ["sign_in", "verify"])
def test_two_people_behind_the_proxy_have_each_their_limit(request, behind_a_proxy, door):
    attempt = request.getfixturevalue(door)
    assert attempt(ALICE) != 429
    assert attempt(ALICE) == 429
    assert attempt(BOB) != 429


def test_a_word_written_before_the_proxys_buys_no_fresh_limit(behind_a_proxy, sign_in):
    sign_in(ALICE)
    assert sign_in(f"{BOB}, {ALICE}") == 429


def test_without_a_proxy_the_header_says_nothing(sign_in):
    sign_in(ALICE)
    assert sign_in(BOB) == 429


def test_the_logs_name_the_same_address(behind_a_proxy, rf):
    request = rf.get("/", headers={"X-Forwarded-For": f"{BOB}, {ALICE}"})
    with structlog.contextvars.bound_contextvars():
        LoggedRequestMiddleware.bind_ip(request)
        assert structlog.contextvars.get_contextvars()["ip"] == ALICE
        structlog.contextvars.unbind_contextvars("ip")
