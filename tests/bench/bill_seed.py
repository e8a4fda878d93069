"""`python -m tests.bench.bill_seed`: thirteen months of bills of the whole group.

Twenty million records of use, the rollups of every line, and the charges of the last month, made in
the database from the seeded fleet. The biggest member has one invoice of eighty thousand totals, of
lines that no fleet has. Reads DATABASE_OWNER_URL.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.bench.seeding import run_seed, timed

USE_ROWS = 20_000_000
LARGE = 20_000
"""Lines of the biggest member's large account: eighty thousand totals on one invoice."""
LARGE_ACCOUNT, LARGE_PREFIX = "999000001", "354"

LINES = """
CREATE TEMP TABLE bench_line ON COMMIT DROP AS
SELECT a.id AS account_id, a.number AS account, v.number, v.service_line_id, v.branch_id,
    v.cost_centre_id, coalesce(h.name, '') AS subscriber
FROM orders_lineversion v
JOIN members_provideraccount a ON a.id = v.account_id
LEFT JOIN orders_holder h ON h.id = v.holder_id
WHERE upper_inf(v.valid) AND v.status <> 'cancelled'
    AND a.provider_id = (SELECT id FROM members_provider WHERE code = 'telus')
UNION ALL
SELECT a.id, a.number, %(prefix)s || (2000000 + n)::text, NULL, a.branch_id, NULL,
    'Abonnement ' || n
FROM members_provideraccount a, generate_series(1, %(large)s) AS n
WHERE a.number = %(account)s
"""
CATEGORIES = """
CREATE TEMP TABLE bench_category ON COMMIT DROP AS
SELECT *,
    CASE WHEN is_first THEN sum(amount) OVER () END AS of_line,
    CASE WHEN is_first THEN sum(tps + tvq) OVER () END AS of_line_taxes,
    CASE WHEN is_first THEN count(*) OVER () END AS of_line_count
FROM (SELECT *, category = min(category) OVER () AS is_first FROM (VALUES
    ('device_instalment', 20.83, 1.04, 2.08), ('feature', 5.00, 0.25, 0.50),
    ('recurring_plan', 45.00, 2.25, 4.49), ('tax_911', 0.52, 0.00, 0.00)
) AS told (category, amount, tps, tvq)) AS told
"""
ACCOUNTS = """
CREATE TEMP TABLE bench_invoice ON COMMIT DROP AS
SELECT %s + row_number() OVER (ORDER BY m.month, l.account_id) AS id, m.month,
    (m.month + interval '1 month')::date AS ends, m.charge_import, m.usage_import, l.account_id,
    a.branch_id, l.lines
FROM bench_month m
CROSS JOIN (SELECT account_id, count(*) AS lines FROM bench_line GROUP BY 1) AS l
JOIN members_provideraccount a ON a.id = l.account_id
"""
REGISTER = (
    """
    INSERT INTO billing_invoice (id, branch_id, account_id, period, state)
    SELECT id, branch_id, account_id, daterange(month, ends),
        CASE WHEN month = max(month) OVER () THEN 'to_verify' ELSE 'released' END
    FROM bench_invoice
    """,
    """
    INSERT INTO billing_invoiceversion (id, invoice_id, number, charge_import_id, usage_import_id,
        detail, invoice_number, issued_on, due_on, charges_amount, tps_amount, tvq_amount,
        other_taxes_amount, due_amount, stated, line_count, charge_count)
    SELECT i.id, i.id, 1, i.charge_import, i.usage_import, 'complete', 'F' || i.id, i.ends,
        i.ends + 30, i.lines * s.amount, i.lines * s.tps, i.lines * s.tvq, 0,
        i.lines * (s.amount + s.tps + s.tvq), '{}', i.lines, i.lines * 4
    FROM bench_invoice i,
        (SELECT sum(amount) AS amount, sum(tps) AS tps, sum(tvq) AS tvq FROM bench_category) AS s
    """,
    "UPDATE billing_invoice SET current_id = id WHERE id IN (SELECT id FROM bench_invoice)",
    """
    INSERT INTO billing_finding (version_id, branch_id, rule, severity, number, evidence)
    SELECT id, branch_id, 'B03', 'I', '', '{}' FROM bench_invoice
    """,
)
TOTALS = """
INSERT INTO billing_linetotal (version_id, branch_id, cost_centre_id, service_line_id, number,
    subscriber, category, amount, tps_amount, tvq_amount, other_tax_amount, charge_count,
    line_amount, line_tax_amount, line_charge_count)
SELECT i.id, l.branch_id, l.cost_centre_id, l.service_line_id, l.number, l.subscriber, c.category,
    c.amount, c.tps, c.tvq, 0, 1, c.of_line, c.of_line_taxes, c.of_line_count
FROM bench_invoice i JOIN bench_line l USING (account_id) CROSS JOIN bench_category c
WHERE i.month = %s
"""
USES = """
INSERT INTO billing_lineuse (version_id, branch_id, cost_centre_id, service_line_id, number, kind,
    roaming, unit, quantity, amount, record_count)
SELECT i.id, l.branch_id, l.cost_centre_id, l.service_line_id, l.number, k.kind, 'none', k.unit,
    900000, 0, 5
FROM bench_invoice i JOIN bench_line l USING (account_id)
CROSS JOIN (VALUES ('data', 'byte'), ('voice', 'second')) AS k (kind, unit)
WHERE i.month = %s
"""
CHARGES = """
INSERT INTO {table} (line, account, number, subscriber, code, label, category, period_start,
    period_end, quantity, unit_amount, amount, tps_amount, tvq_amount, other_tax_amount)
SELECT row_number() OVER (), l.account, l.number, l.subscriber, 'C', c.category, c.category,
    %(month)s::date, %(month)s::date + 27, 1, c.amount, c.amount, c.tps, c.tvq, 0
FROM bench_line l CROSS JOIN bench_category c
"""
RECORDS = """
INSERT INTO {table} (line, account, number, occurred_at, kind, roaming, quantity, unit, amount,
    called_hash, place)
SELECT row_number() OVER (), l.account, l.number,
    %(month)s::timestamp + make_interval(secs => hashint8(r * 1000003 + l.rank) & 2097151),
    CASE WHEN r %% 2 = 0 THEN 'data' ELSE 'voice' END, 'none', 1024 + r,
    CASE WHEN r %% 2 = 0 THEN 'byte' ELSE 'second' END, 0, hashint8(l.rank + r), 'Québec'
FROM (SELECT *, row_number() OVER () AS rank FROM bench_line) AS l
CROSS JOIN generate_series(1, {each}) AS r
LIMIT {rows}
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A month's first day and the group's two imports of it."""

    month: date
    charges: Any
    usage: Any


