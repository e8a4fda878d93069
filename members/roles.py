"""The role table: which role may do what, readable to a jurist (permissions.md §2)."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The five roles of the contract, then the capacities named beside them (R-05, F-06)."""

    INTRL = "intrl", _("Interlocuteur")
    RCELL = "rcell", _("Représentant cellulaire")
    MANDA = "manda", _("Mandataire")
    FACTU = "factu", _("Facturation")
    DERO = "dero", _("Dérogation")
    MANDA_SUBSTITUTE = "manda_substitute", _("Substitut du mandataire")
    SECTOR_MANAGER = "sector_manager", _("Gestionnaire de secteur")
    READER = "reader", _("Lecteur")
    PAYER = "payer", _("Payeur")


class StaffRole(models.TextChoices):
    """The two roles of the administering body's staff (D-05)."""

    AGENT = "agent", _("Agent d'ITQ")
    ADMIN = "admin", _("Administrateur d'ITQ")


class May(StrEnum):
    """What may be done on a branch; each is a guardian permission on ``Branch`` (D-01)."""

    SEE_MEMBER = "see_member"
    DESIGNATE = "designate"
    CONFIRM_DESIGNATION = "confirm_designation"
    NAME_READER = "name_reader"
    NAME_PAYER = "name_payer"
    ATTEST_IDENTITY = "attest_identity"
    KEEP_ACCESSES = "keep_accesses"
    KEEP_OWN_ACCESS = "keep_own_access"
    SEND_TO_ITQ = "send_to_itq"
    SEND_TO_ITQ_IF_AUTHORISED = "send_to_itq_if_authorised"
    FILE_MEMBERSHIP = "file_membership"
    CONFIRM_MEMBERSHIP = "confirm_membership"
    RECORD_ACCOUNT = "record_account"
    CONFIRM_ACCOUNT = "confirm_account"
    CONFIRM_ADDRESS = "confirm_address"
    KEEP_COST_CENTRES = "keep_cost_centres"
    SEE_CATALOGUE = "see_catalogue"
    ASK_OFFER = "ask_offer"
    SEE_ORDERS = "see_orders"
    ORDER = "order"
    RECORD_MILESTONE = "record_milestone"
    SETTLE_SENDING = "settle_sending"
    SEE_LINES = "see_lines"
    KEEP_LINES = "keep_lines"
    READ_JOURNAL = "read_journal"
    SEE_PLAN = "see_plan"
    RECORD_DELEGATION = "record_delegation"
    CONFIRM_DELEGATION = "confirm_delegation"
    DECLARE_ABSENCE = "declare_absence"
    SEE_DEROGATIONS = "see_derogations"
    ASK_DEROGATION = "ask_derogation"
    ATTACH_PAPER = "attach_paper"
    CONFIRM_PAPER = "confirm_paper"
    GIVE_BILLING_MANDATE = "give_billing_mandate"
    IMPORT_BILLS = "import_bills"
    SEE_INVOICES = "see_invoices"
    SEE_CHARGES = "see_charges"
    SEE_USE = "see_use"
    SEE_USE_DETAIL = "see_use_detail"
    VERIFY_INVOICES = "verify_invoices"
    MATCH_BILLED_LINES = "match_billed_lines"
    SEE_RELEASED_INVOICES = "see_released_invoices"
    RECORD_PAYMENT = "record_payment"


class PersonalMay(StrEnum):
    """What guardian grants on one object alone, to a person who needs no role (signing.md §2)."""

    SIGN_DEROGATION = "sign_derogation"


class StaffMay(StrEnum):
    """What is done for the whole group, on no branch."""

    OPEN_CONSOLE = "open_console"
    MANAGE_MEMBERS = "manage_members"
    DESIGNATE_INTRL = "designate_intrl"
    MANAGE_CONTRACTS = "manage_contracts"
    MANAGE_CATALOGUE = "manage_catalogue"
    ANSWER_MEMBERS = "answer_members"
    REPLAY_TASKS = "replay_tasks"
    READ_ALL_JOURNAL = "read_all_journal"
    APPOINT_STAFF = "appoint_staff"
    SEE_OUTGOING_MAIL = "see_outgoing_mail"
    ATTEST_INTERLOCUTOR = "attest_interlocutor"
    SET_DEROGATION_RULES = "set_derogation_rules"
    SEE_GROUP_DEROGATIONS = "see_group_derogations"
    IMPORT_GROUP_BILLS = "import_group_bills"
    SEE_GROUP_BILLS = "see_group_bills"
    MANAGE_FORMATS = "manage_formats"


