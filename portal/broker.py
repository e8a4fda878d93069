"""The broker's door: bytes that are no message are dropped and told, never fatal (X-25)."""

from queue import Empty
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis

log = structlog.get_logger(__name__)
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)


class Channel(redis.Channel):
    """Reads the queues; Celery alone would stop the worker at the first byte that is not JSON."""

    def _brpop_read(self, **options: Any) -> bool:
        """One message, already taken out of its queue: what was promised is in the database."""
        try:
            return bool(super()._brpop_read(**options))  # type: ignore[misc]
        except UNREADABLE as error:
            log.warning("unreadable_message", error=repr(error))
            raise Empty from error


class Transport(redis.Transport):
    """Redis or Valkey, through the door above."""

    Channel = Channel


def install() -> None:
    """Every ``redis://`` address goes through the door."""
    TRANSPORT_ALIASES.update({"redis": f"{__name__}:Transport", "rediss": f"{__name__}:Transport"})
