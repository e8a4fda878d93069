"""E1 to E10 on plain values: why a person may not sign, each reason with its French sentence."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from derogations.amounts import Amounts, within_fiscal_year
from portal.templatetags.portal import money

if TYPE_CHECKING:
    from derogations.models import Derogation, Version
    from members.models import Branch, Delegation, Person
    from members.queries.delegations import StandingPower


IDENTITY, FACTOR = "E2-identity", "E2-factor"
"""The two halves of E2: each is mended elsewhere, by someone else."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: its code (E1 to E10, E2 in its two halves, D-20, F-16) and its sentence."""

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

    ``amounts`` are E6's, on either tax basis; None when they are not known yet. ``barred`` are the
    persons that R-21 keeps from signing.
    """

    branch: "Branch"
    kinds: tuple[str, ...]
    amounts: Amounts | None
    wanted_on: date | None
    ends_on: date | None
    barred: frozenset[int]
    is_quantity_limited: bool = True
    has_credit_certificate: bool = False


def power_grounds(power: "StandingPower", facts: Facts, *, limits: bool = True) -> list[Ground]:
    """Why this power does not reach this request: persons (E7), then limits of each line (E6)."""
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
    for line in power.lines if limits else ():
        grounds += line_grounds(line, facts)
    return grounds


def line_grounds(line: "Delegation", facts: Facts) -> list[Ground]:
    """E6 for one line: its ceiling, its fiscal year, the credits that it wants certified (R-24)."""
    said = (_ceiling_text(line, facts), _year_text(line, facts), _credit_text(line, facts))
    return [Ground("E6", sentence) for sentence in said if sentence]


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
                IDENTITY,
                _(
                    "Votre identité n'est pas attestée : demandez à l'interlocuteur de votre "
                    "organisme de l'attester (à ITQ, si vous êtes l'interlocuteur), puis revenez."
                ),
            )
        )
    if not factor:
        grounds.append(
            Ground(
                FACTOR,
                _("Ajoutez d'abord une clé d'accès à votre compte, puis revenez signer."),
            )
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


def turn_ground(post: str) -> Ground:
    """F-16: posts sign one after the other, and it is another's turn."""
    return Ground(
        "F-16",
        _(
            "C'est au poste « %(post)s » de signer d'abord. Les signatures qui suivent viennent "
            "chacune à leur tour, qu'un courriel annonce."
        )
        % {"post": post},
    )


def kept_ground() -> Ground:
    """F-16: the person is the only one left for a later post, and another may sign now."""
    return Ground(
        "F-16",
        _(
            "Cette personne est la seule qui puisse signer ensuite à un autre poste : une autre "
            "signe d'abord."
        ),
    )


def paper_order_ground(day: date) -> Ground:
    """F-16: in a series, nobody signs before the day of the signature that comes before."""
    return Ground(
        "F-16",
        _(
            "La signature qui précède celle-ci est du %(day)s : un document signé à la main avant "
            "ce jour ne suit pas l'ordre des postes. Faites-le signer de nouveau."
        )
        % {"day": day.isoformat()},
    )


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


def _ceiling_text(line: "Delegation", facts: Facts) -> str:
    """A ceiling bounds the sum, which nothing bounds where the quantity has no limit."""
    ceiling = line.ceiling_amount
    if ceiling is None:
        return ""
    told = {"clause": line.clause, "ceiling": money(ceiling)}
    if not facts.is_quantity_limited:
        return (
            _(
                "La demande vaut pour toute quantité : la ligne %(clause)s, plafonnée à "
                "%(ceiling)s, ne le permet pas. Limitez la demande à une quantité."
            )
            % told
        )
    amount = facts.amounts.on(line.plan.tax_basis) if facts.amounts else None
    if amount is None or amount <= ceiling:
        return ""
    return _(
        "La demande engage %(amount)s ; le plafond de la ligne %(clause)s est de %(ceiling)s."
    ) % {**told, "amount": money(amount)}


def _year_text(line: "Delegation", facts: Facts) -> str:
    """A commitment beyond the fiscal year, where the line does not allow it."""
    if line.beyond_fiscal_year or facts.wanted_on is None or facts.ends_on is None:
        return ""
    if within_fiscal_year(facts.wanted_on, facts.ends_on, line.plan.fiscal_year_ends):
        return ""
    return _(
        "La demande engage au-delà de l'exercice, ce que la ligne %(clause)s ne permet pas."
    ) % {"clause": line.clause}


def _credit_text(line: "Delegation", facts: Facts) -> str:
    """A line that wants the credits certified, and no certificate under the signature (R-24)."""
    if not line.needs_credit_certificate or facts.has_credit_certificate:
        return ""
    return _(
        "La ligne %(clause)s exige un certificat de crédits : aucun n'est joint à la demande."
    ) % {"clause": line.clause}