def fill() -> None:
    """Everything in one transaction, then ANALYZE; sizes are printed."""
    from django.db import connection, transaction

    from billing.models import Finding, Invoice, InvoiceVersion, LineTotal, LineUse
    from tests.bench.copying import set_aside, settle_ids

    size = "SELECT pg_database_size(current_database()) / 1e9"
    with connection.cursor() as cursor:
        cursor.execute(size)
        before = cursor.fetchone()[0]
        with transaction.atomic():
            months = _months(cursor)
            with timed("bills.seed.rows"):
                _rows(cursor, months)
            models = (Invoice, InvoiceVersion, Finding, LineTotal, LineUse)
            with timed("bills.seed.rollups"), set_aside(models):
                _rollups(cursor, months)
            with timed("bills.seed.centres"):
                _centres(cursor, months)
            settle_ids([Invoice, InvoiceVersion])
        with timed("bills.seed.analyze"):
            cursor.execute("VACUUM ANALYZE")
        cursor.execute(size)
        print(f"bills.seed.size {float(cursor.fetchone()[0] - before):.2f} GB", flush=True)


def _months(cursor: Any) -> list[Month]:
    """The large account, the fleet's lines, then the month's file and both its imports."""
    from billing.actions.shipped import install_shipped_profiles
    from billing.models import FormatProfile
    from billing.months import earlier, run_of
    from members.models import Branch, Provider, ProviderAccount, User
    from portal.clock import today

    if not FormatProfile.objects.exists():
        install_shipped_profiles(by=User.objects.get(email="admin.itq@exemple.test"))
    telus = Provider.objects.get(code="telus")
    root = Branch.objects.get(organisation=1, is_root=True)
    ProviderAccount.objects.create(
        branch=root, provider=telus, number=LARGE_ACCOUNT, opened_on=date(2020, 1, 6)
    )
    given = {"prefix": LARGE_PREFIX, "large": LARGE, "account": LARGE_ACCOUNT}
    cursor.execute(LINES, given)
    cursor.execute(CATEGORIES)
    cursor.execute("ANALYZE bench_line")
    return [_month(telus, month) for month in run_of(earlier(today().replace(day=1), 1))]


