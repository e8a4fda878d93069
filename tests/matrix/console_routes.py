"""The rows of ITQ's console: pages that read, hidden from everybody else (D-52)."""

from tests.matrix.expected import Kind, Row

TABLES = (
    *("catalogue_catalogueversion", "catalogue_offer"),
    *("catalogue_offerrequest", "catalogue_taxrate", "members_accountmanager"),
    *("members_administeringbody", "members_branch", "members_contract", "members_costcentre"),
    *("members_factorreset", "members_invitation", "members_itqmessage", "members_joiningrule"),
    *("members_membership", "members_organisation", "members_person", "members_provider"),
    *("members_provideraccount", "members_respondent", "members_staffappointment"),
    *("members_standingauthorisation", "members_user", "orders_deliveryaddress"),
    *("derogations_derogation", "derogations_version", "derogations_signature"),
    *("derogations_refusal", "derogations_reminder", "derogations_proofrule"),
    *("derogations_challenge", "derogations_papersignature", "derogations_registerstamp"),
    *("derogations_seal", "derogations_withdrawal", "members_absence", "members_delegation"),
    *("members_delegationplan", "members_interim", "members_signingrule", "orders_draw"),
    "orders_reliance",
    *("derogations_providerform", "derogations_reexamination", "derogations_replytemplate"),
    *("orders_dispatch", "orders_dispatchmode", "orders_fleetimport", "orders_holder"),
    *("orders_order", "orders_orderline", "orders_serviceline"),
    *("portal_auditevent", "portal_queuedtask", "portal_storedfile"),
    *("billing_formatprofile", "billing_import", "billing_profileversion", "billing_rowstorage"),
)
CONSOLE = ("open_console",)
CLOSER = {
    "catalogue_catalogueimport": ("manage_catalogue",),
    "billing_formatprofile": ("manage_formats",),
    "billing_import": ("import_group_bills",),
    "billing_profileversion": ("manage_formats",),
}
"""Tables that only some of the staff read, with what they ask."""

JOURNAL = ("read_all_journal",)
MANAGE = ("manage_catalogue",)

IMPORTS = "catalogue_catalogueimport"

CONSOLE_ROWS = (
    Row(f"admin:{IMPORTS}_changelist", Kind.CONSOLE, see=MANAGE, refused=404),
    Row(
        f"admin:{IMPORTS}_change",
        Kind.CONSOLE,
        on="console:catalogue.catalogueimport",
        see=MANAGE,
        refused=404,
    ),
    Row("admin:index", Kind.CONSOLE, see=CONSOLE, refused=404),
    Row("admin:portal_auditevent_chain", Kind.CONSOLE, see=JOURNAL, refused=404),
    *(
        Row(f"admin:{table}_changelist", Kind.CONSOLE, see=CLOSER.get(table, CONSOLE), refused=404)
        for table in TABLES
    ),
    *(
        Row(
            f"admin:{table}_change",
            Kind.CONSOLE,
            on=f"console:{table.replace('_', '.')}",
            see=CLOSER.get(table, CONSOLE),
            refused=404,
        )
        for table in TABLES
    ),
)
