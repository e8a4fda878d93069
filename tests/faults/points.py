"""In the worker: the points that an import passes, where it stops, dies, or goes round.

A point is before and after each statement, in the middle of each COPY, and the end. Files under
``points`` in the data folder say what happens to which import.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection

from billing import tasks
from billing.loading import laying, reading
from billing.models import Import
from tests.faults.tasks import write_effect

FOLDER = "points"
STOP, DIE, LOOP = "stop", "die", "loop"
END = -1
"""Instead of a point: once all is committed, before the queue knows."""

_hold = tasks.held
_write = psycopg.Copy.write
_passing: list["Points"] = []


def order_of(name: str, part: str, what: str) -> Path:
    """The file that says that the import of a part of a file stops or dies at a point, or loops."""
    return Path(settings.DATA_DIR) / FOLDER / f"{name}.{part}.{what}"


class Points:
    """Counts the points of one import; at those that are ordered the process stops, or dies."""

    def __init__(self, name: str, part: str) -> None:
        self.mark, self.count = f"{name} {part}", 0
        self.orders = {what: order_of(name, part, what) for what in (STOP, DIE)}
        self.awaited = {
            what: int(order.read_text()) for what, order in self.orders.items() if order.exists()
        }

    def passed(self) -> None:
        """One more."""
        self.count += 1
        self._obey(self.count)

    def ended(self) -> None:
        """Everything is committed; nobody was told."""
        self.passed()
        write_effect(f"{self.mark} passed {self.count}")
        self._obey(END)

    def _obey(self, point: int) -> None:
        """Whoever resumes an import that stopped does not stop; it dies at every try."""
        if self.awaited.get(STOP) == point:
            self.orders[STOP].unlink(missing_ok=True)
            write_effect(f"{self.mark} stopped {os.getpid()}")
            os.kill(os.getpid(), signal.SIGSTOP)
        if self.awaited.get(DIE) == point:
            write_effect(f"{self.mark} died")
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """A statement."""
        self.passed()
        try:
            return execute(*statement)
        finally:
            self.passed()


@contextmanager
def counted(import_id: int) -> Iterator[None]:
    """Hold an import as the worker does, and count."""
    name, part = Import.objects.values_list("bill_file__name", "part").get(pk=import_id)
    while order_of(name, part, LOOP).exists():
        with suppress(SoftTimeLimitExceeded):
            _go_round(order_of(name, part, LOOP), f"{name} {part} loops")
    points = Points(name, part)
    with _hold(import_id), connection.execute_wrapper(points.around):
        _passing.append(points)
        try:
            yield
            points.ended()
        finally:
            _passing.clear()


def _go_round(order: Path, mark: str) -> None:
    """Burn a processor for as long as the order stands."""
    write_effect(mark)
    while order.exists():
        sum(range(10_000))


def halved(copy: psycopg.Copy, data: Any) -> None:
    """Rows on their way: half of them, a point, the others."""
    if not _passing:
        return _write(copy, data)
    middle = len(data) // 2
    _write(copy, data[:middle])
    _passing[0].passed()
    return _write(copy, data[middle:])


tasks.held = counted
psycopg.Copy.write = halved  # type: ignore[method-assign]
laying.ALONE = int(os.environ.get("FAULTS_ALONE", laying.ALONE))
reading.BLOCK = int(os.environ.get("FAULTS_BLOCK", reading.BLOCK))
