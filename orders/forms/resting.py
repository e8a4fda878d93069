"""What an order's page offers for a line that needs a derogation: to ask for one, to choose one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from derogations.kinds import DerogationState
from derogations.models import Derogation
from orders.answers import DEROGATION_KINDS, Answer, Outcome
from orders.coverage import LineCover
from orders.forms.derogations import ChooseDerogationForm
from orders.models import OrderLine
from orders.rules import Verdict

UNDER_WAY = (DerogationState.DRAFT, DerogationState.RETURNED, DerogationState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A line, what the rules say of it, what was asked for it, and what may be done.

    ``asks`` are the buttons « Demander la dérogation » as (kind, label): one, or one a kind where
    several would do (D-10). ``choose`` is None where there is nothing to choose.
    """

    line: OrderLine
    answers: tuple[Answer, ...]
    asked: tuple[Derogation, ...]
    asks: tuple[tuple[str, str], ...]
    choose: ChooseDerogationForm | None


def judged_lines(
    lines: Sequence[OrderLine], verdict: Verdict, asked: dict[int, list[Derogation]]
) -> list[JudgedLine]:
    """Every line with its answers, in order."""
    return [
        JudgedLine(
            line=line,
            answers=answers,
            asked=tuple(asked.get(line.pk, ())),
            asks=_asks(answers, asked.get(line.pk, ())),
            choose=_choose(line, cover),
        )
        for line, answers, cover in zip(lines, verdict.lines, verdict.covers, strict=True)
    ]


def _asks(answers: Sequence[Answer], asked: Sequence[Derogation]) -> tuple[tuple[str, str], ...]:
    """The buttons: none when nothing is lacking, or when a request is under way."""
    needs = [answer.kinds for answer in answers if answer.outcome is Outcome.NEEDS]
    if not needs or any(one.state in UNDER_WAY for one in asked):
        return ()
    several = next((kinds for kinds in needs if len(kinds) > 1), None)
    if several is None:
        return ((str(needs[0][0]), _("Demander la dérogation")),)
    return tuple(
        (str(kind), _("Demander la dérogation : %(kind)s") % {"kind": DEROGATION_KINDS[kind]})
        for kind in several
    )


def _choose(line: OrderLine, cover: LineCover) -> ChooseDerogationForm | None:
    """The derogations that would do, beside the one that already does."""
    if not set(cover.options) - {one.derogation for one in cover.covers if one}:
        return None
    current = next((one.derogation.pk for one in cover.covers if one), None)
    return ChooseDerogationForm(
        prefix=f"choix-{line.position}", initial={"derogation": current}, options=cover.options
    )
