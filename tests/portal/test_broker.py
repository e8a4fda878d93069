"""The broker's door: what is no message is dropped; the worker reads on (X-25)."""

from queue import Empty

import pytest
from celery import current_app
from kombu.transport import redis

from portal.broker import Channel, Transport


def channel_that_reads(monkeypatch, outcome):
    monkeypatch.setattr(redis.Channel, "_brpop_read", lambda self, **options: outcome())
    return Channel.__new__(Channel)


@pytest.mark.parametrize("error", [ValueError("no JSON"), KeyError("properties"), TypeError("[]")])
def test_bytes_that_are_no_message_are_as_if_nothing_came(monkeypatch, error):
    def fail():
        raise error

    with pytest.raises(Empty):
        channel_that_reads(monkeypatch, fail)._brpop_read()


def test_a_message_passes(monkeypatch):
    assert channel_that_reads(monkeypatch, lambda: True)._brpop_read() is True


def test_a_broker_that_goes_away_is_still_an_error(monkeypatch):
    def fail():
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        channel_that_reads(monkeypatch, fail)._brpop_read()


def test_celery_goes_through_the_door():
    with current_app.connection_for_write() as link:
        assert link.transport_cls == "redis"
        assert isinstance(link.transport, Transport)