MAY_LABELS = {
    May.SEE_MEMBER: _("Voir les personnes et les rôles de l'organisme"),
    May.DESIGNATE: _("Désigner les répondants et mettre fin à leur rôle"),
    May.CONFIRM_DESIGNATION: _("Confirmer une désignation conforme à l'acte au dossier"),
    May.NAME_READER: _("Nommer un lecteur"),
    May.NAME_PAYER: _("Nommer un payeur"),
    May.ATTEST_IDENTITY: _("Attester l'identité d'une personne et lever son second facteur perdu"),
    May.KEEP_ACCESSES: _("Tenir le registre des accès aux portails des prestataires"),
    May.KEEP_OWN_ACCESS: _("Inscrire son propre accès au portail d'un prestataire"),
    May.SEND_TO_ITQ: _("Écrire à ITQ au nom de l'organisme"),
    May.SEND_TO_ITQ_IF_AUTHORISED: _("Écrire à ITQ avec l'autorisation de l'interlocuteur"),
    May.FILE_MEMBERSHIP: _("Déposer les documents d'adhésion"),
    May.CONFIRM_MEMBERSHIP: _("Confirmer l'adhésion"),
    May.RECORD_ACCOUNT: _("Inscrire un compte chez un prestataire"),
    May.CONFIRM_ACCOUNT: _("Confirmer un compte chez un prestataire"),
    May.CONFIRM_ADDRESS: _("Confirmer une adresse de livraison"),
    May.KEEP_COST_CENTRES: _("Tenir les centres de coûts"),
    May.SEE_CATALOGUE: _("Consulter le catalogue"),
    May.ASK_OFFER: _("Signaler un article manquant au catalogue"),
    May.SEE_ORDERS: _("Voir les commandes"),
    May.ORDER: _("Préparer, soumettre et annuler une commande"),
    May.RECORD_MILESTONE: _("Inscrire un jalon du prestataire"),
    May.SETTLE_SENDING: _("Trancher une transmission incertaine"),
    May.SEE_LINES: _("Voir les lignes en service"),
    May.KEEP_LINES: _("Tenir les lignes et leurs détenteurs"),
    May.READ_JOURNAL: _("Lire le journal de l'organisme"),
    May.SEE_PLAN: _("Voir le plan de délégation"),
    May.RECORD_DELEGATION: _("Inscrire le plan de délégation et ses lignes"),
    May.CONFIRM_DELEGATION: _("Confirmer qu'une ligne de délégation est conforme à l'acte"),
    May.DECLARE_ABSENCE: _("Inscrire l'absence d'un signataire"),
    May.SEE_DEROGATIONS: _("Voir les dérogations"),
    May.ASK_DEROGATION: _("Demander une dérogation"),
    May.ATTACH_PAPER: _("Joindre une signature manuscrite"),
    May.CONFIRM_PAPER: _("Confirmer une signature manuscrite"),
    May.GIVE_BILLING_MANDATE: _("Donner à ITQ le mandat d'importer et de vérifier les factures"),
    May.IMPORT_BILLS: _("Déposer un fichier de facturation ou saisir une facture"),
    May.SEE_INVOICES: _("Voir les factures"),
    May.SEE_CHARGES: _("Voir les frais des lignes"),
    May.SEE_USE: _("Voir les totaux d'utilisation"),
    May.SEE_USE_DETAIL: _("Voir le détail d'utilisation d'une ligne, motif inscrit"),
    May.VERIFY_INVOICES: _("Vérifier, contester, retenir et libérer les factures"),
    May.MATCH_BILLED_LINES: _("Associer les lignes facturées au parc"),
    May.SEE_RELEASED_INVOICES: _("Voir les factures libérées"),
    May.RECORD_PAYMENT: _("Inscrire le paiement d'une facture"),
}
SIGNER_LABEL = _("Signataire")
"""The hat of a person whom a line of the plan empowers, without a role."""

_EVERY_ROLE = frozenset({May.SEE_MEMBER, May.SEE_CATALOGUE})
_SEES = _EVERY_ROLE | {May.SEE_ORDERS, May.SEE_LINES, May.SEE_DEROGATIONS, May.SEE_PLAN}

