"""The columns of drawn files of use and of inventory; those of charges are in ``columns``."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.billing.drawn import columns
from tests.billing.drawn.columns import Cell, Piece
from tests.billing.drawn.values import NUMBERS, Row, number_written, written
from tests.billing.formats.reads import KEY

Means = Callable[[Row], object]

MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%Y%m%d%H%M%S")
USE = {"Voix": "voice", "Texto": "sms", "Image": "mms", "Données": "data", "Autre": "other"}
PLACES = {"Chez soi": "none", "Canada": "canada", "É.-U.": "usa", "Ailleurs": "international"}
STATES = ("Actif", "Suspendu", "Résilié")
CLOCKS = ("h:mm:ss", "mm:ss")
BYTES = {"byte": 0, "kilobyte": 1, "megabyte": 2, "gigabyte": 3}
SECONDS = {"second": 1, "minute": 60}
WORDS = {"sec": "second", "min": "minute", "msg": "message", "o": "byte", "Ko": "kilobyte"}
WORDS |= {"Mo": "megabyte", "Go": "gigabyte", "hms": "h:mm:ss", "ms": "mm:ss"}
OF_KINDS = {"voice": "minute", "sms": "message", "mms": "message", "data": "megabyte"}
OF_KINDS |= {"other": "mm:ss"}


def use(draw: st.DrawFn, values: dict[str, Any]) -> tuple[list[Piece], dict[str, Means]]:
    """The fields of a record of use, and what the portal adds to those that the file says."""
    kind = _worded("kind", ("Genre", "Kind"), USE)
    made, implied = _quantity(draw, kind)
    made += [columns.account(draw), _line(), _moment(draw), kind, columns.amount(draw, values)]
    if draw(st.booleans()):
        made.append(_worded("roaming", ("Itinérance", "Roaming"), PLACES))
    else:
        implied["roaming"] = lambda _row: "none"
    optional = [_called(), _text("place", ("Lieu", "Place"), lambda row: row.label)]
    return [*made, *(piece for piece in optional if draw(st.booleans()))], implied


def inventory(draw: st.DrawFn, values: dict[str, Any]) -> tuple[list[Piece], dict[str, Means]]:
    """The fields of a line of an inventory; its amount is the cancellation fee."""
    fee = replace(columns.amount(draw, values), field="cancellation_fee_amount")
    optional = [
        columns.subscriber(draw),
        _text("status", ("État", "Status"), lambda row: STATES[row.seed % len(STATES)]),
        _text("plan", ("Plan",), lambda row: row.label),
        _text("device", ("Appareil", "Device"), lambda row: row.more),
        _text("imei", ("IIEM", "IMEI"), lambda row: f"{row.seed:015}"),
        _text("sim", ("Carte SIM", "ICCID"), lambda row: f"8930{row.seed:016}"),
        _text("cost_centre_text", ("Centre de coûts",), lambda row: row.code),
    ]
    made = [columns.account(draw), _line(), fee]
    made += [piece for piece in optional if draw(st.booleans())]
    if draw(st.booleans()):
        made += [
            replace(piece, field=piece.field.replace("period", "commitment"))
            for piece in columns.period(draw, values)
        ]
    return made, {}


def _line() -> Piece:
    """A phone on every row."""

    def number(row: Row) -> str:
        return row.number or NUMBERS[row.seed % len(NUMBERS)]

    cell = Cell(("Téléphone", "Phone Number"), lambda row, rng: number_written(number(row), rng))
    return Piece("number", [cell], number)


def _text(name: str, headers: tuple[str, ...], means: Callable[[Row], str | None]) -> Piece:
    cell = Cell(headers, lambda row, _rng: means(row) or "")
    return Piece(name, [cell], means, more={"required": False})


def _worded(name: str, headers: tuple[str, ...], words: dict[str, str]) -> Piece:
    """A code, in the file's own words."""
    told = list(words)
    cell = Cell(headers, lambda row, rng: rng.choice([_one(told, row), _one(told, row).upper()]))
    steps = [{"kind": "map", "words": words}]
    return Piece(name, [cell], lambda row: words[_one(told, row)], lambda _sources: steps)


