"""Canonical rows written in each shipped layout: one renderer by profile, streaming."""

import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO

import polars as pl
import xlsxwriter

from billing.formats.canonical import CENTS, COLUMNS, TEXT, Entity
from billing.formats.definition import PartSpec
from billing.formats.shipped import shipped_profile
from billing.specimens.truth import Cycle, charges, inventory, statements, usage

Chunks = Iterable[pl.DataFrame]
_KINDS = {"voice": "Voice", "sms": "SMS", "mms": "MMS", "data": "Data", "other": "Other"}
_ZONES = {"none": "None", "canada": "Canada", "usa": "USA", "international": "International"}
_UNITS = {"second": "sec", "message": "msg", "byte": "B"}


@dataclass(slots=True)
class Specimen:
    """A file written and its truth: canonical rows by part (usage: one chunk at most kept), and
    for each part its rows and the sum of its amounts.
    """

    profile: str
    path: Path
    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)

    def note(self, part: str, chunk: pl.DataFrame) -> None:
        """Count a chunk of a part; the first is kept as it is."""
        self.rows.setdefault(part, chunk)
        self.counts[part] = self.counts.get(part, 0) + chunk.height
        if "amount" in chunk.columns:
            total = Decimal(chunk["amount"].sum() or 0)
            self.amounts[part] = self.amounts.get(part, Decimal(0)) + total


def write_specimen(profile: str, path: Path, cycle: Cycle, *, usage_rows: int = 0) -> Specimen:
    """Write one clean file in a shipped layout, and tell its truth.

    ``usage_rows``: rows of the usage part, where the layout has one (TELUS: none leaves it out).
    """
    specimen = Specimen(profile, path)
    _WRITERS[profile](specimen, cycle, usage_rows)
    return specimen


