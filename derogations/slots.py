"""Serial, parallel and k-of-n signing: which slot the next signature takes (F-16, D-20)."""

from collections.abc import Collection, Sequence


def next_slot(steps: Sequence[int], given: int) -> tuple[int, int] | None:
    """The step and slot, both from 1, of the next signature after ``given``; None when all are.

    ``steps`` are the signatures needed at each step: [1, 2] is one, then two in parallel.
    """
    for step, needed in enumerate(steps, start=1):
        if given < needed:
            return step, given + 1
        given -= needed
    return None


def people_lacking(
    steps: Sequence[int], able: Collection[int], signed: Collection[int] = ()
) -> int:
    """How many people lack to give every signature: one a person (D-20)."""
    still = sum(steps) - len(set(signed))
    return max(0, still - len(set(able) - set(signed)))
