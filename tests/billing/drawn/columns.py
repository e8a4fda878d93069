"""The columns of a drawn file: what each cell holds, the profile's words for it, what it means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.billing.drawn.values import (
    CATEGORIES,
    Row,
    account_written,
    day_written,
    number_written,
    written,
)

Write = Callable[[Row, Random], str]
Sources = list[dict[str, Any]]
Steps = Callable[[Sources], list[dict[str, Any]]]


def _nothing(_sources: Sources) -> list[dict[str, Any]]:
    return []


@dataclass
class Cell:
    """One column of the file: the headers that the profile accepts, and its text in a row."""

    headers: tuple[str, ...]
    write: Write


@dataclass
class Piece:
    """One canonical field: its cells (the first is its source), its transforms, its meaning."""

    field: str
    cells: list[Cell]
    means: Callable[[Row], object]
    steps: Steps = _nothing
    more: dict[str, Any] = field(default_factory=dict)


def account(draw: st.DrawFn) -> Piece:
    """Plain, behind a word, between stars, or as the second piece of a text."""
    headers = ("Numéro de compte", "Account Number", "BAN")
    plain: tuple[Write, Steps] = (lambda row, rng: account_written(row.account, rng), _nothing)
    ways: list[tuple[Write, Steps]] = [
        plain,
        (lambda row, _rng: f"BAN:{row.account}", lambda _s: [{"kind": "digits_only"}]),
        (
            lambda row, _rng: f"BAN {row.account} QC2",
            lambda _s: [{"kind": "regex_extract", "pattern": r"^BAN (\d+) "}],
        ),
        (
            lambda row, _rng: f"QC/{row.account}",
            lambda _s: [{"kind": "split", "separator": "/", "piece": 2}],
        ),
        (
            lambda row, _rng: f"**{row.account}*",
            lambda _s: [{"kind": "trim", "characters": "*"}],
        ),
    ]
    write, steps = draw(st.sampled_from(ways))
    return Piece("account", [Cell(headers, write)], lambda row: row.account, steps)


def number(draw: st.DrawFn, marks: Sequence[str]) -> Piece:
    """A phone; a row of the account's own has a mark instead, or nothing."""

    def write(row: Row, rng: Random) -> str:
        if row.number is None:
            return rng.choice([*marks, ""])
        return number_written(row.number, rng)

    headers = ("Téléphone", "Phone Number")
    return Piece("number", [Cell(headers, write)], lambda row: row.number)


def subscriber(draw: st.DrawFn) -> Piece:
    """A name: kept, masked or dropped."""
    privacy = draw(st.sampled_from(["keep", "mask", "drop"]))

    def means(row: Row) -> str | None:
        if row.subscriber is None or privacy == "drop":
            return None
        return "•••" + row.subscriber[-4:] if privacy == "mask" else row.subscriber

    cell = Cell(("Abonné", "Subscriber"), lambda row, _rng: row.subscriber or "")
    return Piece("subscriber", [cell], means, more={"privacy": privacy, "required": False})


def label(draw: st.DrawFn) -> Piece:
    """One text, or two joined; blank, a text of its own."""
    joined, filled = draw(st.booleans()), draw(st.booleans())

    def means(row: Row) -> str | None:
        told = [row.label, row.more] if joined else [row.label]
        text = " - ".join(text for text in told if text)
        return text or ("Sans libellé" if filled else None)

    def steps(sources: Sources) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        if joined:
            made.append({"kind": "concat", "sources": [sources[1]], "separator": " - "})
        if filled:
            made.append({"kind": "default", "text": "Sans libellé"})
        return made

    cells = [Cell(("Libellé", "Description"), lambda row, _rng: row.label or "")]
    if joined:
        cells.append(Cell(("Précision", "Detail"), lambda row, _rng: row.more or ""))
    return Piece("label", cells, means, steps, {"required": False})


def code(draw: st.DrawFn) -> Piece:
    """What the rules of meaning look at; the same on every row now and then."""
    if draw(st.integers(0, 5)) == 5:
        made = [{"kind": "constant", "text": "PLAN"}]
        return Piece("code", [], lambda _row: "PLAN", lambda _s: made)
    return Piece("code", [Cell(("Code", "Charge Code"), lambda row, _rng: row.code)], _code)


