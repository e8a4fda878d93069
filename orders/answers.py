"""What an ordering rule answers: how grave it is, its sentence, its source, the rule in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.powers import DerogationKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Outcome(StrEnum):
    """What a rule says of a line or an order."""

    REFUSED = "refused"
    NEEDS = "needs"
    WARNS = "warns"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Answer:
    """A rule's answer: ``sentence`` in plain French, ``source`` it rests on.

    ``kinds`` are the derogation kinds, any one of which is enough (D-10); empty unless NEEDS.
    """

    rule: str
    outcome: Outcome
    sentence: str
    source: str
    kinds: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The answer in a few words."""
        if self.outcome is Outcome.NEEDS:
            names = _(" ou ").join(str(DEROGATION_KINDS[kind]) for kind in self.kinds)
            return _("Il faut une dérogation signée : %(names)s") % {"names": names}
        if self.outcome is Outcome.COVERED:
            return _("Couvert par une dérogation signée")
        if self.outcome is Outcome.WARNS:
            return _("À savoir avant de commander")
        return _("Cela ne peut pas être commandé ainsi")

    @property
    def principle(self) -> str:
        """The rule itself, in plain words."""
        return str(PRINCIPLES[self.rule])

    @property
    def verdict(self) -> str:
        """The tone of the page's box."""
        return {
            Outcome.NEEDS: "needs_derogation",
            Outcome.WARNS: "needs_derogation",
            Outcome.COVERED: "allowed",
        }.get(self.outcome, "refused")


DEROGATION_KINDS: "dict[str, StrOrPromise]" = {
    DerogationKind.NETWORK: gettext_lazy("réseau"),
    DerogationKind.TECHNOLOGICAL: gettext_lazy("technologique"),
    DerogationKind.NON_ZERO_COST: gettext_lazy("appareil à coût non nul"),
}
PRINCIPLES = {
    "R-03": gettext_lazy(
        "Un organisme commande une fois son adhésion au contrat en règle ; certaines "
        "municipalités doivent d'abord obtenir l'autorisation du MAMH."
    ),
    "R-10": gettext_lazy("Les représentants cellulaires sont les seuls à commander."),
    "R-11": gettext_lazy(
        "Les membres s'approvisionnent uniquement par le contrat : appareils, services et "
        "accessoires."
    ),
    "R-12": gettext_lazy("Les services servent uniquement à un usage professionnel."),
    "R-13": gettext_lazy(
        "Le prestataire de premier rang sert d'abord ; celui de second rang s'atteint par un "
        "processus de dérogation."
    ),
    "R-14": gettext_lazy(
        "Les appareils à coût nul sont le principe ; un appareil à coût non nul demande une "
        "autorisation justifiée par un besoin spécialisé."
    ),
    "R-16": gettext_lazy(
        "Le forfait flexible est disponible seulement sur les appareils non subventionnés."
    ),
    "R-17": gettext_lazy(
        "La liste du prestataire de second rang s'ouvre avec un compte de facturation chez lui."
    ),
    "F-21": gettext_lazy("Un article se commande tel que le catalogue le décrit."),
    "F-23": gettext_lazy(
        "Une nouvelle ligne sans appareil se commande pour un appareil non subventionné que "
        "l'organisme détient."
    ),
    "F-40": gettext_lazy(
        "Le remplacement d'un appareil et le changement de forfait visent une ligne en service."
    ),
    "R-18": gettext_lazy("Le contrat a des phases datées, et chacune accepte certaines commandes."),
}
