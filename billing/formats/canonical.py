"""The canonical columns into which every provider's file is read, with their codes and types."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import polars as pl

Types = Mapping[str, pl.DataType]


class Entity(StrEnum):
    """What one part of a provider's file holds, one row each (billing.md §2)."""

    STATEMENT = "statement"
    CHARGE = "charge"
    USAGE = "usage"
    INVENTORY = "inventory"


class Category(StrEnum):
    """What a charge is (billing.md §2, meaning)."""

    RECURRING_PLAN = "recurring_plan"
    FEATURE = "feature"
    PARTIAL = "partial"
    USAGE_VOICE = "usage_voice"
    USAGE_TEXT = "usage_text"
    USAGE_DATA = "usage_data"
    USAGE_LONG_DISTANCE = "usage_long_distance"
    ROAMING_VOICE = "roaming_voice"
    ROAMING_TEXT = "roaming_text"
    ROAMING_DATA = "roaming_data"
    THIRD_PARTY = "third_party"
    DEVICE_INSTALMENT = "device_instalment"
    ONE_TIME_FEE = "one_time_fee"
    DISCOUNT = "discount"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"
    LATE_FEE = "late_fee"
    TAX_TPS = "tax_tps"
    TAX_TVQ = "tax_tvq"
    TAX_911 = "tax_911"
    TAX_OTHER = "tax_other"
    BALANCE_FORWARD = "balance_forward"
    PAYMENT = "payment"
    MEMO = "memo"
    UNCLASSIFIED = "unclassified"


class UseKind(StrEnum):
    """What was used."""

    VOICE = "voice"
    SMS = "sms"
    MMS = "mms"
    DATA = "data"
    OTHER = "other"


class Roaming(StrEnum):
    """Where it was used."""

    NONE = "none"
    CANADA = "canada"
    USA = "usa"
    INTERNATIONAL = "international"


class Status(StrEnum):
    """What an inventory says of a line."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


class BaseUnit(StrEnum):
    """What a usage quantity counts once it is normalised."""

    SECOND = "second"
    MESSAGE = "message"
    BYTE = "byte"


TEXT = pl.String()
DAY = pl.Date()
INSTANT = pl.Datetime("us")
INTEGER = pl.Int64()
CENTS = pl.Decimal(14, 2)
FINE = pl.Decimal(14, 4)
RATED = pl.Decimal(12, 4)

_STATEMENT: Types = {
    "account": TEXT,
    "invoice_number": TEXT,
    "period_start": DAY,
    "period_end": DAY,
    "issued_on": DAY,
    "due_on": DAY,
    "previous_balance_amount": CENTS,
    "payments_amount": CENTS,
    "adjustments_amount": CENTS,
    "new_charges_amount": CENTS,
    "tps_amount": CENTS,
    "tvq_amount": CENTS,
    "other_taxes_amount": CENTS,
    "total_due_amount": CENTS,
    "line_count": INTEGER,
    "charge_count": INTEGER,
}
_CHARGE: Types = {
    "account": TEXT,
    "number": TEXT,
    "subscriber": TEXT,
    "code": TEXT,
    "label": TEXT,
    "category": TEXT,
    "period_start": DAY,
    "period_end": DAY,
    "quantity": FINE,
    "unit_amount": FINE,
    "amount": CENTS,
    "tps_amount": CENTS,
    "tvq_amount": CENTS,
    "other_tax_amount": CENTS,
    "cost_centre_text": TEXT,
}
_USAGE: Types = {
    "account": TEXT,
    "number": TEXT,
    "occurred_at": INSTANT,
    "kind": TEXT,
    "roaming": TEXT,
    "quantity": INTEGER,
    "unit": TEXT,
    "amount": RATED,
    "called_hash": INTEGER,
    "place": TEXT,
}
_INVENTORY: Types = {
    "account": TEXT,
    "number": TEXT,
    "status": TEXT,
    "subscriber": TEXT,
    "plan": TEXT,
    "device": TEXT,
    "imei": TEXT,
    "sim": TEXT,
    "commitment_start": DAY,
    "commitment_end": DAY,
    "cost_centre_text": TEXT,
    "cancellation_fee_amount": CENTS,
}
COLUMNS: Mapping[Entity, Types] = MappingProxyType(
    {
        Entity.STATEMENT: _STATEMENT,
        Entity.CHARGE: _CHARGE,
        Entity.USAGE: _USAGE,
        Entity.INVENTORY: _INVENTORY,
    }
)
"""Canonical columns of each entity with their polars types; amounts are exact decimals."""

FILLED: Mapping[Entity, frozenset[str]] = MappingProxyType(
    {
        Entity.STATEMENT: frozenset({"account"}),
        Entity.CHARGE: frozenset({"account", "amount"}),
        Entity.USAGE: frozenset({"account", "number", "occurred_at", "kind", "quantity"}),
        Entity.INVENTORY: frozenset({"account", "number"}),
    }
)
"""Columns that no row may leave blank."""

FALLBACKS: Mapping[str, str] = MappingProxyType({"roaming": Roaming.NONE})
"""What a column that a file does not have is worth, where it is not null."""

CODES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "category": frozenset(Category),
        "kind": frozenset(UseKind),
        "roaming": frozenset(Roaming),
    }
)
"""Columns that take a code of a closed list."""

LENGTHS: Mapping[str, int] = MappingProxyType(
    {"code": 60, "label": 300, "cost_centre_text": 100, "place": 100, "imei": 20, "sim": 30}
)
LENGTH = 200
"""Longest texts in characters, by column and otherwise; a longer one is a reject."""

ORIGIN: Types = MappingProxyType({"line": INTEGER, "raw": TEXT})
"""Beside the canonical columns: the source line (the first is 1), kept unknown columns as JSON."""


def is_amount(kind: pl.DataType) -> bool:
    """Whether a column of this type holds exact decimals."""
    return isinstance(kind, pl.Decimal)
