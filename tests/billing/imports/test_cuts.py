"""Cut at any step, an import shows nothing of itself, then ends as if it had not been (X-01, X-02).

Here each step raises once: what it had not committed is rolled back, what it had stays.
"""

import importlib

import pytest
from django.db import connection

from billing.actions.sweeping import sweep_storages
from billing.kinds import ImportState, RowKind
from billing.loading import laying, lease
from billing.models import Charge, Import, Invoice, LineTotal, LineUse, RowStorage, Usage
from billing.tasks import read_import
from portal.audit import SYSTEM
from portal.models import AuditEvent
from portal.queue import TryLater
from tests.billing.imports.test_clean import published
from tests.billing.imports.world import TASKS, send, specimen, work

STEPS = {
    "opening": "billing.loading.reading.open_package",
    "first block": "billing.loading.laying.csv_of",
    "laid": "billing.loading.reading.Laying.finish",
    "judged": "billing.actions.reading.judge",
    "invoices": "billing.actions.charges._versions",
    "totals": "billing.actions.charges.write_totals",
    "findings": "billing.actions.charges.write_findings",
    "ready": "billing.tasks.publish_import",
    "shown": "billing.actions.publishing._show",
    "last": "billing.actions.publishing.advance",
}


class Cut(Exception):
    """The process is gone."""


@pytest.fixture
def alone(monkeypatch):
    """Every file has a table of its own."""
    monkeypatch.setattr(laying, "ALONE", 0)


def cut_at(monkeypatch, target):
    """The next call of ``target`` is cut, those after go on."""
    module, _dot, name = target.rpartition(".")
    cuts = [target]

    def install(owner):
        whole = getattr(owner, name)

        def once(*args, **kwargs):
            if cuts:
                cuts.pop()
                raise Cut
            return whole(*args, **kwargs)

        monkeypatch.setattr(owner, name, once)

    install(_found(module))


def _found(dotted):
    """A module, or a class in one."""
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _dot, name = dotted.rpartition(".")
        return getattr(importlib.import_module(module), name)


def shown():
    """All that the tables hold, whatever the numbers of the rows."""
    told = (
        Charge.objects.values_list("account", "number", "line", "amount"),
        Usage.objects.values_list("account", "number", "line", "quantity"),
        Invoice.objects.values_list("account__number", "current__due_amount"),
        LineTotal.objects.values_list("version__invoice__account", "number", "category", "amount"),
        LineUse.objects.values_list("number", "kind", "unit", "quantity"),
        Import.objects.values_list("part", "state", "row_count"),
    )
    return [sorted(rows, key=str) for rows in told]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("table", ["own", "shared"])
def test_a_cut_import_begins_again_and_ends_the_same(world, tmp_path, monkeypatch, step, table):
    if table == "own":
        monkeypatch.setattr(laying, "ALONE", 0)
    path = specimen(tmp_path / "telus.zip", "telus_text_bill").path
    one = send(world, path).imports.get()
    cut_at(monkeypatch, STEPS[step])
    with pytest.raises(Cut):
        read_import.run(import_id=one.pk)
    assert not Invoice.objects.filter(current__isnull=False).exists()
    one.refresh_from_db()
    assert one.state in (ImportState.RECEIVED, ImportState.READING)
    work()
    told = shown()
    one.refresh_from_db()
    assert (one.state, one.refusal) == (ImportState.PUBLISHED, "")
    assert RowStorage.objects.filter(imports=one, dropped_at__isnull=True).count() == 1
    assert len(told[0]) == one.row_count - 2
    assert len({row[:3] for row in told[3]}) == len(told[3])
    assert AuditEvent.objects.filter(code="bill_import.published").count() == 1


def test_asked_again_once_published_nothing_happens(world, tmp_path):
    (one,) = published(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path)
    before, events = shown(), AuditEvent.objects.count()
    read_import.run(import_id=one.pk)
    TASKS["billing.publish_import"].run(import_id=one.pk)
    assert (shown(), AuditEvent.objects.count()) == (before, events)


def test_a_second_copy_waits_for_the_first(world, tmp_path):
    one = send(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path).imports.get()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lease.IMPORTS, one.pk])
    with pytest.raises(TryLater):
        read_import.run(import_id=one.pk)
    with other.cursor() as cursor:  # a process that dies frees it too, once its session is gone
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    read_import.run(import_id=one.pk)
    one.refresh_from_db()
    assert one.state == ImportState.PUBLISHED


def test_use_laid_in_its_own_table_is_shown_whole(world, tmp_path, alone):
    charges, use = published(
        world, specimen(tmp_path / "telus.zip", "telus_text_bill", usage_rows=300).path
    )
    assert charges.storage.month is None
    assert use.storage.attached_at
    assert use.storage.kind == RowKind.USAGE
    assert Usage.objects.filter(storage_id=use.storage_id, import_id=use.pk).count() == 300


def test_tables_of_no_use_are_dropped_and_shown_ones_stay(world, tmp_path, alone):
    (one,) = published(world, specimen(tmp_path / "telus.zip", "telus_text_bill").path)
    left = RowStorage.objects.create(kind=RowKind.CHARGE, provider=one.provider)
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_open_storage(%s)", [left.pk])
    assert sweep_storages(by=SYSTEM) == 0
    RowStorage.objects.update(opened_at="2020-01-01T00:00:00Z")
    assert sweep_storages(by=SYSTEM) == 1
    left.refresh_from_db()
    assert left.dropped_at
    assert Charge.objects.filter(storage_id=one.storage_id).exists()
