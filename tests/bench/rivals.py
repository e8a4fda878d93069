"""The same rows loaded by other means: raw COPY, ``bulk_create``, django-import-export.

All three are given clean canonical rows, in a CSV that the database wrote: they judge nothing.
"""

import csv
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import tablib
from django.db import models
from import_export.resources import modelresource_factory

from billing.models import Charge, RowStorage, Usage

RAW, RIVAL = "bench_raw", "bench_rival"
BLOCK = 2_000_000
BATCH = 2_000
CREATED, IMPORTED = 50_000, 10_000
"""Rows of the samples whose time is extrapolated, in proportion."""

BULK = {"use_bulk": True, "batch_size": BATCH, "import_id_fields": ["line"]}
"""django-import-export's bulk mode: a row that is there already is updated, not added twice."""
BLIND = {**BULK, "skip_diff": True, "skip_html_diff": True, "force_init_instance": True}
"""The quickest that it can: no row is looked for, compared or described."""

INDEXES = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
    " AND attname NOT IN ('storage_id', 'import_id') ORDER BY attnum"
)
_numbers = itertools.count(1)


@contextmanager
def owner() -> Iterator[psycopg.Connection]:
    """A connection that may make tables, each statement by itself."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as opened:
        yield opened


class Rows:
    """The rows of one import, in a file, and what else is needed to load them again."""

    def __init__(self, storage: RowStorage, import_id: int, folder: Path) -> None:
        self.model: type[models.Model] = Charge if storage.kind == "charge" else Usage
        self._table = storage.table
        self.path = folder / f"{storage.table}-{import_id}.csv"
        with owner() as link:
            told = link.execute(INDEXES, [self._table]).fetchall()
            self._indexes = [definition[definition.index(" USING ") :] for (definition,) in told]
            self.columns = [name for (name,) in link.execute(COLUMNS, [self._table])]
            names = ", ".join(self.columns)
            query = f"SELECT {names} FROM {self._table} WHERE import_id = {int(import_id)}"
            with (
                link.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)") as stream,
                self.path.open("wb") as target,
            ):
                for block in stream:
                    target.write(block)

    def raw(self) -> float:
        """Seconds of a plain COPY into a table of the same shape, its indexes built afterwards."""
        with owner() as link:
            self._fresh_table(link, RAW)
            names = ", ".join(self.columns)
            began = time.perf_counter()
            with (
                self.path.open("rb") as source,
                link.cursor().copy(f"COPY {RAW} ({names}) FROM STDIN (FORMAT csv, HEADER)") as copy,
            ):
                while block := source.read(BLOCK):
                    copy.write(block)
            for index in self._indexes:
                link.execute(f"CREATE INDEX ON {RAW}{index}")
            return time.perf_counter() - began

    def bulk_create(self, rows: int) -> float:
        """Seconds of ``bulk_create`` of the first rows, read by Python's csv."""
        model = self._rival()
        began = time.perf_counter()
        with self.path.open(newline="") as source:
            fields = {name: model._meta.get_field(name) for name in self.columns}
            told = csv.DictReader(itertools.islice(source, rows + 1))
            made = (
                model(**{n: f.to_python(row[n] or None) for n, f in fields.items()}) for row in told
            )
            model._default_manager.bulk_create(made, batch_size=BATCH)
        return time.perf_counter() - began

    def import_export(self, rows: int) -> float:
        """Seconds of django-import-export of the first rows, in its bulk mode."""
        return self._import_export(rows, BULK)

    def blind_import_export(self, rows: int) -> float:
        """The same with everything off that can be: an import made twice adds its rows twice."""
        return self._import_export(rows, BLIND)

    def _import_export(self, rows: int, how: dict[str, Any]) -> float:
        model = self._rival()
        options = {**how, "fields": self.columns}
        resource = modelresource_factory(model, meta_options=options)()
        began = time.perf_counter()
        with self.path.open(newline="") as source:
            told = tablib.Dataset().load("".join(itertools.islice(source, rows + 1)), format="csv")
        result = resource.import_data(told, raise_errors=True)
        seconds = time.perf_counter() - began
        if result.total_rows != rows or model._default_manager.count() != rows:
            raise RuntimeError(f"django-import-export loaded {model._default_manager.count()} rows")
        return seconds

    def _rival(self) -> type[models.Model]:
        """An ordinary model of the same columns over a fresh table that has the indexes."""
        with owner() as link:
            self._fresh_table(link, RIVAL)
            link.execute(f"ALTER TABLE {RIVAL} ADD PRIMARY KEY (line)")
            for index in self._indexes:
                link.execute(f"CREATE INDEX ON {RIVAL}{index}")
            link.execute(f"GRANT ALL ON {RIVAL} TO portal_app")
        fields: dict[str, Any] = {
            name: self.model._meta.get_field(name).clone() for name in self.columns
        }
        meta = type("Meta", (), {"app_label": "billing", "managed": False, "db_table": RIVAL})
        fields["line"] = models.IntegerField(primary_key=True)
        members = {"__module__": __name__, "Meta": meta, **fields}
        return type(f"Rival{next(_numbers)}", (models.Model,), members)

    def _fresh_table(self, link: psycopg.Connection, name: str) -> None:
        link.execute(f"DROP TABLE IF EXISTS {name}")
        link.execute(f"CREATE TABLE {name} (LIKE {self._table} INCLUDING DEFAULTS)")
        link.execute(f"ALTER TABLE {name} ALTER import_id SET DEFAULT 0")
