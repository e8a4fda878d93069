"""What every answer passes through: 503 from any layer, refusals as pages, private pages."""

import pytest
from django.db import InterfaceError, OperationalError
from django.urls import reverse

from portal.files import NoRoom
from portal.idempotency import KeyInProgress, KeyReused
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db
HOME = "portal:home"


@pytest.fixture
def signed_in(client):
    """A client whose errors are answered and not raised."""
    client.raise_request_exception = False
    client.force_login(UserFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def failing(monkeypatch, error, place="portal.views.items_for"):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(place, fail)


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
@pytest.mark.parametrize(
    "place",
    [
        "portal.views.items_for",
        "members.context.organisations_of",
        "django.contrib.sessions.backends.db.SessionStore.load",
        "django.contrib.auth.middleware.get_user",
    ],
)
def test_a_database_lost_anywhere_is_a_503_that_says_so(signed_in, monkeypatch, place, error):
    failing(monkeypatch, error, place)
    answer = signed_in.get(reverse(HOME))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "indisponible" in answer.content.decode()


def test_a_fault_of_ours_stays_a_500(signed_in, monkeypatch):
    failing(monkeypatch, ValueError("ours"))
    assert signed_in.get(reverse(HOME)).status_code == 500


@pytest.mark.parametrize(
    ("error", "status"), [(KeyInProgress, 409), (KeyReused, 422), (NoRoom, 507)]
)
def test_a_refusal_is_a_page_with_its_reason(signed_in, monkeypatch, error, status):
    failing(monkeypatch, error())
    answer = signed_in.get(reverse(HOME))
    assert answer.status_code == status
    assert str(error())[:20] in answer.content.decode().replace("&#x27;", "'")


def test_the_pages_of_a_person_are_kept_by_no_cache(signed_in, client):
    assert "no-store" in signed_in.get(reverse(HOME))["Cache-Control"]
    client.logout()
    assert "Cache-Control" not in client.get(reverse("portal:health")).headers
