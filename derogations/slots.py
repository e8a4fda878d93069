"""Serial, parallel and k-of-n signing: which place the next signature takes (F-16, D-20)."""

from collections.abc import Collection, Sequence

from members.signing_steps import Step


def next_slot(steps: Sequence[Step], given: int) -> tuple[int, int] | None:
    """The step and slot, both from 1, of the next signature after ``given``; None when all are."""
    for number, step in enumerate(steps, start=1):
        if given < step.needed:
            return number, given + 1
        given -= step.needed
    return None


def places_left(steps: Sequence[Step], given: int) -> list[str]:
    """The post of each signature still to give, in order; "" for whoever has the power."""
    return [step.post for step in steps for _ in range(step.needed)][given:]


def post_due(steps: Sequence[Step], given: int) -> str:
    """The post whose turn it is; "" where anyone with the power may sign, or all have."""
    return next(iter(places_left(steps, given)), "")


def may_take(
    places: Sequence[str], able: Collection[tuple[int, str]], person: int, post: str
) -> bool:
    """Whether one of ``able`` may fill the first place under a post: its turn, and no later place
    is left without anyone by it. Who bears two posts is not spent on the one that another fills.
    """
    if not places or places[0] not in ("", post):
        return False
    others = {one for one in able if one[0] != person}
    return len(unfilled(places[1:], others)) <= len(unfilled(places, able))


def unfilled(places: Sequence[str], able: Collection[tuple[int, str]]) -> list[str]:
    """The places that nobody is left to fill, one person a place (D-20): a maximum matching.

    ``able`` are the persons who may still sign, each with a post under which the person may.
    """
    taken: dict[int, int] = {}

    def fill(place: int, asked: set[int]) -> bool:
        for person, post in sorted(able):
            if person in asked or places[place] not in ("", post):
                continue
            asked.add(person)
            if person not in taken or fill(taken[person], asked):
                taken[person] = place
                return True
        return False

    return [places[place] for place in range(len(places)) if not fill(place, set())]
