"""Races around the signature and the draw, two hundred times each, with their counts (§4, D-22)."""

from collections import Counter
from collections.abc import Callable

from tests.derogations.races import RACES, run_race
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand
from tests.orders.drawing_races import DRAWING_RACES, run_drawing_race

TIMES = 200


def wrong_of(name: str, right: frozenset[str], run: Callable[[str, int], Counter[str]]) -> int:
    """Run one race, print its counts, tell how many outcomes are wrong."""
    counts = run(name, TIMES)
    told = ", ".join(f"{word} × {count}" for word, count in sorted(counts.items()))
    wrong = sum(count for word, count in counts.items() if word not in right)
    print(f"  {name}: {wrong} wrong of {TIMES} ({told})", flush=True)
    expect(counts.total() == TIMES, f"{name}: {counts}")
    return wrong


@fault("S-04", "200 of each race: every outcome is a right one", unit="wrong", at_most=0)
def s_04(stand: Stand) -> float:
    return sum(wrong_of(name, right, run_race) for name, (_race, right) in RACES.items())


@fault("S-05", "200 parallel draws of the last one: drawn once", unit="wrong of 200", at_most=0)
def s_05(stand: Stand) -> float:
    stand.worker.stop()  # what an order promises is no part of the race

    def run(name: str, times: int) -> Counter[str]:
        return run_drawing_race(name, times, stand.world)

    return sum(wrong_of(name, right, run) for name, (_race, right) in DRAWING_RACES.items())