def _code(row: Row) -> str:
    return row.code


def category(draw: st.DrawFn) -> Piece:
    """Words of the file for the categories."""
    words = {f"Genre {code}": name for code, name in CATEGORIES.items() if code != "INCONNU"}
    steps = [{"kind": "map", "words": words, "other": "unclassified"}]

    def write(row: Row, rng: Random) -> str:
        return rng.choice([f"genre {row.code}", f"GENRE {row.code}"])

    cell = Cell(("Catégorie", "Category"), write)
    return Piece("category", [cell], lambda row: CATEGORIES[row.code], lambda _s: steps)


def amount(draw: st.DrawFn, told: dict[str, Any]) -> Piece:
    """As it is, signed by another cell, or in another unit."""
    headers = ("Montant", "Amount")
    way = draw(st.sampled_from(["plain", "plain", "plain", "signed", "cents", "turned"]))
    factor, turns = {"cents": ("0.01", 100), "turned": ("-1", -1)}.get(way, ("", 1))

    def write(row: Row, rng: Random) -> str:
        shown = abs(row.amount) if way == "signed" else row.amount * turns
        return written(shown.quantize(Decimal("0.01")), told, rng)

    cells = [Cell(headers, write)]
    if way == "signed":
        cells.append(Cell(("Sens", "Sign"), lambda row, _r: "C" if row.amount < 0 else "D"))

    def steps(sources: Sources) -> list[dict[str, Any]]:
        if way == "signed":
            return [{"kind": "sign_if", "pattern": "^C$", "source": sources[1]}]
        return [{"kind": "multiply", "factor": factor}] if factor else []

    return Piece("amount", cells, lambda row: row.amount, steps)


def tax(name: str, headers: tuple[str, ...], told: dict[str, Any]) -> Piece:
    """A tax that stands beside each charge."""

    def means(row: Row) -> Decimal | None:
        return row.tps if name == "tps_amount" else row.tvq

    cell = Cell(headers, lambda row, rng: written(means(row), told, rng))
    return Piece(name, [cell], means, more={"required": False})


def quantity(draw: st.DrawFn) -> Piece:
    """Four decimals, written in the column's own way."""
    told = {"decimal": draw(st.sampled_from([",", "."])), "negatives": ["leading_minus"]}
    way = {**told, "groups": "", "currency": "", "implied_decimals": 0}
    cell = Cell(("Quantité", "Quantity"), lambda row, rng: written(row.quantity, way, rng))
    return Piece("quantity", [cell], lambda row: row.quantity, more={"values": told})


def period(draw: st.DrawFn, told: dict[str, Any]) -> list[Piece]:
    """The days of a charge; the last one as it is, or the day after."""
    after = draw(st.booleans())
    steps = [{"kind": "date_add", "days": -1}] if after else []
    first = Cell(("Début", "From"), lambda row, _rng: day_written(row.start, told["dates"]))
    moved = timedelta(days=int(after))
    last = Cell(("Fin", "To"), lambda row, _rng: day_written(row.end + moved, told["dates"]))
    return [
        Piece("period_start", [first], lambda row: row.start),
        Piece("period_end", [last], lambda row: row.end, lambda _s: steps),
    ]


def wide_cells(told: dict[str, Any]) -> list[Cell]:
    """Amount columns of a wide file, in the order of a row's ``wide``."""

    def write(place: int) -> Write:
        return lambda row, rng: written(row.wide[place], told, rng)

    names = (("Forfait", "Plan"), ("Rabais", "Discount"), ("Taxe TPS", "GST"))
    return [Cell(headers, write(place)) for place, headers in enumerate(names)]


WIDE = (
    {"category": "recurring_plan", "label": "Forfait du mois", "code": "F"},
    {"category": "discount", "label": "Rabais du mois"},
    {"category": "tax_tps", "label": "TPS du mois", "required": True},
)
"""What the profile says of these columns beside their headers."""
