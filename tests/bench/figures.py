"""One line a figure, then how many bars were met."""

from dataclasses import dataclass


@dataclass
class Figures:
    """Prints as it goes; ``ok`` and ``short`` count the figures that have a bar."""

    ok: int = 0
    short: int = 0

    def tell(
        self,
        name: str,
        value: float,
        unit: str,
        most: float | None = None,
        *,
        least: float | None = None,
    ) -> None:
        """A figure, and its bar when it has one: at most ``most``, or at least ``least``."""
        shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        if most is None and least is None:
            print(f"{name} {shown} {unit}", flush=True)
            return
        met = (most is None or value <= most) and (least is None or value >= least)
        self.ok, self.short = self.ok + met, self.short + (not met)
        verdict = "ok" if met else "short"
        bar = f"≤ {most:g}" if most is not None else f"≥ {least:g}"
        print(f"{name} {shown} {unit} (bar {bar}) {verdict}", flush=True)

    def close(self) -> None:
        """The last line."""
        print(f"{self.ok} ok, {self.short} short", flush=True)
