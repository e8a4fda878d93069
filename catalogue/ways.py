"""How an article is ordered, in plain words with the rule and its source (F-22, R-13 to R-16).

What decides at submission is the orders' own rules; this page of words only prepares for them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FAQ = gettext_lazy("Foire aux questions du contrat 2015-2025")
FIRST_RANK = 1


@dataclass(frozen=True, slots=True)
class Way:
    """One box of the page: ``verdict`` is allowed, or needs_derogation."""

    verdict: str
    title: str
    sentence: str
    rule: "StrOrPromise"
    source: str
    number: str


@dataclass(frozen=True, slots=True)
class Article:
    """What the words depend on."""

    is_device: bool
    is_zero_cost: bool
    is_subsidised: bool
    is_flexible: bool
    rank: int
    provider: str


def ways_to_order(article: Article) -> list[Way]:
    """Every step that the article asks for; alone, a box that says that it orders plainly."""
    ways = []
    if article.rank != FIRST_RANK:
        ways.append(_second_rank(article))
    if article.is_device and not article.is_zero_cost:
        ways.append(_non_zero_cost())
    if not ways:
        ways.append(_plain(article))
    if article.is_flexible:
        ways.append(_flexible())
    elif article.is_device and article.is_subsidised:
        ways.append(_subsidised())
    return ways


def attributes_explained(article: Article) -> list[tuple[str, str]]:
    """The two attributes of a device, each with what it means (R-15)."""
    cost = (
        _("À coût nul : rien à payer à l'achat. C'est le choix normal.")
        if article.is_zero_cost
        else _("À coût non nul : l'organisme paie l'appareil, avec une dérogation signée.")
    )
    subsidy = (
        _("Subventionné : le prestataire en paie une part en échange d'un engagement.")
        if article.is_subsidised
        else _("Non subventionné : aucun engagement ; le forfait flexible est possible.")
    )
    return [(_("Coût"), cost), (_("Subvention"), subsidy)]


def _plain(article: Article) -> Way:
    return Way(
        "allowed",
        _("Se commande sans dérogation"),
        _("Le représentant cellulaire peut commander cet article auprès de %(provider)s.")
        % {"provider": article.provider},
        _(
            "Le prestataire de premier rang sert d'abord, et les appareils à coût nul sont le "
            "principe."
        ),
        _("%(faq)s, questions 1 et 13") % {"faq": FAQ},
        "R-13, R-14",
    )


def _second_rank(article: Article) -> Way:
    return Way(
        "needs_derogation",
        _("Demande une dérogation de réseau ou technologique"),
        _(
            "%(provider)s est le prestataire de second rang : montrez que celui de premier rang ne "
            "peut pas répondre au besoin, par exemple pour la couverture."
        )
        % {"provider": article.provider},
        _(
            "Le prestataire de second rang s'atteint par un processus de dérogation, quand celui "
            "de premier rang ne peut pas offrir un service qui répond au besoin."
        ),
        _("%(faq)s, question 1") % {"faq": FAQ},
        "R-13",
    )


def _non_zero_cost() -> Way:
    return Way(
        "needs_derogation",
        _("Demande une dérogation pour un appareil à coût non nul"),
        _(
            "Expliquez le besoin spécialisé auquel aucun appareil à coût nul ne répond ; la "
            "personne autorisée de votre organisme signe."
        ),
        _(
            "L'acquisition d'appareils à coût nul fait partie des principes du contrat. Un besoin "
            "spécialisé peut justifier un appareil à coût non nul, autorisé par l'organisme."
        ),
        _("%(faq)s, question 13") % {"faq": FAQ},
        "R-14",
    )


def _flexible() -> Way:
    return Way(
        "allowed",
        _("Va seulement avec un appareil non subventionné"),
        _(
            "À vérifier aussi pour une ligne en service : la subvention de son appareil doit être "
            "finie."
        ),
        _("Le forfait flexible est disponible seulement sur les appareils non subventionnés."),
        _("%(faq)s, question 5") % {"faq": FAQ},
        "R-16",
    )


def _subsidised() -> Way:
    return Way(
        "allowed",
        _("Ne va pas avec un forfait flexible"),
        _("Choisissez un forfait ordinaire tant que la subvention de l'appareil court."),
        _("Le forfait flexible est disponible seulement sur les appareils non subventionnés."),
        _("%(faq)s, question 5") % {"faq": FAQ},
        "R-16",
    )
