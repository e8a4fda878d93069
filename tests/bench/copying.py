"""COPY into the models' tables: the one named exception to « only actions write » (D-53)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Max, Model
from django.db.models.fields import NOT_PROVIDED

CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype IN ('f', 'x') AND conrelid = ANY(%s::regclass[])
ORDER BY contype DESC, conrelid, conname
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE NOT indisunique AND NOT indisexclusion AND indrelid = ANY(%s::regclass[])
"""


def copy(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of ``names`` (attribute names); other columns get the model's own defaults.

    ``rows`` may be a generator that makes no query: the connection is busy.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = [fields.pop(name) for name in names]
    rest = [
        field
        for field in fields.values()
        if field.db_default is NOT_PROVIDED and not field.primary_key
    ]
    constants = [
        field.get_db_prep_save(field.get_default(), connection=connection) for field in rest
    ]
    columns = ", ".join(f'"{field.column}"' for field in (*given, *rest))
    statement = f"COPY {model._meta.db_table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row((*row, *constants))


def next_id(model: type[Model]) -> int:
    """The first free primary key."""
    return (model._base_manager.aggregate(top=Max("pk"))["top"] or 0) + 1


def settle_ids(models: Sequence[type[Model]]) -> None:
    """Put each table's sequence after its last row."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                [model._meta.db_table, next_id(model)],
            )


@contextmanager
def set_aside(models: Sequence[type[Model]]) -> Iterator[None]:
    """Drop foreign keys, exclusions and plain indexes, and make them again once the rows stand.

    Each is then checked or built in one pass, which proves the rows; inside one transaction, so
    that a fault leaves the database as it was.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
