"""Why an attempt to sign was turned away: a code for the journal, a sentence, a status (D-04)."""

from collections.abc import Iterable

from derogations.grounds import Ground

FORBIDDEN, CONFLICT, UNPROVED = 403, 409, 422


class AttemptRefused(Exception):
    """Nothing was written. ``code`` is a ground of E1 to E10, or a fault of the challenge."""

    def __init__(self, code: str, sentence: str, status: int = FORBIDDEN) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.status = status


def refused_for(grounds: Iterable[Ground]) -> AttemptRefused:
    """The grounds as one refusal: a request that moved on (E9) is a conflict, the rest forbids."""
    found = list(grounds)
    moved_on = any(ground.code == "E9" for ground in found)
    told = [g for g in found if g.code == "E9"] if moved_on else found
    return AttemptRefused(
        ",".join(dict.fromkeys(ground.code for ground in told)),
        " ".join(dict.fromkeys(ground.sentence for ground in told)),
        CONFLICT if moved_on else FORBIDDEN,
    )
