"""Races around the signature, two hundred times each, with their counts (signing.md §4)."""

from tests.derogations.races import RACES, run_race
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand

TIMES = 200


@fault("S-04", "200 of each race: every outcome is a right one", unit="wrong", at_most=0)
def s_04(stand: Stand) -> float:
    wrong = 0
    for name, (_race, right) in RACES.items():
        counts = run_race(name, TIMES)
        told = ", ".join(f"{word} × {count}" for word, count in sorted(counts.items()))
        print(f"  {name}: {told}", flush=True)
        expect(sum(counts.values()) == TIMES, f"{name}: {counts}")
        wrong += sum(count for word, count in counts.items() if word not in right)
    return wrong