def _month(telus: Any, month: date) -> Month:
    """A package of the group, published in two acts (D-41)."""
    from billing.formats.shipped import shipped_profile
    from billing.kinds import ImportPart, ImportState, RowKind
    from billing.models import BillFile, Import, ProfileVersion, RowStorage
    from portal.models import StoredFile

    version = ProfileVersion.objects.get(profile__name=shipped_profile("telus_text_bill").title)
    name = f"telus-{month:%Y-%m}.zip"
    file = StoredFile.objects.create(
        sha256=hashlib.sha256(name.encode()).hexdigest(), name=name, size=1,
        content_type="application/zip",
    )  # fmt: skip
    bill_file = BillFile.objects.create(provider=telus, file=file, name=name)
    made = {
        kind: Import.objects.create(
            bill_file=bill_file,
            profile_version=version,
            part=part,
            provider=telus,
            state=ImportState.PUBLISHED,
            storage=RowStorage.objects.create(kind=kind, provider=telus),
        )
        for part, kind in (
            (ImportPart.CHARGES, RowKind.CHARGE),
            (ImportPart.USAGE, RowKind.USAGE),
        )
    }
    return Month(month, made[RowKind.CHARGE], made[RowKind.USAGE])


def _rows(cursor: Any, months: list[Month]) -> None:
    """Use of every month; charges of the last one, the only one whose lines are opened."""
    from billing.storage import attach_storage, index_storage, open_storage

    rows = USE_ROWS // len(months)
    cursor.execute("SELECT count(*) FROM bench_line")
    each = -(-rows // cursor.fetchone()[0])
    for month in months:
        last = month is months[-1]
        for one in (month.usage, month.charges)[: 1 + last]:
            assert one.storage
            open_storage(one.storage)
            statement = RECORDS if one is month.usage else CHARGES
            cursor.execute(
                statement.format(table=one.storage.table, each=each, rows=rows),
                {"month": month.month},
            )
            index_storage(one.storage)
            attach_storage(one.storage)


def _rollups(cursor: Any, months: list[Month]) -> None:
    """The register of invoices, then what each line was billed and used, month by month."""
    from billing.models import Invoice, InvoiceVersion
    from tests.bench.copying import next_id

    cursor.execute(
        "CREATE TEMP TABLE bench_month (month date, charge_import bigint, usage_import bigint)"
        " ON COMMIT DROP"
    )
    for month in months:
        told = [month.month, month.charges.pk, month.usage.pk]
        cursor.execute("INSERT INTO bench_month VALUES (%s, %s, %s)", told)
    cursor.execute(ACCOUNTS, [max(next_id(Invoice), next_id(InvoiceVersion)) - 1])
    for statement in REGISTER:
        cursor.execute(statement)
    for month in months:
        cursor.execute(TOTALS, [month.month])
        cursor.execute(USES, [month.month])


def _centres(cursor: Any, months: list[Month]) -> None:
    """The sums by branch and cost centre, by the statements of the import itself."""
    from billing.actions.rollups import CENTRE_TOTALS, CENTRE_USES

    for month in months:
        cursor.execute("SELECT array_agg(id) FROM bench_invoice WHERE month = %s", [month.month])
        versions = cursor.fetchone()[0]
        cursor.execute(CENTRE_TOTALS, [versions])
        cursor.execute(CENTRE_USES, [versions])


def refusal() -> str:
    """Why a database is not filled: it has no fleet, or holds these bills already."""
    from members.models import ProviderAccount
    from orders.models import ServiceLine

    known = ProviderAccount.objects.filter(number=LARGE_ACCOUNT)
    is_wrong = known.exists() or not ServiceLine.objects.exists()
    return "the bills' seed wants the group's fleet, and its own bills once" if is_wrong else ""


if __name__ == "__main__":
    raise SystemExit(run_seed("bills.seed", refusal, fill))
