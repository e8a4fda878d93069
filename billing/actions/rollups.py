"""What pages read instead of rows: totals by line, then by branch and cost centre (D-43)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl
from django.db import connection

from billing.loading.laying import copy_csv, csv_of
from billing.models import CentreTotal, CentreUse, InvoiceVersion, LineTotal, LineUse

_CENTS = pl.Decimal(14, 2)
_FINE = pl.Decimal(14, 4)

# A line has one row of each category, or of each kind of use: the rows of a group are its lines.
CENTRE_TOTALS = """
INSERT INTO billing_centretotal (version_id, branch_id, cost_centre_id, month, category, amount,
    tps_amount, tvq_amount, other_tax_amount, line_count)
SELECT t.version_id, t.branch_id, t.cost_centre_id,
    date_trunc('month', upper(i.period) - 1)::date, t.category,
    sum(t.amount), sum(t.tps_amount), sum(t.tvq_amount), sum(t.other_tax_amount),
    count(*) FILTER (WHERE t.number <> '')
FROM billing_linetotal t
JOIN billing_invoiceversion v ON v.id = t.version_id
JOIN billing_invoice i ON i.id = v.invoice_id
WHERE t.version_id = ANY(%s)
GROUP BY 1, 2, 3, 4, 5
"""
CENTRE_USES = """
INSERT INTO billing_centreuse (version_id, branch_id, cost_centre_id, month, kind, roaming, unit,
    quantity, amount, line_count)
SELECT t.version_id, t.branch_id, t.cost_centre_id,
    date_trunc('month', upper(i.period) - 1)::date, t.kind, t.roaming, t.unit,
    sum(t.quantity), sum(t.amount), count(*)
FROM billing_lineuse t
JOIN billing_invoiceversion v ON v.id = t.version_id
JOIN billing_invoice i ON i.id = v.invoice_id
WHERE t.version_id = ANY(%s)
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def write_totals(
    rollup: pl.DataFrame, places: pl.DataFrame, versions: Mapping[str, InvoiceVersion]
) -> None:
    """Charges by line and category of new versions, by account, then by centre."""
    if rollup.is_empty():
        return
    placed = _placed(rollup, places, versions).sort("version_id", "number", "category")
    rows = placed.select(
        "version_id",
        "branch_id",
        "cost_centre_id",
        "service_line_id",
        "category",
        _text("number"),
        _text("subscriber"),
        *(
            pl.col(name).fill_null(0).cast(_CENTS)
            for name in ("amount", "tps_amount", "tvq_amount", "other_tax_amount")
        ),
        pl.col("rows").alias("charge_count"),
    )
    rows = rows.with_columns(*_of_whole_line())
    copy_csv(LineTotal._meta.db_table, rows.columns, csv_of(rows))
    _run(CENTRE_TOTALS, [version.pk for version in versions.values()])


def write_uses(
    rollup: pl.DataFrame, places: pl.DataFrame, versions: Mapping[str, InvoiceVersion]
) -> None:
    """Use by line, kind and zone of the versions, by account, in place of what they had."""
    ids = [version.pk for version in versions.values()]
    LineUse.objects.filter(version__in=ids).delete()
    CentreUse.objects.filter(version__in=ids).delete()
    if rollup.is_empty():
        return
    rows = _placed(rollup, places, versions).select(
        "version_id",
        "branch_id",
        "cost_centre_id",
        "service_line_id",
        "number",
        "kind",
        "roaming",
        _text("unit"),
        pl.col("quantity"),
        pl.col("amount").fill_null(0).cast(_FINE),
        pl.col("rows").alias("record_count"),
    )
    copy_csv(LineUse._meta.db_table, rows.columns, csv_of(rows))
    _run(CENTRE_USES, ids)


def restate_line(
    *, version: InvoiceVersion, number: str, place: tuple[int, int, int | None]
) -> None:
    """A billed line is a line of the fleet: its totals, and those of its centres, follow (D-43).

    ``place``: the line of the fleet, its branch and its cost centre on the invoice's date.
    """
    line, branch, centre = place
    fields: dict[str, Any] = {
        "service_line_id": line,
        "branch_id": branch,
        "cost_centre_id": centre,
    }
    LineTotal.objects.filter(version=version, number=number).update(**fields)
    LineUse.objects.filter(version=version, number=number).update(**fields)
    CentreTotal.objects.filter(version=version).delete()
    CentreUse.objects.filter(version=version).delete()
    _run(CENTRE_TOTALS, [version.pk])
    _run(CENTRE_USES, [version.pk])


def _placed(
    rollup: pl.DataFrame, places: pl.DataFrame, versions: Mapping[str, InvoiceVersion]
) -> pl.DataFrame:
    """Rows of the accounts that have a version, with its id and the place of each line."""
    ids = pl.DataFrame(
        [(account, version.pk) for account, version in versions.items()],
        schema={"account": pl.String, "version_id": pl.Int64},
        orient="row",
    )
    told = rollup.join(ids, on="account", how="inner")
    return told.join(places, on=["account", "number"], how="left", nulls_equal=True)


def _of_whole_line() -> Iterator[pl.Expr]:
    """What a line comes to, told once: on the first row of each line; null on the others."""
    line = ("version_id", "number")
    is_first = pl.int_range(pl.len()).over(line) == 0
    taxes = pl.col("tps_amount") + pl.col("tvq_amount") + pl.col("other_tax_amount")
    for name, told in (
        ("line_amount", pl.col("amount")),
        ("line_tax_amount", taxes),
        ("line_charge_count", pl.col("charge_count")),
    ):
        yield pl.when(is_first).then(told.sum().over(line)).alias(name)


def _text(name: str) -> pl.Expr:
    """A text column that is never null: an empty text is quoted, so that COPY keeps it."""
    return pl.col(name).fill_null("").alias(name)


def _run(statement: str, versions: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(versions)])
