"""What is wrong with a profile, a file or a row: its place, and a French sentence."""

from dataclasses import dataclass
from decimal import Decimal

SHOWN = 200
"""Characters of a cell shown in a reject."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a stable code, its place (JSON path, part, account or line), a French sentence.

    One that does not block is only told.
    """

    code: str
    place: str
    message: str
    is_blocking: bool = True


@dataclass(frozen=True, slots=True)
class Reject:
    """One cell that keeps its row out: source line, column as the file names it, reason, text.

    ``text`` has at most 200 characters, and only bullets where the column is private.
    """

    line: int
    column: str
    reason: str
    text: str


class FormatRefused(Exception):
    """The file cannot be read under its profile; ``fault`` says where and how to mend it.

    ``facts``: what the part at fault had told before.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.facts: dict[str, str] = {}


def refuse(code: str, place: str, message: str) -> FormatRefused:
    """The exception to raise for one fault."""
    return FormatRefused(Fault(code, place, message))


def figure(value: Decimal) -> str:
    """A number as French writes it, all its decimals kept: « 1 234,56 »."""
    return f"{value:,f}".replace(",", "\u00a0").replace(".", ",")
