"""In what order a request is signed: posts in series, then whoever has the power (F-16, D-20)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import ngettext

if TYPE_CHECKING:
    from members.models import SigningRule


@dataclass(frozen=True, slots=True)
class Step:
    """The signature of a post, or ``needed`` signatures in parallel of whoever has the power."""

    needed: int = 1
    post: str = ""

    def __str__(self) -> str:
        """The post, or « 2 signatures »."""
        count = ngettext("%(n)s signature", "%(n)s signatures", self.needed) % {"n": self.needed}
        return self.post or count


ONE = (Step(),)
"""What is signed where no rule says more."""


def steps_of(needed: int, posts: Sequence[str]) -> tuple[Step, ...]:
    """Each post in its turn, then what is left of ``needed``."""
    left = needed - len(posts)
    return (*(Step(1, post) for post in posts), *([Step(left)] if left > 0 else []))


def steps_asked(rules: "Iterable[SigningRule]") -> tuple[Step, ...]:
    """The steps by rules in order of amount: the last of each kind, and all of those together.

    As many signatures as the strictest, every post once, where it comes last. What nobody
    confirmed takes nothing away: the rule that it replaces counts beside it (R-02).
    """
    rows = list(rules)
    agreed = {rule.kind: rule for rule in rows if rule.confirmed_at}
    proposed = {rule.kind: rule for rule in rows if not rule.removed_at}
    asked = [*agreed.values(), *proposed.values()]
    named = [post for rule in asked for post in rule.posts]
    posts = list(dict.fromkeys(reversed(named)))[::-1]
    return steps_of(max([1, *(rule.needed for rule in asked)]), posts)