def _one(words: list[str], row: Row) -> str:
    return words[row.seed % len(words)]


def _moment(draw: st.DrawFn) -> Piece:
    """A date and a time, to the second where the pattern has it."""
    pattern = draw(st.sampled_from(MOMENTS))
    step = 1 if "%S" in pattern else 60

    def means(row: Row) -> datetime:
        seconds = row.seed * 7 % 86_400 // step * step
        return datetime.combine(row.start, time()) + timedelta(seconds=seconds)

    cell = Cell(("Date et heure", "Date"), lambda row, _rng: means(row).strftime(pattern))
    return Piece("occurred_at", [cell], means, more={"values": {"datetimes": [pattern]}})


def _called() -> Piece:
    """Whom it was with: only a keyed hash of it leaves."""

    def told(row: Row) -> str:
        return f"{row.seed % 7:010}" if row.seed % 3 else ""

    def means(row: Row) -> int | None:
        digest = blake2b(told(row).encode(), digest_size=8, key=KEY).digest()
        return int.from_bytes(digest, "little", signed=True) if told(row) else None

    cell = Cell(("Interlocuteur", "Called"), lambda row, _rng: told(row))
    return Piece("called_hash", [cell], means, more={"required": False})


def _quantity(draw: st.DrawFn, kind: Piece) -> tuple[list[Piece], dict[str, Means]]:
    """A quantity in one unit, in that of its kind, or in that which a column of its own tells."""
    by = draw(st.sampled_from([None, "kind", "unit"]))
    base, decimal = draw(st.sampled_from([1000, 1024])), draw(st.sampled_from([",", "."]))
    alone = draw(st.sampled_from(list(WORDS.values())))
    words = list(WORDS)

    def unit(row: Row) -> str:
        if by == "kind":
            return OF_KINDS[str(kind.means(row))]
        return WORDS[_one(words, row)] if by else alone

    spec = {None: {"unit": alone}, "kind": {"words": OF_KINDS}, "unit": {"words": WORDS}}[by]
    told = {"by": by, "base": base, **spec}
    way = {"decimal": decimal, "negatives": ["leading_minus"], "groups": "", "currency": ""}
    cell = Cell(
        ("Volume", "Usage"),
        lambda row, rng: _shown(unit(row), row, {**way, "implied_decimals": 0}, rng),
    )
    more = {"values": {**way, "quantities": told}}
    made = [Piece("quantity", [cell], lambda row: _meant(unit(row), row, base), more=more)]
    if by != "unit":
        return made, {"unit": lambda row: _counted(unit(row))}
    beside = Cell(("Unité", "Unit"), lambda row, _rng: _one(words, row))
    return [*made, Piece("unit", [beside], lambda row: _counted(unit(row)))], {}


def _eighths(row: Row) -> Decimal:
    """A number whose thousandths make whole bytes of every unit but the byte."""
    return Decimal(row.seed) / 8


def _shown(unit: str, row: Row, way: dict[str, Any], rng: Random) -> str:
    minutes, seconds = divmod(row.seed, 60)
    if unit == "mm:ss":
        return f"{minutes}:{seconds:02}"
    if unit == "h:mm:ss":
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    exact = _eighths(row) if BYTES.get(unit) else Decimal(row.seed)
    return written(exact, way, rng)


def _meant(unit: str, row: Row, base: int) -> int:
    if power := BYTES.get(unit):
        return int(_eighths(row) * base**power)
    return row.seed * SECONDS.get(unit, 1)


def _counted(unit: str) -> str:
    """What the quantity counts once it is read."""
    if unit in BYTES:
        return "byte"
    return "message" if unit == "message" else "second"
