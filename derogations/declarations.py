"""What a signer declares, versioned; how a power and a signature are told (F-13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from derogations.kinds import SigningAct
from members.powers import Capacity, DerogationKind
from portal.templatetags.portal import long_day

if TYPE_CHECKING:
    from derogations.models import Challenge
    from derogations.models.signing import Power
    from members.models import Delegation
    from members.queries.delegations import StandingPower

CURRENT = "2026-1"
"""The declaration that a new challenge asks for; earlier texts stay readable for ever."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What fills a declaration."""

    person: str
    power: str
    number: str
    version: int
    kinds: tuple[str, ...]
    beneficiary_known: bool


def declaration(version: str, act: str, told: Declared) -> str:
    """The text that is shown, hashed into the challenge and kept with the proof.

    Raises KeyError for a version that was never published.
    """
    text = _TEXTS[version, SigningAct(act)]() % {
        "person": told.person,
        "power": told.power,
        "number": told.number,
        "version": told.version,
        "kinds": kinds_text(told.kinds),
    }
    if act == SigningAct.SIGN and not told.beneficiary_known:
        text += " " + _("Je n'en suis pas l'utilisateur.")
    return text


def declaration_of(challenge: "Challenge") -> str:
    """The text that the challenge's person is shown."""
    version = challenge.version
    told = Declared(
        person=challenge.person_name,
        power=power_text(challenge),
        number=version.derogation.number,
        version=version.number,
        kinds=tuple(sorted(challenge.kinds)),
        beneficiary_known=version.derogation.beneficiary_id is not None,
    )
    return declaration(challenge.declaration_version, challenge.act, told)


def power_key(power: "Power | StandingPower") -> str:
    """How a form names a power: line, interim, absence, own line."""
    rows = (power.delegation, power.interim, power.absence, power.own_delegation)
    return "-".join(str(row.pk if row else 0) for row in rows)


def power_text(power: "Power | StandingPower") -> str:
    """« en vertu de la ligne 4.2 du plan du 3 mars 2026 (Directrice …) », interim, absence."""
    line = power.delegation
    if line is None:
        return _("par résolution du conseil")
    text = _("en vertu de la %(line)s") % {"line": line_text(line)}
    if power.interim is not None:
        act = power.interim.act_reference
        text += _(", par intérim selon l'acte « %(act)s »") % {"act": act}
    if power.capacity == Capacity.SUBSTITUTE:
        text += _(", comme substitut de %(person)s") % {"person": power.acting_for_name}
    if power.own_delegation is not None:
        text += _(", par sa propre %(line)s") % {"line": line_text(power.own_delegation)}
    return text


def line_text(line: "Delegation") -> str:
    """« ligne 4.2 du plan du 3 mars 2026 (Directrice des services) »."""
    return _("ligne %(clause)s du plan du %(day)s (%(post)s)") % {
        "clause": line.clause,
        "day": long_day(line.plan.approved_on),
        "post": line.post,
    }


def signed_by_text(act: "Power") -> str:
    """« Signé par B pour A », or « Signé par B », by their names of that day (F-13)."""
    told = {"person": act.person_name, "other": act.acting_for_name}
    if not act.acting_for_name:
        return _("Signé par %(person)s") % told
    return _("Signé par %(person)s pour %(other)s") % told


def kinds_text(kinds: Iterable[str]) -> str:
    """The heads in words: « réseau et technologique »."""
    return _(" et ").join(str(DerogationKind(kind).label).lower() for kind in kinds)


def _sign_2026_1() -> str:
    return _(
        "Moi, %(person)s, j'ai lu la demande %(number)s, version %(version)s, et je l'autorise "
        "(%(kinds)s), %(power)s. Je signe ce document, tel qu'il m'a été montré."
    )


def _withdraw_2026_1() -> str:
    return _(
        "Moi, %(person)s, je retire la dérogation %(number)s, version %(version)s (%(kinds)s), "
        "%(power)s. L'original demeure au dossier ; les commandes qui en dépendent sont arrêtées."
    )


_TEXTS = {
    ("2026-1", SigningAct.SIGN): _sign_2026_1,
    ("2026-1", SigningAct.WITHDRAW): _withdraw_2026_1,
}