def _telus_zip(specimen: Specimen, cycle: Cycle, usage_rows: int) -> None:
    charged = charges(cycle)
    stated = statements(cycle, charged)
    detail = charged.with_columns(pl.col("number").fill_null("ACCOUNT"))
    with zipfile.ZipFile(specimen.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, told, shown in (
            ("individual_detail", charged, detail.drop("category")),
            ("group_summary", stated, stated),
        ):
            specimen.note(part, told)
            with archive.open(f"{part}_{cycle.month:%Y%m}.csv", "w") as target:
                _write(target, _titled(_spec(specimen, part), _text(shown, ".")), ",", header=True)
        if usage_rows:
            with archive.open(f"airtime_detail_{cycle.month:%Y%m}.csv", "w") as target:
                for number, chunk in enumerate(usage(cycle, usage_rows)):
                    specimen.note("airtime_detail", chunk)
                    _write(target, _airtime(chunk), ",", header=number == 0)


def _airtime(chunk: pl.DataFrame) -> pl.DataFrame:
    told = _text(_worded(chunk), ".")
    return told.select(
        pl.col("account").alias("BAN"),
        pl.col("number").alias("Phone Number"),
        pl.col("occurred_at").str.slice(0, 10).alias("Date"),
        pl.col("occurred_at").str.slice(11).alias("Time"),
        pl.col("kind").alias("Type"),
        pl.col("quantity").alias("Quantity"),
        pl.col("unit").alias("Unit"),
        pl.col("roaming").alias("Roaming"),
        pl.col("called").alias("Called Number"),
        pl.col("place").alias("Location"),
        pl.col("amount").alias("Amount"),
    )


def _rogers_usage(specimen: Specimen, cycle: Cycle, usage_rows: int) -> None:
    titles = {
        "account": "Account Number",
        "number": "Subscriber Number",
        "user": "User Name",
        "occurred_at": "Usage Date",
        "kind": "Usage Type",
        "quantity": "Quantity",
        "unit": "Unit",
        "roaming": "Roaming Zone",
        "called": "Called Number",
        "place": "Location",
        "amount": "Charge",
    }
    with specimen.path.open("wb") as target:
        target.write(_preamble("Monthly Usage Breakdown", cycle))
        for number, chunk in enumerate(usage(cycle, usage_rows)):
            specimen.note("usage", chunk)
            told = _text(_worded(chunk), ",").with_columns(pl.lit(None, dtype=TEXT).alias("user"))
            shown = told.select(pl.col(name).alias(title) for name, title in titles.items())
            _write(target, shown, ";", header=number == 0)
        total = f"{specimen.amounts['usage']:f}".replace(".", ",")
        target.write(f"Total;{specimen.counts['usage']}{';' * 9}{total}\n".encode())


def _rogers_charges(specimen: Specimen, cycle: Cycle, _usage_rows: int) -> None:
    charged = charges(cycle).with_columns(
        pl.lit(None, dtype=TEXT).alias("cost_centre_text"),
        pl.lit(None, dtype=CENTS).alias("other_tax_amount"),
    )
    specimen.note("charges", charged)
    spec = _spec(specimen, "charges")
    told = _titled(spec, _text(charged, ","))
    sums = [_comma(charged[n].sum()) for n in ("amount", "tps_amount", "tvq_amount")]
    last = ";".join(["Total", str(charged.height), *[""] * 7, *sums])
    with specimen.path.open("wb") as target:
        target.write(_preamble("Monthly Charges Breakdown", cycle))
        _write(target, told, ";", header=True, encoding="cp1252")
        target.write(f"{last}\n".encode())


def _rogers_current(specimen: Specimen, cycle: Cycle, _usage_rows: int) -> None:
    shown, total = _wide(specimen, "current_charges", cycle, ",")
    last = ";".join(["Total", str(shown.height), *[""] * 10, _comma(total)])
    shown = shown.rename({"Total": "Total Current Charges"})
    with specimen.path.open("wb") as target:
        target.write(_preamble("Current Charges - Subscriber Level", cycle))
        _write(target, shown, ";", header=True)
        target.write(f"{last}\n".encode())


def _telus_iq(specimen: Specimen, cycle: Cycle, _usage_rows: int) -> None:
    shown, total = _wide(specimen, "invoice_report", cycle, ".")
    last = ",".join(["Total", str(shown.height), *[""] * 14, f"{total:f}"])
    with specimen.path.open("wb") as target:
        target.write(_preamble("Invoice Report", cycle))
        _write(target, shown, ",", header=True)
        target.write(f"{last}\n".encode())


def _wide(specimen: Specimen, part: str, cycle: Cycle, mark: str) -> tuple[pl.DataFrame, Decimal]:
    """One row for each line, one column for each wide amount of the profile; and their sum.

    Categories that the layout has not are folded into its last column of other charges.
    """
    spec = _spec(specimen, part)
    known = {wide.category.value for wide in spec.wide}
    lined = charges(cycle).filter(pl.col("number").is_not_null())
    taxes = [("tax_tps", "tps_amount"), ("tax_tvq", "tvq_amount")]
    taxed = [
        lined.with_columns(pl.lit(k).alias("category"), pl.col(n).alias("amount")) for k, n in taxes
    ]
    other = "tax_other" if "tax_other" in known else "one_time_fee"
    named = pl.col("category")
    folded = pl.when(named.is_in(list(known))).then(named).when(named.str.starts_with("tax_"))
    kept = folded.then(pl.lit(other)).otherwise(pl.lit("one_time_fee"))
    long = pl.concat([lined, *taxed]).with_columns(kept.alias("category"))
    keys = ["account", "number", "subscriber"]
    summed = long.pivot("category", index=keys, values="amount", aggregate_function="sum")
    amounts = [(w.headers[0], w.category.value) for w in spec.wide]
    table = summed.select(
        *keys,
        *(
            (pl.col(c).fill_null(0) if c in summed.columns else pl.lit(0)).cast(CENTS).alias(h)
            for h, c in amounts
        ),
    ).with_columns(pl.sum_horizontal(h for h, _c in amounts).cast(CENTS).alias("Total"))
    specimen.note(part, _long_truth(spec, table, cycle))
    titles = [*spec.columns[0].source.headers[:1], *spec.columns[1].source.headers[:1]]  # type: ignore[union-attr]
    titles += spec.columns[2].source.headers[:1]  # type: ignore[union-attr]
    shown = _text(table, mark).rename(dict(zip(keys, titles, strict=True)))
    if any(column.field == "cost_centre_text" for column in spec.columns):
        shown = shown.insert_column(3, pl.lit(None, dtype=TEXT).alias("Cost Centre"))
    return shown, Decimal(table["Total"].sum())


def _long_truth(spec: PartSpec, table: pl.DataFrame, cycle: Cycle) -> pl.DataFrame:
    """The charges that a wide table is read as, row by row, in the order of its columns."""
    blank = {name: pl.lit(None, dtype=kind) for name, kind in COLUMNS[Entity.CHARGE].items()}
    rows = [
        table.with_row_index("row").select(
            "row",
            *(
                expression.alias(name)
                for name, expression in {
                    **blank,
                    **{name: pl.col(name) for name in ("account", "number", "subscriber")},
                    "label": pl.lit(wide.label),
                    "category": pl.lit(wide.category.value),
                    "period_start": pl.lit(cycle.month),
                    "period_end": pl.lit(cycle.end),
                    "amount": pl.col(wide.headers[0]),
                }.items()
            ),
        )
        for wide in spec.wide
    ]
    return (
        pl.concat(rows).filter(pl.col("amount") != 0).sort("row", maintain_order=True).drop("row")
    )


def _rogers_wireless(specimen: Specimen, cycle: Cycle, _usage_rows: int) -> None:
    charged = charges(cycle).with_columns(
        pl.lit(None, dtype=TEXT).alias("cost_centre_text"),
        pl.lit(None, dtype=CENTS).alias("other_tax_amount"),
        *(
            pl.lit(None, dtype=COLUMNS[Entity.CHARGE][n]).alias(n)
            for n in ("quantity", "unit_amount")
        ),
    )
    specimen.note("wireless", charged)
    days = [pl.col(name).dt.strftime("%m/%d/%Y") for name in ("period_start", "period_end")]
    shown = _titled(_spec(specimen, "wireless"), _text(charged.with_columns(days), "."))
    lines = [f"Custom Type : {cycle.month:%m/%d/%Y} - {cycle.end:%m/%d/%Y}", ""]
    lines += [f"{name},30,String" for name in shown.columns]
    with zipfile.ZipFile(specimen.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("Header-Wireless.txt", "\r\n".join(lines) + "\r\n")
        with archive.open("Wireless.csv", "w") as target:
            _write(target, shown, ",", header=False)


def _telus_inventory(specimen: Specimen, cycle: Cycle, _usage_rows: int) -> None:
    blank = ("sim", "commitment_start", "cancellation_fee_amount")
    kinds = COLUMNS[Entity.INVENTORY]
    told = inventory(cycle).with_columns(pl.lit(None, dtype=kinds[n]).alias(n) for n in blank)
    specimen.note("inventory", told)
    shown = _titled(_spec(specimen, "inventory"), _text(told, "."))
    with xlsxwriter.Workbook(str(specimen.path)) as book:
        sheet = book.add_worksheet("Inventory")
        for row, cells in enumerate([shown.columns, *shown.iter_rows()]):
            sheet.write_row(row, 0, cells)


def _rogers_inventory(specimen: Specimen, cycle: Cycle, _usage_rows: int) -> None:
    told = inventory(cycle)
    specimen.note("inventory", told)
    spec = _spec(specimen, "inventory")
    shown = _titled(spec, _text(told, ".")).with_columns(
        pl.lit(None, dtype=TEXT).alias(header) for header in spec.unread_columns
    )
    with specimen.path.open("wb") as target:
        _write(target, shown, ",", header=True)


def _spec(specimen: Specimen, part: str) -> PartSpec:
    return shipped_profile(specimen.profile).part(part)


def _titled(spec: PartSpec, told: pl.DataFrame) -> pl.DataFrame:
    """The columns of a part under their first headers, in the order of the profile."""
    sources = [
        (c.field, c.source.headers[0]) for c in spec.columns if c.source and c.source.headers
    ]
    return told.select(pl.col(name).alias(title) for name, title in sources)


def _worded(chunk: pl.DataFrame) -> pl.DataFrame:
    """Usage with the providers' words instead of codes."""
    return chunk.with_columns(
        pl.col("kind").replace(_KINDS),
        pl.col("roaming").replace(_ZONES),
        pl.col("unit").replace(_UNITS),
    )


def _text(frame: pl.DataFrame, mark: str) -> pl.DataFrame:
    """Every column as text, null as nothing, amounts with their decimal mark."""
    told = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if kind == pl.Datetime("us"):
            column = column.dt.strftime("%Y-%m-%d %H:%M:%S")
        column = column.cast(TEXT)
        if isinstance(kind, pl.Decimal) and mark != ".":
            column = column.str.replace(".", mark, literal=True)
        told.append(column)
    return frame.select(told)


def _comma(amount: object) -> str:
    return str(amount).replace(".", ",")


def _preamble(title: str, cycle: Cycle) -> bytes:
    return f"{title}\nBilling Period: {cycle.month} - {cycle.end}\n\n".encode()


def _write(
    target: IO[bytes], frame: pl.DataFrame, mark: str, *, header: bool, encoding: str = ""
) -> None:
    buffer = io.BytesIO()
    frame.write_csv(buffer, separator=mark, include_header=header, null_value="")
    data = buffer.getvalue()
    target.write(data.decode().encode(encoding) if encoding else data)


_WRITERS: dict[str, Callable[[Specimen, Cycle, int], None]] = {
    "telus_text_bill": _telus_zip,
    "telus_iq_invoice": _telus_iq,
    "telus_inventory": _telus_inventory,
    "rogers_charges_breakdown": _rogers_charges,
    "rogers_usage_breakdown": _rogers_usage,
    "rogers_current_charges": _rogers_current,
    "rogers_wireless_zip": _rogers_wireless,
    "rogers_eligibility": _rogers_inventory,
}