ROLE_TABLE: dict[Role, frozenset[May]] = {
    Role.INTRL: _SEES
    | {
        May.DESIGNATE,
        May.NAME_READER,
        May.NAME_PAYER,
        May.ATTEST_IDENTITY,
        May.KEEP_ACCESSES,
        May.SEND_TO_ITQ,
        May.FILE_MEMBERSHIP,
        May.RECORD_ACCOUNT,
        May.CONFIRM_ADDRESS,
        May.READ_JOURNAL,
        May.RECORD_DELEGATION,
        May.DECLARE_ABSENCE,
        May.ATTACH_PAPER,
        May.GIVE_BILLING_MANDATE,
        May.SEE_INVOICES,
        May.SEE_CHARGES,
        May.SEE_USE,
    },
    Role.RCELL: _SEES
    | {
        May.NAME_READER,
        May.KEEP_OWN_ACCESS,
        May.SEND_TO_ITQ_IF_AUTHORISED,
        May.KEEP_COST_CENTRES,
        May.ASK_OFFER,
        May.ORDER,
        May.RECORD_MILESTONE,
        May.KEEP_LINES,
        May.ASK_DEROGATION,
        May.ATTACH_PAPER,
        May.SEE_CHARGES,
        May.SEE_USE,
        May.SEE_USE_DETAIL,
        May.MATCH_BILLED_LINES,
    },
    Role.MANDA: _SEES
    | {
        May.CONFIRM_DESIGNATION,
        May.SEND_TO_ITQ_IF_AUTHORISED,
        May.READ_JOURNAL,
        May.CONFIRM_DELEGATION,
        May.ASK_DEROGATION,
        May.CONFIRM_PAPER,
        May.SEE_INVOICES,
        May.SEE_CHARGES,
        May.SEE_USE,
    },
    Role.MANDA_SUBSTITUTE: _SEES
    | {
        May.CONFIRM_DESIGNATION,
        May.READ_JOURNAL,
        May.CONFIRM_DELEGATION,
        May.ASK_DEROGATION,
        May.CONFIRM_PAPER,
        May.SEE_INVOICES,
        May.SEE_CHARGES,
        May.SEE_USE,
    },
    Role.SECTOR_MANAGER: _SEES,
    Role.FACTU: _SEES
    | {
        May.IMPORT_BILLS,
        May.SEE_INVOICES,
        May.SEE_CHARGES,
        May.SEE_USE,
        May.VERIFY_INVOICES,
        May.MATCH_BILLED_LINES,
    },
    Role.DERO: _EVERY_ROLE | {May.SEE_DEROGATIONS, May.SEE_PLAN},
    Role.READER: frozenset({May.SEE_LINES, May.SEE_USE}),
    Role.PAYER: frozenset({May.SEE_RELEASED_INVOICES, May.RECORD_PAYMENT}),
}
"""What each role may do on its branch and below (R-01 to R-10, permissions.md §2)."""

_STAFF = frozenset(
    {
        May.SEE_MEMBER,
        May.SEE_CATALOGUE,
        May.SEE_ORDERS,
        May.SEE_LINES,
        May.CONFIRM_DESIGNATION,
        May.CONFIRM_MEMBERSHIP,
        May.CONFIRM_ACCOUNT,
        May.RECORD_MILESTONE,
        May.SETTLE_SENDING,
        May.READ_JOURNAL,
        May.SEE_PLAN,
        May.RECORD_DELEGATION,
        May.CONFIRM_DELEGATION,
        May.SEE_DEROGATIONS,
        May.CONFIRM_PAPER,
    }
)
STAFF_TABLE: dict[StaffRole, frozenset[May]] = {
    StaffRole.AGENT: _STAFF,
    StaffRole.ADMIN: _STAFF,
}
"""What staff may do on every branch (D-05)."""

MANDATED: frozenset[May] = frozenset(
    {
        May.IMPORT_BILLS,
        May.SEE_INVOICES,
        May.SEE_CHARGES,
        May.SEE_USE,
        May.SEE_USE_DETAIL,
    }
)
"""What staff may do besides, on the branches whose interlocutor gave ITQ a mandate (R-44)."""

MANDATED_LABEL = _("%(role)s, sous mandat de facturation")
"""The hat under which it is done."""

_GROUP = frozenset(
    {
        StaffMay.OPEN_CONSOLE,
        StaffMay.ANSWER_MEMBERS,
        StaffMay.REPLAY_TASKS,
        StaffMay.READ_ALL_JOURNAL,
        StaffMay.SEE_OUTGOING_MAIL,
        StaffMay.ATTEST_INTERLOCUTOR,
        StaffMay.SEE_GROUP_DEROGATIONS,
        StaffMay.IMPORT_GROUP_BILLS,
        StaffMay.SEE_GROUP_BILLS,
    }
)
GROUP_TABLE: dict[StaffRole, frozenset[StaffMay]] = {
    StaffRole.AGENT: _GROUP,
    StaffRole.ADMIN: _GROUP
    | {
        StaffMay.MANAGE_MEMBERS,
        StaffMay.DESIGNATE_INTRL,
        StaffMay.MANAGE_CONTRACTS,
        StaffMay.MANAGE_CATALOGUE,
        StaffMay.APPOINT_STAFF,
        StaffMay.SET_DEROGATION_RULES,
        StaffMay.MANAGE_FORMATS,
    },
}
"""What staff may do for the whole group."""

SYSTEM_TABLE: frozenset[May | StaffMay] = frozenset(
    {
        StaffMay.APPOINT_STAFF,
        StaffMay.IMPORT_GROUP_BILLS,  # what is put in the watched folder (billing/drops.py)
    }
)
"""What the named actor SYSTEM may begin; what it finishes asks only the object's state (D-03)."""

SECOND_FACTOR_ROLES = frozenset({Role.INTRL, Role.DERO, Role.FACTU})
"""Roles whose rights need an enrolled second factor; ITQ's staff need it too (F-87)."""

CONFIRMED_ROLES = frozenset({Role.DERO})
"""Roles that take effect only once a second person confirmed them (R-02)."""

SOLE_ROLES = (Role.INTRL,)
"""Roles held by at most one person per branch at any instant (R-01)."""
