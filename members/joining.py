"""Judgement on joining (R-03): is the MAMH's authorisation needed, and may the member order."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

DAYS_A_YEAR = 365.25


class Outcome(StrEnum):
    """What the membership says of an order."""

    ALLOWED = "allowed"
    WARNED = "warned"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its sentence in plain French and what it rests on.

    ``may_manage_lines`` stays True for a member taken over with lines in service (R-03).
    """

    outcome: Outcome
    sentence: str
    source: str
    may_manage_lines: bool
    rule: str = "R-03"

    @property
    def may_order(self) -> bool:
        """Whether a new order may be submitted."""
        return self.outcome is not Outcome.BLOCKED


@dataclass(frozen=True, slots=True)
class Rule:
    """The joining rule in force: its mode (block, warn, off), its two bounds, its source."""

    mode: str = "block"
    population_under: int = 100_000
    years_over: int = 5
    source: str = ""


@dataclass(frozen=True, slots=True)
class Joining:
    """What is known of one member and one contract on the day judged.

    ``authorisation`` is required, filed, obtained or not_required; None without a membership.
    """

    has_left: bool
    has_membership: bool
    agreement_on: date | None = None
    confirmed: bool = False
    authorisation: str | None = None
    taken_over: bool = False


def contract_years(since: date, until: date | None) -> float:
    """How long a contract runs, in years; endless when it names no end."""
    return float("inf") if until is None else (until - since).days / DAYS_A_YEAR


def authorisation_needed(
    *, is_municipality: bool, population: int | None, years: float, rule: Rule
) -> bool:
    """Judged once, at joining: a municipality under the bound, a contract over the years (R-03).

    A population that nobody recorded counts as under the bound.
    """
    small = population is None or population < rule.population_under
    return is_municipality and small and years > rule.years_over


def joining_verdict(joining: Joining, rule: Rule) -> Verdict:
    """May order, warned, or blocked, with the sentence to show and its source (R-03, F-09)."""
    lack = _lack(joining)
    if lack:
        return Verdict(Outcome.BLOCKED, lack, _roles_source(), joining.taken_over)
    if joining.authorisation in ("obtained", "not_required") or rule.mode == "off":
        return Verdict(Outcome.ALLOWED, _("L'adhésion au contrat est en règle."), rule.source, True)
    if rule.mode == "warn":
        sentence = _authorisation_lack(joining, blocks=False)
        return Verdict(Outcome.WARNED, sentence, rule.source, True)
    sentence = _authorisation_lack(joining, blocks=True)
    return Verdict(Outcome.BLOCKED, sentence, rule.source, joining.taken_over)


def _lack(joining: Joining) -> str:
    """What the agreement itself lacks, or nothing."""
    if joining.has_left:
        return _("L'organisme a quitté le regroupement : il ne peut plus commander.")
    if not joining.has_membership:
        return _(
            "L'organisme n'a pas adhéré à ce contrat. L'interlocuteur dépose l'entente à la page "
            "« Adhésion »."
        )
    if joining.agreement_on is None:
        return _(
            "L'entente d'adhésion n'est pas au dossier. L'interlocuteur la dépose à la page "
            "« Adhésion »."
        )
    if not joining.confirmed:
        return _("L'adhésion attend la confirmation d'ITQ : vous pourrez commander ensuite.")
    return ""


def _authorisation_lack(joining: Joining, *, blocks: bool) -> str:
    """The missing authorisation, in words that say what to do."""
    if joining.authorisation == "filed":
        start = _("L'autorisation du MAMH est déposée et attend la confirmation d'ITQ.")
    else:
        start = _(
            "L'autorisation du MAMH n'est pas au dossier. L'interlocuteur la dépose à la page "
            "« Adhésion »."
        )
    return f"{start} {_('Aucune commande ne peut partir avant.')}" if blocks else start


def _roles_source() -> str:
    """Where the members' commitment is written."""
    return _("Foire aux questions du contrat 2015-2025, engagement des membres")
