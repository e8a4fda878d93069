"""Charts drawn by the server: shares of a drawing, in hundredths, that a template writes as SVG.

Every chart stands beside the table of its figures: the drawing adds nothing that the table lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HEADROOM, FOOT = 14, 12
"""Hundredths of the drawing kept above the columns for their values, and below for their names."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its value in words, and where it stands, as SVG percentages."""

    label: str
    value: str
    x: str
    y: str
    width: str
    height: str
    middle: str
    value_y: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a table's row: its length in hundredths of the longest."""

    length: str


def columns(rows: Sequence[tuple[str, Decimal, str]]) -> list[Column]:
    """Columns from (name, value, value in words); the highest fills the drawing."""
    if not rows:
        return []
    highest = max(value for _label, value, _words in rows) or Decimal(1)
    step = Decimal(100) / len(rows)
    room = Decimal(100 - HEADROOM - FOOT)
    found = []
    for index, (label, value, words) in enumerate(rows):
        height = room * value / highest
        top = 100 - FOOT - height
        found.append(
            Column(
                label=label,
                value=words,
                x=_percent(step * index + step * Decimal("0.15")),
                y=_percent(top),
                width=_percent(step * Decimal("0.7")),
                height=_percent(height),
                middle=_percent(step * index + step / 2),
                value_y=_percent(top - 3),
            )
        )
    return found


def bars(values: Sequence[Decimal | int]) -> list[Bar]:
    """One bar a value; the longest fills its cell."""
    highest = max((Decimal(value) for value in values), default=Decimal(0)) or Decimal(1)
    return [Bar(_percent(100 * Decimal(value) / highest)) for value in values]


def _percent(value: Decimal) -> str:
    """« 12.50% »: SVG writes a point, whatever the page's language."""
    return f"{value:.2f}%"
