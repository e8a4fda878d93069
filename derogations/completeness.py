"""What a request still lacks before it can be signed: its fields, its proof, its papers (F-33)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from derogations.kinds import COMMON_FIELDS, FIELDS_OF_KIND, AttachmentKind
from members.powers import DerogationKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AMOUNTS = ("one_off_amount", "monthly_amount")
PLACES, ATTACHMENTS, SERVICE_NUMBERS = "places", "attachments", "service_numbers"


class Proof(models.TextChoices):
    """What may prove the need; ITQ says which are required, by kind and by date."""

    PLACE = "place", gettext_lazy("Un lieu, avec sa municipalité et sa région")
    TICKET_ANSWER = "ticket_answer", gettext_lazy("La réponse de TELUS, écrite ou jointe")
    COVERAGE_MAP = "coverage_map", gettext_lazy("La carte de couverture du jour, jointe")
    TEST = "test", gettext_lazy("Un essai fait sur place")
    SECOND_RANK = "second_rank", gettext_lazy("Ce qui montre que le second rang dessert")
    FIRST_RANK_ANSWER = "first_rank_answer", gettext_lazy("La réponse du premier rang")
    OTHER_PAPER = "other_paper", gettext_lazy("Une pièce à l'appui, jointe")
    CREDIT_CERTIFICATE = "credit_certificate", gettext_lazy("Le certificat de crédits, joint")


DEFAULT_RULES: dict[str, tuple[tuple[str, ...], ...]] = {
    DerogationKind.NETWORK: (
        (Proof.PLACE,),
        (Proof.TICKET_ANSWER, Proof.COVERAGE_MAP, Proof.TEST),
    )
}
"""Until ITQ sets its own (F-33): every set must be met, by one of its proofs."""

PROOFS_OF_KIND: dict[DerogationKind, tuple[Proof, ...]] = {
    DerogationKind.NETWORK: (
        *(Proof.PLACE, Proof.TICKET_ANSWER, Proof.COVERAGE_MAP, Proof.TEST, Proof.SECOND_RANK),
    ),
    DerogationKind.TECHNOLOGICAL: (Proof.FIRST_RANK_ANSWER, Proof.OTHER_PAPER),
    DerogationKind.NON_ZERO_COST: (Proof.OTHER_PAPER,),
}
"""What may support a request of each kind, required or not (F-33)."""

PARTS: dict[str, tuple["StrOrPromise", tuple[str, ...]]] = {
    "besoin": (
        gettext_lazy("Le besoin"),
        ("need", "insufficiency", "consequence", "quantity", "is_quantity_limited"),
    ),
    "couts": (
        gettext_lazy("Les dates et les coûts"),
        ("wanted_on", "ends_on", "one_off_amount", "monthly_amount", "external_reference"),
    ),
    "reseau": (gettext_lazy("Le réseau"), FIELDS_OF_KIND[DerogationKind.NETWORK].names),
    "technologique": (
        gettext_lazy("La technologie"),
        FIELDS_OF_KIND[DerogationKind.TECHNOLOGICAL].names,
    ),
    "appareil": (
        gettext_lazy("L'appareil"),
        FIELDS_OF_KIND[DerogationKind.NON_ZERO_COST].names,
    ),
    "lieux": (gettext_lazy("Les lieux et leurs essais"), (PLACES,)),
    "lignes": (gettext_lazy("Les lignes visées"), (SERVICE_NUMBERS,)),
    "pieces": (gettext_lazy("Les pièces"), (ATTACHMENTS,)),
}
"""One page each: its title and its fields, in the order in which a request is filled."""

PART_OF_KIND = {
    DerogationKind.NETWORK: "reseau",
    DerogationKind.TECHNOLOGICAL: "technologique",
    DerogationKind.NON_ZERO_COST: "appareil",
}
PART_OF_FIELD = {name: part for part, (_title, names) in PARTS.items() for name in names}


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as plain values; ``rules`` are those of each of its kinds.

    ``is_free``: its article costs nothing in the provider's list.
    """

    kinds: Collection[str]
    values: Mapping[str, object]
    places: int = 0
    tests: int = 0
    papers: Collection[str] = ()
    rules: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=lambda: DEFAULT_RULES)
    forms_needed: int = 0
    forms_joined: int = 0
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing, where it is completed, in one sentence."""

    field: str
    sentence: str

    @property
    def part(self) -> str:
        """The page on which it is completed."""
        return PART_OF_FIELD[self.field]


def parts_of(kinds: Collection[str]) -> list[str]:
    """The pages of a request of those kinds, in order."""
    own = {PART_OF_KIND[DerogationKind(kind)] for kind in kinds}
    absent = set(PART_OF_KIND.values()) - own
    if DerogationKind.NETWORK not in kinds:
        absent.add("lieux")
    return [part for part in PARTS if part not in absent]


def missing(facts: RequestFacts, label: Mapping[str, str]) -> list[Missing]:
    """Everything that is missing, in the order of the pages; empty: it can be submitted."""
    found = [
        Missing(name, _("« %(field)s » n'est pas rempli.") % {"field": label[name]})
        for name in required_fields(facts.kinds)
        if facts.values.get(name) in (None, "")
    ]
    found += [*_wrong_dates(facts), *_unpriced(facts), *_lacking_proof(facts)]
    if facts.forms_joined < facts.forms_needed:
        found.append(Missing(ATTACHMENTS, _form_sentence(facts)))
    return sorted(found, key=lambda lack: list(PARTS).index(lack.part))


def _form_sentence(facts: RequestFacts) -> str:
    """One filled form for each kind for which the provider has one (R-14)."""
    if facts.forms_needed == 1:
        return _("Joignez le formulaire d'autorisation du prestataire, rempli.")
    return _(
        "Joignez les formulaires d'autorisation du prestataire, remplis : un par genre "
        "(%(joined)s sur %(needed)s)."
    ) % {"joined": facts.forms_joined, "needed": facts.forms_needed}


def required_fields(kinds: Collection[str]) -> list[str]:
    """The fields that a request of those kinds must fill."""
    own = [name for kind in kinds for name in FIELDS_OF_KIND[DerogationKind(kind)].required]
    return [*COMMON_FIELDS.required, *own]


def absent_proofs(facts: RequestFacts) -> list[str]:
    """The proofs of those kinds that are not there, required or not: named to the signer (F-33)."""
    wanted = [proof for kind in facts.kinds for proof in PROOFS_OF_KIND[DerogationKind(kind)]]
    return [str(proof.label) for proof in dict.fromkeys(wanted) if not _proven(proof, facts)]


def _wrong_dates(facts: RequestFacts) -> list[Missing]:
    """An end before the beginning commits nothing."""
    wanted, ends = facts.values.get("wanted_on"), facts.values.get("ends_on")
    if isinstance(wanted, date) and isinstance(ends, date) and ends < wanted:
        return [Missing("ends_on", _("La fin précède la date voulue : corrigez l'une ou l'autre."))]
    return []


def _unpriced(facts: RequestFacts) -> list[Missing]:
    """A cost left at 0 is a cost that nobody wrote, unless the article is free (E6, R-20)."""
    if facts.is_free:
        return []
    amounts = (facts.values.get(name) for name in AMOUNTS)
    if any(isinstance(amount, Decimal | int) and amount > 0 for amount in amounts):
        return []
    return [
        Missing(
            AMOUNTS[1],
            _("Inscrivez le coût unique ou le coût mensuel d'une unité : c'est ce qu'on signe."),
        )
    ]


def _lacking_proof(facts: RequestFacts) -> list[Missing]:
    """Each set of proofs of which none is there, each named once."""
    found: dict[tuple[str, ...], Missing] = {}
    for kind in facts.kinds:
        for wanted in facts.rules.get(kind, ()):
            key = tuple(wanted)
            if key and key not in found and not any(_proven(proof, facts) for proof in key):
                found[key] = _unproven(key)
    return list(found.values())


def _unproven(wanted: tuple[str, ...]) -> Missing:
    """The sentence that names what would do."""
    words = [str(Proof(proof).label) for proof in wanted]
    told = {"proof": words[0]}
    if len(words) > 1:
        sentence = _("Il manque l'une de ces preuves : %(proof)s.") % {"proof": " ; ".join(words)}
    else:
        sentence = _("Il manque cette preuve : %(proof)s.") % told
    return Missing(_WHERE[Proof(wanted[0])], sentence)


_WHERE = {
    Proof.PLACE: PLACES,
    Proof.TEST: PLACES,
    Proof.TICKET_ANSWER: "ticket_answer",
    Proof.SECOND_RANK: "second_rank_serves",
    Proof.FIRST_RANK_ANSWER: "first_rank_answer",
    Proof.COVERAGE_MAP: ATTACHMENTS,
    Proof.OTHER_PAPER: ATTACHMENTS,
    Proof.CREDIT_CERTIFICATE: ATTACHMENTS,
}


def _proven(proof: str, facts: RequestFacts) -> bool:
    """Whether that proof is in the request."""
    written = {
        Proof.TICKET_ANSWER: facts.values.get("ticket_answer"),
        Proof.SECOND_RANK: facts.values.get("second_rank_serves"),
        Proof.FIRST_RANK_ANSWER: facts.values.get("first_rank_answer"),
        Proof.PLACE: facts.places,
        Proof.TEST: facts.tests,
    }
    joined = {
        Proof.TICKET_ANSWER: AttachmentKind.TICKET_ANSWER,
        Proof.SECOND_RANK: AttachmentKind.ROGERS_COVERAGE,
        Proof.COVERAGE_MAP: AttachmentKind.COVERAGE_MAP,
        Proof.OTHER_PAPER: AttachmentKind.OTHER,
        Proof.CREDIT_CERTIFICATE: AttachmentKind.CREDIT_CERTIFICATE,
    }
    return bool(written.get(Proof(proof))) or joined.get(Proof(proof)) in facts.papers
