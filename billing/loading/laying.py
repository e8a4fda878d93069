"""Canonical rows to their storage by COPY: a table of their own, or the provider's month (D-40)."""

import io
from dataclasses import dataclass
from hashlib import sha256

import polars as pl
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import sql

from billing.kinds import RowKind
from billing.models import Import, RowStorage
from billing.storage import ALONE, attach_storage, index_storage, open_storage
from portal.clock import day_of

MONTHS = 7_402_011
"""The first key of the advisory locks under which a month's table is made; the second, whose."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Some rows as COPY reads them."""

    columns: list[str]
    text: bytes


class Laying:
    """Lays the rows of one import; opens the storage when the first come.

    ``encode`` touches no table, so that a thread may make the next block while this one is laid.
    """

    def __init__(self, bill_import: Import, kind: RowKind) -> None:
        self._import, self._kind = bill_import, kind
        self._digest = sha256()
        self._is_alone: bool | None = None
        self.storage: RowStorage | None = None

    @property
    def digest(self) -> str:
        """A sha256 over every row encoded so far, in order, whatever the blocks."""
        return self._digest.hexdigest()

    def encode(self, rows: pl.DataFrame, expected: int | None) -> Encoded:
        """Rows for ``lay``; ``expected``: about how many there will be, None where nothing tells.

        Those of a shared table each carry their import; a table of its own knows it.
        """
        if self._is_alone is None:
            self._is_alone = expected is None or expected > ALONE
        text = csv_of(rows)
        self._digest.update(text)
        if not self._is_alone:
            rows = rows.with_columns(pl.lit(self._import.pk).alias("import_id"))
            text = csv_of(rows)
        return Encoded(rows.columns, text)

    def lay(self, encoded: Encoded) -> None:
        """Write some rows; each call commits by itself, out of every reader's sight."""
        if not encoded.text:
            return
        if self.storage is None:
            make = _storage_alone if self._is_alone else _storage_of_month
            self.storage = make(self._import, self._kind)
        copy_csv(self.storage.table, encoded.columns, encoded.text)

    def finish(self) -> None:
        """Build the indexes of a table of its own; a shared one has them."""
        if self.storage is not None and self.storage.month is None:
            index_storage(self.storage)


def csv_of(rows: pl.DataFrame) -> bytes:
    """Rows as the CSV that COPY reads: null is nothing, instants have no zone."""
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S")
    return buffer.getvalue()


def copy_csv(table: str, columns: list[str], text: bytes) -> None:
    """COPY rows, given as CSV, into some columns of a table."""
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT csv)").format(
        table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        copy.write(text)


@transaction.atomic
def _storage_alone(bill_import: Import, kind: RowKind) -> RowStorage:
    """A table of the file's own, known to the import before it holds a row."""
    storage = RowStorage.objects.create(kind=kind, provider=bill_import.provider)
    Import.objects.filter(pk=bill_import.pk).update(storage=storage)
    open_storage(storage)
    return storage


@transaction.atomic
def _storage_of_month(bill_import: Import, kind: RowKind) -> RowStorage:
    """The table that small files of a provider share, for those received in one month."""
    month = day_of(bill_import.recorded_at).replace(day=1)
    with connection.cursor() as cursor:
        whose = f"{bill_import.provider_id}:{kind}:{month}"
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [MONTHS, whose])
    storage, is_new = RowStorage.objects.get_or_create(
        kind=kind, provider=bill_import.provider, month=month, dropped_at=None
    )
    Import.objects.filter(pk=bill_import.pk).update(storage=storage)
    if is_new:
        open_storage(storage)
        index_storage(storage)
        attach_storage(storage)
    return storage
