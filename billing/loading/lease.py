"""One process at a time works on an import, whatever its lease in the queue says (X-04)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _

from portal.queue import TryLater

IMPORTS = 7_402_010
"""The first key of the advisory locks of imports; the second is the import's number."""
PROVIDERS = 7_402_012
"""The first key of the advisory locks of providers; the second is the provider's number."""
AGAIN = timedelta(seconds=15)


@contextmanager
def held(import_id: int) -> Iterator[None]:
    """Hold the import until the end, or until this process dies; raises TryLater when held."""
    if not _ask("pg_try_advisory_lock", import_id):
        raise TryLater(_("Cet import est déjà entre les mains d'un autre processus."), after=AGAIN)
    try:
        yield
    finally:
        _ask("pg_advisory_unlock", import_id)


def is_held(import_id: int) -> bool:
    """Whether a process works on the import now; asked inside a transaction."""
    return not _ask("pg_try_advisory_xact_lock", import_id)


def settle_one_at_a_time(provider_id: int) -> None:
    """Until the transaction ends: charges are shown, and use looks for its charges, one by one.

    Each would otherwise miss what the other has not committed: use would wait for ever (D-41).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PROVIDERS, provider_id])


def _ask(function: str, import_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [IMPORTS, import_id % 2**31])
        return bool(cursor.fetchone()[0])
