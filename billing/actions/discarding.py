"""What an import laid and made, thrown away: rows of use to nobody, versions never shown (D-40)."""

from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import sql
from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.kinds import Awaited, ImportState
from billing.models import Gap, Import, Invoice, InvoiceVersion, LineProposal, RowStorage
from billing.storage import drop_storage
from portal.models import ClockTimestamp

LEFT_ALONE = timedelta(hours=1)
"""After a table was opened: its import may be between two steps."""
SUPERSEDED_KEPT = timedelta(days=90)
"""Rows of what a correction replaced; the file itself is kept."""


def discard(bill_import: Import) -> None:
    """Leave nothing of an import that is not shown: versions, proposals, quarantine, rows."""
    discard_versions(
        InvoiceVersion.objects.filter(charge_import=bill_import, shown_by__isnull=True)
    )
    LineProposal.objects.filter(bill_import=bill_import).delete()
    bill_import.quarantine.all().delete()
    discard_rows(bill_import)


def discard_versions(versions: QuerySet[InvoiceVersion]) -> None:
    """Versions that were never shown, with what hangs on them, and invoices left without any."""
    invoices = list(versions.values_list("invoice", flat=True))
    Gap.objects.filter(version__in=versions).delete()
    versions.delete()
    Invoice.objects.filter(pk__in=invoices, current__isnull=True, versions__isnull=True).delete()


def discard_rows(bill_import: Import) -> None:
    """Drop its own table, or take its rows out of the month's; a table with a reader waits."""
    storage = bill_import.storage
    if storage is None:
        return
    if storage.month is None:
        drop(storage)
    elif storage.dropped_at is None:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("DELETE FROM {table} WHERE import_id = %s").format(
                    table=sql.Identifier(storage.table)
                ),
                [bill_import.pk],
            )
    Import.objects.filter(pk=bill_import.pk).update(storage=None)
    bill_import.storage = None


def drop(storage: RowStorage) -> bool:
    """Drop a table; False where a reader is on it: the sweep comes back."""
    try:
        with transaction.atomic():
            drop_storage(storage)
    except OperationalError:
        return False
    return True


def idle_storages() -> list[RowStorage]:
    """Tables of one file whose rows no shown invoice has, nor any import that goes on (D-40)."""
    now = ClockTimestamp()
    kept = Import.objects.filter(
        Q(state__in=[ImportState.RECEIVED, ImportState.READING, ImportState.PREPARED])
        | Q(state=ImportState.SUPERSEDED, finished_at__gt=now - SUPERSEDED_KEPT)
        | Q(state=ImportState.PUBLISHED, awaits__contains=[Awaited.CHARGES])
        | Q(invoice_versions__shown_by__isnull=False)
        | Q(used_by_versions__shown_by__isnull=False)
        # The use of a package that replaces it may still be refused (D-41).
        | Q(state=ImportState.PUBLISHED, used_by_versions__replaced_by__shown_by__isnull=False),
        storage=OuterRef("pk"),
    )
    idle = RowStorage.objects.filter(
        ~Exists(kept), month__isnull=True, dropped_at__isnull=True, opened_at__lt=now - LEFT_ALONE
    )
    return list(idle.order_by("pk")[:50])
