"""Why a role opens what it opens: the rule behind each role, and the kinds of object (F-82)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from members.powers import Capacity
from members.roles import May, Role, StaffRole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Scoped:
    """A kind of object that hangs on a branch: its model, and the permission that shows it.

    ``whole`` objects belong to an organisation; ``signed`` ones are also granted to who may sign.
    """

    label: "StrOrPromise"
    model: str
    may: May
    whole: bool = False
    signed: bool = False


SCOPED = {
    "organisation": Scoped(_("Organisme"), "members.Organisation", May.SEE_MEMBER),
    "branch": Scoped(_("Subdivision"), "members.Branch", May.SEE_MEMBER),
    "respondent": Scoped(_("Répondant"), "members.Respondent", May.SEE_MEMBER),
    "membership": Scoped(_("Adhésion"), "members.Membership", May.SEE_MEMBER),
    "account": Scoped(_("Compte chez un prestataire"), "members.ProviderAccount", May.SEE_MEMBER),
    "cost_centre": Scoped(_("Centre de coûts"), "members.CostCentre", May.SEE_MEMBER),
    "order": Scoped(_("Commande"), "orders.Order", May.SEE_ORDERS),
    "line": Scoped(_("Ligne en service"), "orders.ServiceLine", May.SEE_LINES),
    "holder": Scoped(_("Détenteur"), "orders.Holder", May.SEE_LINES),
    "derogation": Scoped(
        _("Dérogation"), "derogations.Derogation", May.SEE_DEROGATIONS, signed=True
    ),
    "delegation": Scoped(_("Ligne du plan de délégation"), "members.Delegation", May.SEE_PLAN),
    "plan": Scoped(
        _("Version du plan de délégation"), "members.DelegationPlan", May.SEE_PLAN, whole=True
    ),
    "offer_request": Scoped(_("Article manquant"), "catalogue.OfferRequest", May.SEE_CATALOGUE),
}
"""By the word of the address; models are named by strings, so that arrows hold."""

POWERS: "dict[Capacity, StrOrPromise]" = {
    Capacity.HOLDER: _("La ligne %(line)s du plan nomme ce poste (%(post)s), que vous occupez."),
    Capacity.INTERIM: _(
        "La ligne %(line)s du plan nomme ce poste (%(post)s), dont l'intérim vous est confié par "
        "écrit."
    ),
    Capacity.SUBSTITUTE: _(
        "La ligne %(line)s du plan nomme ce poste (%(post)s) ; vous remplacez %(absent)s pendant "
        "son absence."
    ),
}
"""How a line of the plan reaches a person, in plain words (F-11, F-12)."""

_ROLES_DOCUMENT = _("Rôles et responsabilités des répondants, version 1.0")

RULES: "dict[str, tuple[StrOrPromise, StrOrPromise, str]]" = {
    Role.INTRL: (
        _(
            "L'interlocuteur représente l'organisme : il désigne les rôles, gère les accès, et "
            "les communications d'ITQ passent par lui."
        ),
        _ROLES_DOCUMENT,
        "R-01",
    ),
    Role.RCELL: (
        _(
            "Le représentant cellulaire commande, gère les lignes et leur imputation, et parle "
            "seul au soutien technique."
        ),
        _ROLES_DOCUMENT,
        "R-10",
    ),
    Role.MANDA: (
        _("Le mandataire évalue les services et représente l'organisme dans le contrat."),
        _ROLES_DOCUMENT,
        "R-50",
    ),
    Role.MANDA_SUBSTITUTE: (
        _("Le substitut agit à la place du mandataire."),
        _ROLES_DOCUMENT,
        "R-50",
    ),
    Role.SECTOR_MANAGER: (
        _("Le gestionnaire applique le contrat dans son secteur d'activité."),
        _ROLES_DOCUMENT,
        "R-50",
    ),
    Role.FACTU: (
        _("La facturation est le point de contact des factures mensuelles."),
        _ROLES_DOCUMENT,
        "R-40",
    ),
    Role.DERO: (
        _("La personne habilitée signe les dérogations, une fois sa désignation confirmée."),
        _ROLES_DOCUMENT,
        "R-20",
    ),
    Role.READER: (
        _("Le lecteur voit les lignes et les rapports de sa direction."),
        _ROLES_DOCUMENT,
        "R-05",
    ),
    Role.PAYER: (_("Le payeur voit les factures libérées."), _ROLES_DOCUMENT, "R-05"),
    StaffRole.AGENT: (
        _("ITQ administre le regroupement : son personnel voit les membres, sans agir pour eux."),
        _("Foire aux questions du contrat 2015-2025"),
        "R-44",
    ),
    StaffRole.ADMIN: (
        _("ITQ administre le regroupement ; son administrateur tient les membres et les contrats."),
        _("Foire aux questions du contrat 2015-2025"),
        "R-44",
    ),
}
"""Role → its rule in plain words, the document it rests on, the rule's number."""
