"""The tables in which rows lie: opened, filled, indexed, attached, dropped (D-40).

Only the owner may make a table: each of these calls one of its functions, with one number.
"""

from django.db import connection

from billing.models import RowStorage

ALONE = 200_000
"""Rows above which a file has a table of its own; smaller ones share a provider's month."""


def open_storage(storage: RowStorage) -> None:
    """Make its table, out of every reader's sight, ready for COPY."""
    _call("billing_open_storage", storage)


def index_storage(storage: RowStorage) -> None:
    """Build its indexes: once it is filled when it is a file's own, at once when it is shared."""
    _call("billing_index_storage", storage)


def attach_storage(storage: RowStorage) -> None:
    """Make its rows reachable, without waiting for readers; what is shown is the register's."""
    _call("billing_attach_storage", storage)


def drop_storage(storage: RowStorage) -> None:
    """Drop it with its rows.

    Raises OperationalError at once when a reader is on it (try again later), or when an invoice
    that is shown has rows there.
    """
    _call("billing_drop_storage", storage)


def _call(function: str, storage: RowStorage) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [storage.pk])
