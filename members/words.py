"""Words of the table of roles: ITQ's own permissions, and the roles in short."""

from django.utils.translation import gettext_lazy as _

from members.roles import Role, StaffMay, StaffRole

GROUP_LABELS = {
    StaffMay.OPEN_CONSOLE: _("Ouvrir la console"),
    StaffMay.MANAGE_MEMBERS: _("Inscrire les organismes et leurs subdivisions"),
    StaffMay.DESIGNATE_INTRL: _("Désigner un interlocuteur sur désignation écrite"),
    StaffMay.MANAGE_CONTRACTS: _("Tenir les contrats, leurs phases et la règle d'adhésion"),
    StaffMay.MANAGE_CATALOGUE: _("Importer les listes des prestataires"),
    StaffMay.ANSWER_MEMBERS: _("Répondre aux membres"),
    StaffMay.REPLAY_TASKS: _("Relancer un travail en échec"),
    StaffMay.READ_ALL_JOURNAL: _("Lire tout le journal"),
    StaffMay.APPOINT_STAFF: _("Nommer le personnel d'ITQ"),
    StaffMay.SEE_OUTGOING_MAIL: _("Voir les courriels sortants de la démonstration"),
    StaffMay.ATTEST_INTERLOCUTOR: _(
        "Attester l'identité d'un interlocuteur et lever, à deux, un second facteur perdu"
    ),
    StaffMay.SET_DEROGATION_RULES: _(
        "Établir les règles des dérogations : preuves, délais, formulaires"
    ),
    StaffMay.SEE_GROUP_DEROGATIONS: _("Voir les dérogations du regroupement"),
    StaffMay.IMPORT_GROUP_BILLS: _("Importer les fichiers de facturation du regroupement"),
    StaffMay.SEE_GROUP_BILLS: _("Voir les totaux de facturation du regroupement"),
    StaffMay.MANAGE_FORMATS: _("Tenir les profils de format des prestataires"),
}

SHORT = {
    Role.INTRL: "INTRL",
    Role.RCELL: "RCELL",
    Role.MANDA: "MANDA",
    Role.FACTU: "FACTU",
    Role.DERO: "DERO",
    Role.MANDA_SUBSTITUTE: _("Substitut"),
    Role.SECTOR_MANAGER: _("Secteur"),
    Role.READER: _("Lecteur"),
    Role.PAYER: _("Payeur"),
    StaffRole.AGENT: _("Agent"),
    StaffRole.ADMIN: _("Admin."),
}
"""The heads of the table's columns; the five codes are those of the roles document."""
