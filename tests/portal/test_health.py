"""/sante: 200 when each part answers, 503 with the sentence of the part that does not."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import current_app
from django.db import OperationalError

from portal import documents, health
from portal.models import ClockTimestamp, WorkerBeat

pytestmark = pytest.mark.django_db


class Link:
    """A broker that answers, or says why not."""

    def __init__(self, fault=None):
        self.fault = fault

    def __enter__(self):
        return self

    def __exit__(self, *told):
        pass

    def ensure_connection(self, **asked):
        if self.fault:
            raise self.fault


def refuse(*args):
    raise OperationalError("connection refused")


def seen(seconds):
    """The worker last signed in that long ago."""
    WorkerBeat.objects.all().delete()
    WorkerBeat.objects.create(pk=1, seen_at=ClockTimestamp() - timedelta(seconds=seconds))


@pytest.fixture(autouse=True)
def whole(monkeypatch):
    """Every part answers."""
    monkeypatch.setattr(current_app, "connection_for_write", Link)
    monkeypatch.setattr(documents.ctypes.util, "find_library", lambda name: "libpango-1.0.so.0")
    seen(1)


@pytest.fixture
def asked(client):
    """Its status, whether each part is well, and what each says."""

    def ask():
        answer = client.get("/sante")
        state = answer.json()
        parts = {name: part for name, part in state.items() if name != "etat"}
        assert state["etat"] == ("ok" if answer.status_code == 200 else "en panne")
        down = sorted(name for name, part in parts.items() if not part["ok"])
        return answer.status_code, down, {name: part["detail"] for name, part in parts.items()}

    return ask


def test_whole(asked):
    status, down, told = asked()
    assert (status, down) == (200, [])
    assert told["base"] == "PostgreSQL répond"
    assert told["file"] == "Le courtier répond"
    assert told["travailleur"] == "Un travailleur répond"
    assert told["documents"] == "Pango est là"


def test_the_database_is_down(asked, monkeypatch):
    away = SimpleNamespace(cursor=refuse, close=lambda: None)
    monkeypatch.setattr(health, "connection", away)
    status, down, told = asked()
    assert (status, down) == (503, ["base", "travailleur"])
    assert told["base"] == "PostgreSQL ne répond pas : connection refused"
    assert told["travailleur"] == "base injoignable"


def test_the_broker_is_down(asked, monkeypatch):
    away = Link(ConnectionError("no route"))
    monkeypatch.setattr(current_app, "connection_for_write", lambda: away)
    status, down, told = asked()
    assert (status, down) == (503, ["file"])
    assert told["file"] == "Le courtier ne répond pas : no route"


@pytest.mark.parametrize(("seconds", "status"), [(25, 200), (35, 503), (None, 503)])
def test_a_worker_that_missed_three_sweeps_is_down(asked, seconds, status):
    seen(seconds) if seconds else WorkerBeat.objects.all().delete()
    answer, down, told = asked()
    assert answer == status
    assert down == ([] if status == 200 else ["travailleur"])
    assert told["travailleur"] == (
        "Un travailleur répond" if status == 200 else "Aucun travailleur ne répond"
    )


def test_without_pango_the_portal_stands_and_the_command_is_told(asked, monkeypatch):
    monkeypatch.setattr(documents.ctypes.util, "find_library", lambda name: None)
    status, down, told = asked()
    assert (status, down) == (200, [])
    assert documents.INSTALL_RENDERER in told["documents"]
