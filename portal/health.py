"""Is the portal whole? Database, broker, worker and documents, each with its reason."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TypedDict

from celery import current_app
from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string

from portal.documents import INSTALL_RENDERER, has_renderer
from portal.models import ClockTimestamp, WorkerBeat

SILENCE = timedelta(seconds=30)
"""Three sweeps missed."""


class Part(TypedDict):
    """One part's state; ``detail`` is a French sentence."""

    ok: bool
    detail: str


def health() -> dict[str, Part]:
    """Ask each part; never raises."""
    database = _database()
    whole = database["ok"]
    return {
        "base": database,
        "file": _broker(),
        "travailleur": _worker() if whole else Part(ok=False, detail="base injoignable"),
        "documents": _documents(),
        **(dict(_sources()) if whole else {}),
    }


def _sources() -> Iterator[tuple[str, Part]]:
    """What the apps add: each source of ``HEALTH_SOURCES`` names its part and never raises."""
    for path in settings.HEALTH_SOURCES:
        yield import_string(path)()


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        connection.close()
        return Part(ok=False, detail=f"PostgreSQL ne répond pas : {error}".strip())
    return Part(ok=True, detail="PostgreSQL répond")


def _broker() -> Part:
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=0, timeout=1)
    except Exception as error:  # the broker's client raises many kinds
        return Part(ok=False, detail=f"Le courtier ne répond pas : {error}".strip())
    return Part(ok=True, detail="Le courtier répond")


def _worker() -> Part:
    """The worker signs in at each sweep and while it works; 30 s of silence is a fault."""
    try:
        alive = WorkerBeat.objects.filter(seen_at__gt=ClockTimestamp() - SILENCE).exists()
    except Error:
        return Part(ok=False, detail="base injoignable")
    return Part(
        ok=alive, detail="Un travailleur répond" if alive else "Aucun travailleur ne répond"
    )


def _documents() -> Part:
    """Without Pango documents wait (D-54) and the portal still stands."""
    if has_renderer():
        return Part(ok=True, detail="Pango est là")
    told = f"Pango manque : les documents attendent. Installez-le : {INSTALL_RENDERER}"
    return Part(ok=True, detail=told)
