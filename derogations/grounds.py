"""E1 to E10 on plain values: why a person may not sign, each reason with its French sentence."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from derogations.amounts import within_fiscal_year
from portal.templatetags.portal import money

if TYPE_CHECKING:
    from derogations.models import Derogation, Version
    from members.models import Branch, Delegation, Person
    from members.queries.delegations import StandingPower


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: its code (E1 to E10) and the sentence that says it."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The powers a person may rely on (E3 to E8), and every ground that refuses."""

    powers: "tuple[StandingPower, ...]" = ()
    grounds: tuple[Ground, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the person may sign now."""
        return bool(self.powers) and not self.grounds

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the grounds."""
        return frozenset(ground.code for ground in self.grounds)


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a request a power is compared with.

    ``amount`` is E6's, on the plan's tax basis; None when it is not known yet. ``barred`` are the
    persons that R-21 keeps from signing.
    """

    branch: "Branch"
    kinds: tuple[str, ...]
    amount: Decimal | None
    wanted_on: date | None
    ends_on: date | None
    barred: frozenset[int]


def power_grounds(power: "StandingPower", facts: Facts) -> list[Ground]:
    """Why this power does not reach this request: ceiling and year of every line (E6, E7)."""
    grounds = []
    if power.person.pk in facts.barred:
        grounds.append(_barred())
    if power.person.pk in _recorders(power):
        grounds.append(
            Ground(
                "E7",
                _("Vous avez inscrit vous-même la ligne %(clause)s du plan : un autre doit signer.")
                % {"clause": power.delegation.clause},
            )
        )
    for line in power.lines:
        grounds += _line_grounds(line, facts)
    return grounds


def no_power() -> Ground:
    """The person stands on no line in force that covers the request (E3, E4, E5, E8)."""
    return Ground(
        "E3",
        _(
            "Aucune ligne confirmée et en vigueur du plan de délégation ne vous donne ce pouvoir "
            "aujourd'hui. L'interlocuteur de votre organisme tient le plan."
        ),
    )


def identity_grounds(person: "Person", *, active: bool, factor: bool) -> list[Ground]:
    """E1 and E2: the account, the attested identity, the second factor."""
    grounds = []
    if not active:
        grounds.append(Ground("E1", _("Votre compte n'est pas actif.")))
    if person.identity_attested_at is None:
        grounds.append(
            Ground(
                "E2",
                _(
                    "Votre identité n'est pas attestée : demandez à l'interlocuteur de votre "
                    "organisme de l'attester, puis revenez."
                ),
            )
        )
    if not factor:
        grounds.append(
            Ground("E2", _("Ajoutez d'abord une clé d'accès à votre compte, puis revenez signer."))
        )
    return grounds


def membership_ground(sentence: str) -> Ground:
    """E10: the member may not act under this contract."""
    return Ground("E10", sentence)


def signed_already(who: str, when: str) -> Ground:
    """Somebody signed a moment ago (D-20)."""
    return Ground(
        "E9",
        _("Cette demande est déjà signée par %(who)s, le %(when)s.") % {"who": who, "when": when},
    )


def state_ground(derogation: "Derogation") -> Ground:
    """E9: the request awaits no signature any more."""
    return Ground(
        "E9",
        _("Cette demande n'attend plus de signature : elle est « %(state)s ».")
        % {"state": derogation.get_state_display()},
    )


def version_ground(version: "Version") -> Ground:
    """E9: what was shown is not what is asked now."""
    return Ground(
        "E9",
        _("La demande a changé depuis la version %(number)s : relisez la version courante.")
        % {"number": version.number},
    )


def rendering_ground() -> Ground:
    """E9: the paper is being made."""
    return Ground("E9", _("Le document se prépare encore : revenez dans un instant."))


def expired_ground() -> Ground:
    """E9: nobody signs this version any more."""
    return Ground(
        "E9", _("Le délai pour signer est passé : la demande doit être soumise de nouveau.")
    )


def once_ground() -> Ground:
    """D-20: one effective signature per person and version."""
    return Ground("D-20", _("Vous avez déjà signé cette demande ; une autre personne doit signer."))


def _barred() -> Ground:
    return Ground(
        "E7",
        _(
            "Vous avez demandé ou modifié cette demande, ou vous en êtes l'utilisateur : "
            "une autre personne doit la signer."
        ),
    )


def _recorders(power: "StandingPower") -> set[int | None]:
    """The persons who recorded what the power rests on."""
    rows = (*power.lines, power.interim, power.absence)
    return {row.recorded_by.person_id for row in rows if row is not None}


def _line_grounds(line: "Delegation", facts: Facts) -> list[Ground]:
    """E6 for one line: its ceiling, and its fiscal year."""
    grounds = []
    ceiling = line.ceiling_amount
    if ceiling is not None and facts.amount is not None and facts.amount > ceiling:
        told = {"amount": money(facts.amount), "ceiling": money(ceiling), "clause": line.clause}
        grounds.append(
            Ground(
                "E6",
                _(
                    "La demande engage %(amount)s ; le plafond de la ligne %(clause)s est de "
                    "%(ceiling)s."
                )
                % told,
            )
        )
    if line.beyond_fiscal_year or facts.wanted_on is None or facts.ends_on is None:
        return grounds
    if not within_fiscal_year(facts.wanted_on, facts.ends_on, line.plan.fiscal_year_ends):
        grounds.append(
            Ground(
                "E6",
                _(
                    "La demande engage au-delà de l'exercice, ce que la ligne %(clause)s ne "
                    "permet pas."
                )
                % {"clause": line.clause},
            )
        )
    return grounds
