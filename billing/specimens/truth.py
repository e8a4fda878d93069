"""What a month of some accounts is, as canonical rows: a seed always gives the same month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

from billing.formats.canonical import CENTS, COLUMNS, FINE, INTEGER, RATED, TEXT, Category, Entity

CHUNK = 200_000
"""Usage rows made at once."""

_TEMPLATES = (
    ("PLAN", "Forfait 20 Go Canada", Category.RECURRING_PLAN, 4500, 100),
    ("FEAT", "Option messagerie vocale", Category.FEATURE, 500, 60),
    ("DEVICE", "Versement d'appareil, 6 de 24", Category.DEVICE_INSTALMENT, 2083, 40),
    ("DATA", "Utilisation données additionnelles", Category.USAGE_DATA, 1000, 15),
    ("LD", "Interurbains Canada", Category.USAGE_LONG_DISTANCE, 120, 20),
    ("RDATA", "Itinérance données États-Unis", Category.ROAMING_DATA, 1200, 8),
    ("PART", "Frais partiels", Category.PARTIAL, 1500, 5),
    ("DISC", "Rabais de volume", Category.DISCOUNT, -700, 50),
    ("CRED", "Crédit de courtoisie", Category.CREDIT, -250, 4),
    ("911", "Taxe municipale 9-1-1", Category.TAX_911, 52, 100),
)
_NAMES = ("Éric Tremblay", "Zoé Bélanger", "Noëlla Côté", "François Gagné", "Anaïs Lévesque")
_PLACES = ("Québec", "Montréal", "Saguenay", "Trois-Rivières", "Gatineau")
_DEVICES = ("iPhone 15", "Galaxy S24", "Pixel 8")
_MODULUS = 2_147_483_648


@dataclass(frozen=True, slots=True)
class Cycle:
    """One month of some accounts: their numbers by account, the first day, the seed.

    ``balances``: what each account owed before, paid since; drawn, and paid in part, where it is
    not told.
    """

    accounts: Mapping[str, Sequence[str]]
    month: date
    seed: int = 1
    balances: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def end(self) -> date:
        """The last day of the month."""
        return (self.month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)

    def lines(self) -> pl.DataFrame:
        """``account``, ``number``, ``subscriber`` and ``rank``, one row for each line."""
        pairs = [(account, number) for account, told in self.accounts.items() for number in told]
        frame = pl.DataFrame(pairs, schema={"account": TEXT, "number": TEXT}, orient="row")
        return frame.with_row_index("rank").with_columns(
            pl.col("rank").cast(INTEGER), _one_of(_NAMES, pl.col("rank")).alias("subscriber")
        )


def charges(cycle: Cycle) -> pl.DataFrame:
    """Canonical charges: those of each line, then an account-level fee for one account in three."""
    schema = {"code": TEXT, "label": TEXT, "category": TEXT, "base": INTEGER, "odds": INTEGER}
    templates = pl.DataFrame(_TEMPLATES, schema=schema, orient="row").with_row_index("kind")
    drawn = cycle.lines().join(templates, how="cross")
    key = pl.col("rank") * 31 + pl.col("kind").cast(INTEGER)
    drawn = drawn.filter(noise(key, cycle.seed) % 100 < pl.col("odds"))
    cents = pl.col("base") + noise(key, cycle.seed + 1) % 7 * 100 * pl.col("base").sign()
    made = drawn.with_columns(
        pl.when(pl.col("code") == "911").then(pl.col("base")).otherwise(cents).alias("cents")
    )
    return _canonical(pl.concat([made, _late_fees(cycle, made)], how="diagonal"), cycle)


def statements(cycle: Cycle, charged: pl.DataFrame) -> pl.DataFrame:
    """Canonical statements whose balance holds to the cent with the charges given."""
    amounts = ("amount", "tps_amount", "tvq_amount", "other_tax_amount")
    summed = charged.group_by("account", maintain_order=True).agg(
        *(pl.col(name).sum().cast(CENTS) for name in amounts),
        pl.col("number").n_unique().cast(INTEGER) - pl.col("number").is_null().any().cast(INTEGER),
        pl.len().cast(INTEGER).alias("charge_count"),
    )
    rank = pl.int_range(pl.len(), dtype=INTEGER)
    drawn = noise(rank, cycle.seed + 5) % 500_000
    part = noise(rank, cycle.seed + 10) % (drawn + 1)
    owed = pl.col("account").replace_strict(
        {account: str(due) for account, due in cycle.balances.items()} or {"": "0"},
        default=None,
        return_dtype=TEXT,
    )
    owed = owed.cast(CENTS)
    previous = pl.coalesce(owed, money(drawn))
    payments = pl.coalesce(-owed, money(-part)).cast(CENTS)
    adjusted = noise(rank, cycle.seed + 11) % 2_001 - 1_000
    adjustments = pl.when(owed.is_null()).then(money(adjusted)).otherwise(0).cast(CENTS)
    told = summed.with_columns(
        pl.format("F{}", noise(rank, cycle.seed + 6)).alias("invoice_number"),
        pl.lit(cycle.month).alias("period_start"),
        pl.lit(cycle.end).alias("period_end"),
        pl.lit(cycle.end + timedelta(days=2)).alias("issued_on"),
        pl.lit(cycle.end + timedelta(days=32)).alias("due_on"),
        previous.alias("previous_balance_amount"),
        payments.alias("payments_amount"),
        adjustments.alias("adjustments_amount"),
        pl.col("amount").alias("new_charges_amount"),
        pl.col("other_tax_amount").alias("other_taxes_amount"),
        pl.col("number").alias("line_count"),
        pl.sum_horizontal(*amounts, previous, payments, adjustments)
        .cast(CENTS)
        .alias("total_due_amount"),
    )
    return told.select(list(COLUMNS[Entity.STATEMENT]))


def usage(cycle: Cycle, rows: int) -> Iterator[pl.DataFrame]:
    """Chunks of canonical usage, with ``called`` (the text) instead of its hash, by line."""
    lines = cycle.lines()
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        ranks = pl.int_range(start, start + count, dtype=INTEGER, eager=True).alias("row")
        frame = pl.DataFrame({"row": ranks}).with_columns(
            (pl.col("row") * lines.height // rows).alias("rank"),
            noise(pl.col("row"), cycle.seed).alias("draw"),
            noise(pl.col("row"), cycle.seed + 9).alias("other"),
        )
        yield _used(frame.join(lines, on="rank", how="left", maintain_order="left"), cycle)


def inventory(cycle: Cycle) -> pl.DataFrame:
    """Canonical inventory of the lines."""
    rank = pl.col("rank")
    since = pl.lit(cycle.month) - pl.duration(days=noise(rank, cycle.seed + 3) % 700)
    told = cycle.lines().with_columns(
        pl.lit("Active").alias("status"),
        pl.lit("Forfait 20 Go Canada").alias("plan"),
        _one_of(_DEVICES, rank).alias("device"),
        pl.format("35{}", (noise(rank, cycle.seed) + 10**12).cast(TEXT)).alias("imei"),
        pl.format("8930272{}", (noise(rank, cycle.seed + 4) + 10**11).cast(TEXT)).alias("sim"),
        since.alias("commitment_start"),
        since.dt.offset_by("24mo").alias("commitment_end"),
        pl.lit(None, dtype=TEXT).alias("cost_centre_text"),
        money(noise(rank, cycle.seed + 8) % 30_000).alias("cancellation_fee_amount"),
    )
    return told.select(list(COLUMNS[Entity.INVENTORY]))


def noise(key: pl.Expr, seed: int) -> pl.Expr:
    """A number from 0 to 2³¹ - 1 for each key; the same wherever and whenever it is asked."""
    mixed = (key + seed * 7919) * 1_103_515_245 % _MODULUS + 12_345
    return (mixed * 69_069 + 1) % _MODULUS // 8 * 16_807 % _MODULUS


def money(cents: pl.Expr) -> pl.Expr:
    """Whole cents as an exact amount."""
    return (cents.cast(pl.Decimal(38, 2)) / pl.lit(100).cast(pl.Decimal(38, 2))).cast(CENTS)


def _one_of(words: Sequence[str], key: pl.Expr) -> pl.Expr:
    numbers = dict(enumerate(words))
    return (key % len(words)).replace_strict(numbers, return_dtype=TEXT)


def _late_fees(cycle: Cycle, made: pl.DataFrame) -> pl.DataFrame:
    late = pl.DataFrame({"account": list(cycle.accounts)[::3]}, schema={"account": TEXT})
    return late.with_columns(
        pl.lit("LATE").alias("code"),
        pl.lit("Frais de retard").alias("label"),
        pl.lit(Category.LATE_FEE.value).alias("category"),
        pl.lit(1234, dtype=made.schema["cents"]).alias("cents"),
    )


def _canonical(made: pl.DataFrame, cycle: Cycle) -> pl.DataFrame:
    amount = money(pl.col("cents"))
    taxed = pl.when(pl.col("code") == "911").then(0).otherwise(pl.col("cents"))
    told = made.with_columns(
        amount.alias("amount"),
        money((taxed * 5 + 50).floordiv(100)).alias("tps_amount"),
        money((taxed * 9975 + 50_000).floordiv(100_000)).alias("tvq_amount"),
        pl.lit(0).cast(CENTS).alias("other_tax_amount"),
        pl.lit(cycle.month).alias("period_start"),
        pl.lit(cycle.end).alias("period_end"),
        pl.lit(1).cast(FINE).alias("quantity"),
        amount.cast(FINE).alias("unit_amount"),
        pl.lit(None, dtype=TEXT).alias("cost_centre_text"),
    )
    return told.select(list(COLUMNS[Entity.CHARGE]))


def _used(frame: pl.DataFrame, cycle: Cycle) -> pl.DataFrame:
    draw, other = pl.col("draw"), pl.col("other")
    share = draw % 100
    kind = pl.when(share < 55).then(pl.lit("data")).when(share < 80).then(pl.lit("voice"))
    texted = pl.when(share < 98).then(pl.lit("sms")).otherwise(pl.lit("mms"))
    frame = frame.with_columns(kind.otherwise(texted).alias("kind"))
    is_data, is_voice = pl.col("kind") == "data", pl.col("kind") == "voice"
    size = pl.when(is_data).then((other % 500_000 + 1) * 1024)
    unit = pl.when(is_data).then(pl.lit("byte")).when(is_voice).then(pl.lit("second"))
    seconds = (other * 7 + draw) % ((cycle.end - cycle.month).days * 86_400)
    charged = pl.when(other % 25 == 0).then(draw % 90 * 500).otherwise(0)
    roamed = pl.when(draw % 97 == 0).then(pl.lit("usa")).when(draw % 91 == 0).then(pl.lit("canada"))
    pool = pl.col("rank") * 37 % 900_000 + other % 20
    return frame.select(
        "account",
        "number",
        (pl.lit(datetime.combine(cycle.month, time())) + pl.duration(seconds=seconds))
        .cast(pl.Datetime("us"))
        .alias("occurred_at"),
        "kind",
        roamed.otherwise(pl.lit("none")).alias("roaming"),
        size.when(is_voice).then(other % 3_600 + 1).otherwise(1).alias("quantity"),
        unit.otherwise(pl.lit("message")).alias("unit"),
        (charged.cast(pl.Decimal(38, 4)) / pl.lit(10_000).cast(pl.Decimal(38, 4)))
        .cast(RATED)
        .alias("amount"),
        pl.when(~is_data).then(pl.format("418{}", pool + 2_000_000)).alias("called"),
        _one_of(_PLACES, other).alias("place"),
    )
