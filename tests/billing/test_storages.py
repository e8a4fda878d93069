"""The tables of rows: the application makes them by the owner's functions, and in no other way."""

from datetime import date

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from billing.kinds import Detail, RowKind
from billing.models import Charge, Usage
from billing.storage import attach_storage, drop_storage, index_storage, open_storage
from tests.billing.factories import ImportFactory, InvoiceVersionFactory, RowStorageFactory

pytestmark = pytest.mark.django_db


def filled(**fields):
    """An open storage with three rows of import 7 and one of import 8."""
    storage = RowStorageFactory(**fields)
    open_storage(storage)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY {storage.table} (storage_id, line, import_id, account, number, category, amount)"
            " FROM STDIN"
        ) as copy,
    ):
        for line, owner in ((2, 7), (3, 7), (4, 7), (5, 8)):
            copy.write_row((storage.pk, line, owner, "12345678", "4185550101", "feature", "4.25"))
    return storage


def refused(sql: str) -> str:
    """Why the database refuses what the application asks directly."""
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    return str(caught.value)


def test_rows_are_reached_once_their_storage_is_attached():
    storage = filled()
    rows = Charge.objects.filter(storage_id=storage.pk, import_id=7)
    assert not rows.exists()
    index_storage(storage)
    attach_storage(storage)
    assert [(row.line, str(row.amount)) for row in rows.order_by("line")] == [
        (2, "4.25"),
        (3, "4.25"),
        (4, "4.25"),
    ]
    storage.refresh_from_db()
    assert storage.opened_at < storage.attached_at
    assert storage.dropped_at is None


def test_a_read_by_literals_opens_one_table():
    for _ in range(3):
        storage = filled()
        index_storage(storage)
        attach_storage(storage)
    plan = Charge.objects.filter(storage_id=storage.pk, import_id=7).explain()
    assert storage.table in plan
    assert plan.count("Scan on billing_charge") == 1


def test_a_shared_storage_takes_rows_after_it_is_attached():
    storage = RowStorageFactory(kind=RowKind.USAGE, month=date(2020, 1, 1))
    open_storage(storage)
    index_storage(storage)
    attach_storage(storage)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY billing_usage (storage_id, line, import_id, account, number, occurred_at, kind,"
            " roaming, quantity) FROM STDIN"
        ) as copy,
    ):
        copy.write_row(
            (storage.pk, 2, 7, "12345678", "4185550101", "2020-01-05 02:30:00", "data", "none", 9)
        )
    row = Usage.objects.get(storage_id=storage.pk, import_id=7)
    assert (row.occurred_at.isoformat(), row.quantity) == ("2020-01-05T02:30:00", 9)
    assert Usage.objects.filter(storage_id=storage.pk, occurred_at=row.occurred_at).exists()
    Usage.objects.filter(storage_id=storage.pk, import_id=7).delete()
    assert not Usage.objects.filter(storage_id=storage.pk).exists()


def test_a_row_of_another_storage_is_refused():
    storage = filled()
    sql = "INSERT INTO {} (storage_id, line, import_id, account, category, amount) VALUES ({})"
    told = refused(sql.format(storage.table, f"{storage.pk + 1}, 9, 7, '1', 'feature', 1"))
    assert "is_its_own" in told


def test_a_dropped_storage_is_gone_with_its_rows():
    storage = filled()
    attach_storage(storage)
    drop_storage(storage)
    assert not Charge.objects.filter(storage_id=storage.pk).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        drop_storage(storage)


def test_the_rows_of_a_shown_invoice_are_not_dropped():
    storage = filled()
    attach_storage(storage)
    version = InvoiceVersionFactory(
        detail=Detail.CHARGES, charge_import=ImportFactory(storage=storage), shown=True
    )
    with pytest.raises(OperationalError, match="current invoice"), transaction.atomic():
        drop_storage(storage)
    version.invoice.current = None
    version.invoice.save()
    drop_storage(storage)


@pytest.mark.parametrize("name", ["open", "index", "attach", "drop"])
def test_a_number_that_is_not_in_the_register_is_refused(name):
    assert "no storage 0" in refused(f"SELECT billing_{name}_storage(0)")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE billing_charge_0 (LIKE billing_charge)",
        "CREATE TABLE p PARTITION OF billing_charge FOR VALUES IN (0)",
        "ALTER TABLE billing_charge DETACH PARTITION {table}",
        "DROP TABLE {table}",
        "CREATE INDEX ON {table} (line)",
        "TRUNCATE {table}",
        "UPDATE billing_charge SET amount = 0",
        "UPDATE {table} SET amount = 0",
        "SELECT * FROM billing_storage_table({id})",
    ],
)
def test_the_application_has_no_other_way(sql):
    storage = filled()
    attach_storage(storage)
    told = refused(sql.format(table=storage.table, id=storage.pk))
    assert "permission denied" in told or "must be owner" in told


def test_nothing_in_the_session_turns_the_functions_aside():
    """A table of the caller's own does not stand for the register: names are pinned."""
    storage = RowStorageFactory()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE billing_rowstorage (id int, kind text)")
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        cursor.execute("SELECT billing_open_storage(%s)", [storage.pk])
        cursor.execute("SELECT to_regclass(%s)", [f"public.{storage.table}"])
        assert cursor.fetchone()[0] is not None


@pytest.fixture
def reader():
    """Another session that reads charges and keeps its transaction open."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM billing_charge")
    yield other
    other.rollback()
    other.close()


def test_attaching_waits_for_no_reader_and_dropping_gives_up_behind_one(reader):
    storage = filled()
    index_storage(storage)
    attach_storage(storage)
    with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        drop_storage(storage)
    reader.rollback()
    drop_storage(storage)


def test_functions_pin_their_search_path_and_are_closed_to_the_public():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosecdef, proconfig::text, proacl::text FROM pg_proc"
            " WHERE proname LIKE 'billing\\_%\\_storage' ORDER BY 1"
        )
        rows = cursor.fetchall()
    assert [row[0] for row in rows] == [
        f"billing_{verb}_storage" for verb in ("attach", "drop", "index", "open")
    ]
    for name, definer, config, rights in rows:
        assert definer, name
        assert "search_path=pg_catalog, pg_temp" in config
        assert "=X/" not in rights.replace("portal_app=X/", "").replace("owner=X/", "")
