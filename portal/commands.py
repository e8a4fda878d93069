"""What makes an action an action: keyword-only, atomic, retried when the database asks (X-10)."""

import functools
import inspect
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 5
RETRIED = {"40001", "40P01"}  # serialization_failure, deadlock_detected


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Mark ``function`` as a write: one transaction, the whole retried on deadlock, ≤ 5 times.

    Raises TypeError at import when a parameter is not keyword-only or ``by`` is missing.
    """
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters):
        raise TypeError(f"{function.__qualname__}: an action is keyword-only")
    if "by" not in inspect.signature(function).parameters:
        raise TypeError(f"{function.__qualname__}: an action takes by=")

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return in_one_transaction(lambda: function(*args, **kwargs))

    run.is_action = True  # type: ignore[attr-defined]
    return run


def in_one_transaction(act: Callable[[], R]) -> R:
    """Run ``act`` atomically; outside any transaction, again on deadlock, five times at most."""
    tries = 1 if connection.in_atomic_block else TRIES
    for attempt in range(1, tries + 1):
        try:
            with transaction.atomic():
                return act()
        except OperationalError as error:
            if _sqlstate(error) not in RETRIED or attempt == tries:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    raise AssertionError("unreachable")


def _sqlstate(error: OperationalError) -> str | None:
    """The PostgreSQL code under Django's exception."""
    return getattr(error.__cause__, "sqlstate", None)
