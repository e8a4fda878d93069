"""One line a figure, then how many bars were met."""

from dataclasses import dataclass


@dataclass
class Figures:
    """Prints as it goes; ``ok`` and ``short`` count the figures that have a bar."""

    ok: int = 0
    short: int = 0

    def tell(self, name: str, value: float, unit: str, most: float | None = None) -> None:
        """A figure, and its bar when it has one: at most ``most``."""
        shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        if most is None:
            print(f"{name} {shown} {unit}", flush=True)
            return
        met = value <= most
        self.ok, self.short = self.ok + met, self.short + (not met)
        verdict = "ok" if met else "short"
        print(f"{name} {shown} {unit} (bar ≤ {most:g}) {verdict}", flush=True)

    def close(self) -> None:
        """The last line."""
        print(f"{self.ok} ok, {self.short} short", flush=True)
