"""How long the rows of an import take to be shown, beside a reader, among 26 000 other files."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from billing.formats.shipped import shipped_profile
from billing.kinds import RowKind
from billing.models import BillFile, ProfileVersion, RowStorage
from billing.months import earlier
from billing.storage import attach_storage, index_storage, open_storage
from members.models import Provider
from portal.clock import today
from tests.bench.figures import Figures
from tests.bench.imports import SHOWN_BAR, read_apart
from tests.bench.rivals import owner
from tests.bench.sender import make_sender

FILES = 26_000
"""A year of the group: a thousand members, two providers."""
READER = 10  # seconds
PREFIX = "263"
"""The three digits that its numbers begin with: no other number of the bench does."""
WAITS_FOR_NOBODY = 5_000
"""Milliseconds of a whole act of publication beside that reader, whom it would wait for longer."""
LINES, USE_ROWS = 900, 300_000
"""Enough use for a table of its own."""

SMALL_FILES = """
WITH spots AS (
    SELECT row_number() OVER (ORDER BY back, a.id) AS n, a.id AS account, a.branch_id,
        a.provider_id, (date '2019-12-01' - back * interval '1 month')::date AS month
    FROM members_provideraccount a, generate_series(0, 30) AS back
    WHERE a.number <> '' LIMIT %(files)s
), stored AS (
    INSERT INTO portal_storedfile (sha256, name, content_type, size)
    SELECT encode(sha256(('banc ' || n)::bytea), 'hex'), 'banc-' || n, 'text/csv', 1 FROM spots
    RETURNING id, name
), files AS (
    INSERT INTO billing_billfile (branch_id, provider_id, file_id, name)
    SELECT s.branch_id, s.provider_id, f.id, f.name
    FROM spots s JOIN stored f ON f.name = 'banc-' || s.n
    RETURNING id, name
), imports AS (
    INSERT INTO billing_import (bill_file_id, profile_version_id, part, branch_id, provider_id,
        period, state, awaits, refusal, storage_id, digest, row_count, rejected_count,
        quarantined_count, totals, differences, compared_with, step, rows_done)
    SELECT f.id, %(version)s, 'charges', s.branch_id, s.provider_id,
        daterange(s.month, (s.month + interval '1 month')::date), 'published', '{}', '', r.id, '',
        40, 0, 0, '{}', '{}', '{}', '', 40
    FROM spots s JOIN files f ON f.name = 'banc-' || s.n
    LEFT JOIN billing_rowstorage r ON r.provider_id = s.provider_id AND r.month = s.month
        AND r.kind = 'charge' AND r.dropped_at IS NULL
    RETURNING id, bill_file_id
), invoices AS (
    INSERT INTO billing_invoice (branch_id, account_id, period, state)
    SELECT branch_id, account, daterange(month, (month + interval '1 month')::date), 'paid'
    FROM spots
    RETURNING id, account_id, lower(period) AS month
)
INSERT INTO billing_invoiceversion (invoice_id, number, charge_import_id, detail, invoice_number,
    charges_amount, tps_amount, tvq_amount, other_taxes_amount, due_amount, stated, line_count,
    charge_count)
SELECT i.id, 1, m.id, 'charges', '', 400, 20, 39.9, 0, 459.9, '{}', 10, 40
FROM invoices i
JOIN spots s ON s.account = i.account_id AND s.month = i.month
JOIN files f ON f.name = 'banc-' || s.n
JOIN imports m ON m.bill_file_id = f.id
"""
SHOW_THEM = (
    "UPDATE billing_invoice i SET current_id = v.id FROM billing_invoiceversion v"
    " WHERE v.invoice_id = i.id AND i.current_id IS NULL AND i.state = 'paid'"
)


def measure_publication(figures: Figures) -> None:
    """Charges then use, published while a transaction that read every table stays open."""
    sender = make_sender(LINES, PREFIX)
    began = time.monotonic()
    _register()
    figures.tell("publication.registered", BillFile.objects.count(), "files")
    figures.tell("publication.tables", _tables(), "tables attached")
    figures.tell("publication.registering", time.monotonic() - began, "s")
    with tempfile.TemporaryDirectory(prefix="portail-imports-") as name:
        month = earlier(today().replace(day=1), 1)
        charges = sender.send(sender.write("rogers_charges_breakdown", Path(name), month))
        usage = sender.send(sender.write("rogers_usage_breakdown", Path(name), month, USE_ROWS))
        with reader():
            told = read_apart([charges.pk, usage.pk])["imports"]
    for part, one in zip(("charges", "usage"), told, strict=True):
        figures.tell(f"publication.{part}.shown", one["shown"] * 1000, "ms", SHOWN_BAR)
        figures.tell(
            f"publication.{part}.whole_act", one["publication"] * 1000, "ms", WAITS_FOR_NOBODY
        )


def _register() -> None:
    """Small files of long ago: each with its import and its invoice, in the months' own tables."""
    version = ProfileVersion.objects.get(
        profile__name=shipped_profile("rogers_charges_breakdown").title
    )
    for provider in Provider.objects.filter(code__in=("telus", "rogers")):
        for back in range(13):
            _month_table(provider, back)
    with owner() as link, link.transaction():
        link.execute(SMALL_FILES, {"files": FILES, "version": version.pk})
        link.execute(SHOW_THEM)
    with owner() as link:
        link.execute("ANALYZE")


@transaction.atomic
def _month_table(provider: Provider, back: int) -> None:
    month = earlier(today().replace(year=2019, month=12, day=1), back)
    storage = RowStorage.objects.create(kind=RowKind.CHARGE, provider=provider, month=month)
    open_storage(storage)
    index_storage(storage)
    attach_storage(storage)


def _tables() -> int:
    return RowStorage.objects.filter(attached_at__isnull=False, dropped_at__isnull=True).count()


@contextmanager
def reader() -> Iterator[None]:
    """A transaction of someone else that read every table, open for the block and ten seconds."""
    ready, release = threading.Event(), threading.Event()

    def read() -> None:
        with owner() as link, link.transaction():
            link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for table in ("billing_charge", "billing_usage", "billing_invoice"):
                link.execute(f"SELECT 1 FROM {table} LIMIT 1")
            began = time.monotonic()
            ready.set()
            release.wait()
            time.sleep(max(0.0, READER - (time.monotonic() - began)))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        if not ready.wait(READER):
            raise RuntimeError("the reader could not begin")
        yield
    finally:
        release.set()
        thread.join()
