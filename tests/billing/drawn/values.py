"""How drawn values are written: numbers, dates, phones, each as a profile's values say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

ACCOUNTS = ("123456789", "987654321")
FOREIGN = "555000111"
NUMBERS = ("5145550001", "5145550002", "4185550003")
MARK = "#"
"""Begins every line that is no row: no drawn text holds it."""
CATEGORIES = {
    "PLAN": "recurring_plan",
    "OPT-1": "feature",
    "RABAIS": "discount",
    "911": "tax_911",
    "GST": "tax_tps",
    "REPORT": "balance_forward",
    "NOTE": "memo",
    "INCONNU": "unclassified",
}
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d")
FIRST = date(2026, 1, 1)


@dataclass(frozen=True)
class Row:
    """One source row as it is meant; ``wide``: its amounts where each has a column of its own.

    ``seed`` draws its ways of writing, ``origin`` is its place in the clean file.
    """

    origin: int
    seed: int
    account: str
    number: str | None
    subscriber: str | None
    code: str
    label: str | None
    more: str | None
    amount: Decimal
    tps: Decimal | None
    tvq: Decimal | None
    quantity: Decimal | None
    days: tuple[int, int]
    wide: tuple[Decimal | None, ...]

    @property
    def start(self) -> date:
        return FIRST + timedelta(days=self.days[0])

    @property
    def end(self) -> date:
        return self.start + timedelta(days=self.days[1])


CENTS = st.integers(-9_999_999, 9_999_999).map(lambda cents: Decimal(cents).scaleb(-2))


def rows(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Row]]:
    """One to nine rows of two accounts."""
    one = st.builds(
        Row,
        origin=st.just(0),
        seed=st.integers(0, 10_000),
        account=st.sampled_from(ACCOUNTS),
        number=st.none() | st.sampled_from(NUMBERS),
        subscriber=st.none() | texts,
        code=st.sampled_from(list(CATEGORIES)),
        label=st.none() | texts,
        more=st.none() | texts,
        amount=CENTS,
        tps=st.none() | CENTS,
        tvq=st.none() | CENTS,
        quantity=st.none() | st.integers(0, 9_999_999).map(lambda n: Decimal(n).scaleb(-4)),
        days=st.tuples(st.integers(0, 20), st.integers(0, 9)),
        wide=st.tuples(*[st.none() | CENTS] * 3),
    )
    return st.lists(one, min_size=1, max_size=9).map(
        lambda made: [Row(**{**vars(row), "origin": n}) for n, row in enumerate(made)]
    )


@st.composite
def ways(draw: st.DrawFn, encodable: str) -> dict[str, Any]:
    """A profile's ``values``; ``encodable``: the group marks that the encoding has."""
    implied = draw(st.sampled_from([0, 0, 0, 2, 3]))
    decimal = draw(st.sampled_from([",", "."]))
    groups = draw(st.sampled_from(["", " ", *encodable])).replace(decimal, "")
    signs = ["leading_minus", "trailing_minus", "parentheses", "cr_dr"]
    return {
        "decimal": decimal,
        "groups": "" if implied else groups,
        "currency": "" if implied else draw(st.sampled_from(["", "", "$"])),
        "negatives": draw(st.lists(st.sampled_from(signs), min_size=1, unique=True)),
        "implied_decimals": implied,
        "dates": list(dict.fromkeys([draw(st.sampled_from(DATES)), "%Y-%m-%d"])),
    }


def written(value: Decimal | None, told: dict[str, Any], rng: Random) -> str:
    """A number in one of the ways of a profile's values; nothing for none."""
    if value is None:
        return ""
    body = _digits(abs(value), told, rng)
    money = told["currency"] if rng.random() < 0.5 else ""
    before, after = rng.choice([(money, ""), ("", f" {money}" if money else "")])
    bare = f"{before}{body}{after}"
    if value >= 0:
        return f"{bare} DR" if "cr_dr" in told["negatives"] and rng.random() < 0.5 else bare
    match rng.choice(told["negatives"]):
        case "leading_minus":
            return f"-{bare}"
        case "trailing_minus":
            return f"{bare}-"
        case "parentheses":
            return f"({bare})"
    return f"{bare} CR"


def _digits(value: Decimal, told: dict[str, Any], rng: Random) -> str:
    if told["implied_decimals"]:
        return f"{int(value.scaleb(told['implied_decimals']))}".zfill(rng.choice([1, 5]))
    whole, _dot, rest = f"{value:f}".partition(".")
    if told["groups"] and rng.random() < 0.7:
        whole = f"{int(whole):,}".replace(",", told["groups"])
    shown = rest.rstrip("0") if rng.random() < 0.3 else rest
    return f"{whole}{told['decimal']}{shown}" if shown else whole


def account_written(account: str, rng: Random) -> str:
    """As providers write it: dashes, spaces."""
    return rng.choice([account, f"{account[0]}-{account[1:5]}-{account[5:]}", f"{account} "])


def number_written(number: str, rng: Random) -> str:
    """A phone in one of its forms."""
    area, office, rest = number[:3], number[3:6], number[6:]
    forms = (
        number,
        f"({area}) {office}-{rest}",
        f"{area}-{office}-{rest}",
        f"+1 {area} {office} {rest}",
    )
    return rng.choice([*forms, f"1{number}"])


def day_written(day: date, patterns: Sequence[str]) -> str:
    """A date under the first pattern."""
    return day.strftime(patterns[0])
