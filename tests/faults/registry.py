"""A fault, its bar, and the line that it prints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.stand import Stand

FAULTS: dict[str, "Fault"] = {}


@dataclass(frozen=True)
class Fault:
    """``run`` returns what was measured; it raises when the outcome is another."""

    code: str
    promise: str
    unit: str
    at_most: float
    run: Callable[["Stand"], float]

    def line(self, stand: "Stand") -> tuple[bool, str]:
        """Make it happen; whether the bar is met, and the line."""
        bar = f"(bar ≤ {self.at_most:g} {self.unit}: {self.promise})"
        try:
            value = self.run(stand)
        except Exception as outcome:
            return False, f"{self.code} - {self.unit} {bar} short: {outcome!r}"
        ok = value <= self.at_most
        return ok, f"{self.code} {value:.2f} {self.unit} {bar} {'ok' if ok else 'short'}"


def fault(
    code: str, promise: str, *, unit: str, at_most: float
) -> Callable[[Callable[["Stand"], float]], Callable[["Stand"], float]]:
    """Declare a fault of reliability.md, run in the order of declaration."""

    def declare(run: Callable[["Stand"], float]) -> Callable[["Stand"], float]:
        FAULTS[code] = Fault(code, promise, unit, at_most, run)
        return run

    return declare


def expect(outcome: bool, otherwise: str) -> None:
    """The exact outcome, or the sentence of what happened instead."""
    if not outcome:
        raise AssertionError(otherwise)
