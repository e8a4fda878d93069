"""The console over members: who, for whom, under which agreement.

A member's accesses to providers' portals are not here: ITQ sees their totals only (R-06).
"""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import (
    AccountManager,
    AdministeringBody,
    Branch,
    Contract,
    CostCentre,
    FactorReset,
    Invitation,
    ItqMessage,
    JoiningRule,
    Membership,
    Organisation,
    Person,
    Provider,
    ProviderAccount,
    Respondent,
    StaffAppointment,
    StandingAuthorisation,
    User,
)
from members.roles import May, StaffMay
from portal.console import console
from portal.console_filters import ConfirmedFilter, HandledFilter, PeriodFilter, ValidFilter
from portal.read_only import ReadOnlyAdmin, Related


@admin.register(Organisation, site=console)
class OrganisationAdmin(ReadOnlyAdmin):
    """The public bodies of the group."""

    permission = May.SEE_MEMBER
    nouns = _("Organismes")
    list_display = ("name", "kind", "status", "administrative_region", "population", "neq")
    list_filter = ("status", "kind", "payment_system", "is_fictitious")
    search_fields = ("name", "neq", "administrative_region")
    fields = (
        *("name", "kind", "status", "neq", "population", "administrative_region"),
        *("payment_system", "payment_reference", "slug", "is_fictitious"),
    )
    tables = (
        Related(_("Organisme et subdivisions"), "branches", ("name", "is_root")),
        Related(
            _("Adhésions"),
            "memberships",
            ("contract", "valid", "authorisation", "confirmed_at"),
            ("contract",),
        ),
    )

    def page_url(self, row: Organisation) -> str:
        """The member's home."""
        return reverse("members:member_home", args=[row.slug])


@admin.register(Branch, site=console)
class BranchAdmin(ReadOnlyAdmin):
    """What rights hang on: a member, or one of its billing subdivisions."""

    permission = May.SEE_MEMBER
    nouns = _("Subdivisions")
    list_display = ("name", "organisation", "is_root")
    list_filter = ("is_root",)
    list_select_related = ("organisation",)
    search_fields = ("name", "organisation__name")
    fields = ("name", "organisation", "is_root")
    tables = (
        Related(
            _("Répondants"),
            "respondents",
            ("person", "role", "period", "confirmed_at"),
            ("person",),
        ),
        Related(
            _("Comptes chez les prestataires"),
            "provider_accounts",
            ("number", "provider", "opened_on", "closed_on", "confirmed_at"),
            ("provider",),
        ),
        Related(_("Centres de coûts"), "cost_centres", ("code", "name", "is_active")),
    )


@admin.register(Person, site=console)
class PersonAdmin(ReadOnlyAdmin):
    """Human beings, with none, one or several accounts."""

    permission = May.SEE_MEMBER
    nouns = _("Personnes")
    list_display = ("family_name", "given_name", "function", "email", "phone")
    search_fields = ("given_name", "family_name", "email", "function")
    list_select_related = ("identity_attested_by",)
    fields = (
        *("given_name", "family_name", "function", "email", "phone", "identity_attested_at"),
        *("identity_attested_by", "identity_method"),
    )
    tables = (
        Related(
            _("Rôles"),
            "respondents",
            ("role", "branch", "period", "confirmed_at", "end_reason"),
            ("branch",),
        ),
        Related(_("Comptes d'accès"), "accounts", ("email", "is_active", "created_at")),
        Related(_("Fonctions à ITQ"), "appointments", ("role", "period")),
    )


@admin.register(User, site=console)
class UserAdmin(ReadOnlyAdmin):
    """Accounts; a password is never shown, not even its fingerprint."""

    permission = May.SEE_MEMBER
    nouns = _("Comptes d'accès")
    list_display = ("email", "person", "is_active", "created_at", "last_login")
    list_filter = ("is_active",)
    list_select_related = ("person",)
    search_fields = ("email", "person__given_name", "person__family_name")
    ordering = ("email",)
    fields = ("email", "person", "is_active", "created_at", "last_login")


@admin.register(Respondent, site=console)
class RespondentAdmin(ReadOnlyAdmin):
    """Who holds which role, where and when: the source of every right (D-02)."""

    permission = May.SEE_MEMBER
    nouns = _("Répondants")
    list_display = ("person", "role", "branch", "branch__organisation", "period", "confirmed_at")
    list_filter = ("role", PeriodFilter, ConfirmedFilter)
    list_select_related = ("person", "branch__organisation")
    search_fields = (
        *("person__given_name", "person__family_name", "branch__name"),
        "branch__organisation__name",
    )
    ordering = ("-pk",)
    fields = (
        *(
            "person",
            "role",
            "branch__organisation",
            "branch",
            "period",
            "sector",
            "act_reference",
            "act_file",
        ),
        *("recorded_at", "recorded_by", "confirmed_at", "confirmed_by", "ended_at", "ended_by"),
        *("end_reason", "retracted_at", "retracted_by"),
    )
    tables = (
        Related(
            _("Autorisations d'écrire à ITQ"),
            "standing_authorisations",
            ("period", "authorised_at"),
        ),
    )

    def page_url(self, row: Respondent) -> str:
        """The row in the member's register."""
        return reverse("members:respondent_detail", args=[row.branch.organisation.slug, row.pk])


@admin.register(Invitation, site=console)
class InvitationAdmin(ReadOnlyAdmin):
    """Links sent to those who were named; the link itself is never shown."""

    permission = May.SEE_MEMBER
    nouns = _("Invitations")
    list_display = (
        "email",
        "role",
        "branch__organisation",
        "invited_at",
        "expires_at",
        "accepted_at",
    )
    list_filter = ("role",)
    list_select_related = ("branch__organisation",)
    search_fields = ("email", "person__family_name", "branch__name")
    date_hierarchy = "invited_at"
    ordering = ("-pk",)
    fields = (
        *(
            "email",
            "person",
            "role",
            "branch__organisation",
            "branch",
            "sector",
            "invited_at",
            "invited_by",
            "sent_at",
        ),
        *("expires_at", "accepted_at", "accepted_by", "revoked_at", "revoked_reason"),
    )


@admin.register(StaffAppointment, site=console)
class StaffAdmin(ReadOnlyAdmin):
    """ITQ's staff, dated (D-05)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Personnel d'ITQ")
    list_display = ("person", "role", "period", "recorded_at")
    list_filter = ("role", PeriodFilter)
    list_select_related = ("person",)
    search_fields = ("person__given_name", "person__family_name")
    ordering = ("-pk",)
    fields = ("person", "role", "period", "recorded_at")


@admin.register(FactorReset, site=console)
class FactorResetAdmin(ReadOnlyAdmin):
    """Second factors lifted by two persons (signing.md §3.4)."""

    permission = StaffMay.ATTEST_INTERLOCUTOR
    nouns = _("Seconds facteurs levés")
    list_display = ("account", "asked_at", "asked_by", "completed_at", "completed_by")
    list_select_related = ("account", "asked_by", "completed_by")
    search_fields = ("account__email",)
    ordering = ("-pk",)
    fields = ("account", "callback_note", "asked_at", "asked_by", "completed_at", "completed_by")


@admin.register(Contract, site=console)
class ContractAdmin(ReadOnlyAdmin):
    """Group contracts, their providers by rank and their phases."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Contrats")
    list_display = ("title", "valid")
    list_filter = (ValidFilter,)
    ordering = ("-pk",)
    fields = ("title", "valid")
    tables = (
        Related(_("Prestataires"), "ranks", ("provider", "rank", "number"), ("provider",)),
        Related(
            _("Phases"),
            "phases",
            ("kind", "valid", "order_kinds", "act_reference", "is_fictitious"),
        ),
    )


@admin.register(Provider, site=console)
class ProviderAdmin(ReadOnlyAdmin):
    """Providers and how orders reach them."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Prestataires")
    list_display = ("name", "code")
    fields = ("name", "code")
    tables = (
        Related(_("Contrats"), "ranks", ("contract", "rank", "number"), ("contract",)),
        Related(_("Modes de transmission"), "modes", ("mode", "email", "valid")),
    )


@admin.register(Membership, site=console)
class MembershipAdmin(ReadOnlyAdmin):
    """Agreements to a contract, and the MAMH's authorisations (R-03)."""

    permission = May.SEE_MEMBER
    nouns = _("Adhésions")
    list_display = (
        "organisation",
        "contract",
        "valid",
        "authorisation",
        "filed_at",
        "confirmed_at",
    )
    list_filter = ("authorisation", ConfirmedFilter, ValidFilter, "taken_over")
    list_select_related = ("organisation", "contract")
    search_fields = ("organisation__name", "authorisation_reference", "bound_by")
    date_hierarchy = "filed_at"
    ordering = ("-pk",)
    fields = (
        *("organisation", "contract", "valid", "agreement", "agreement_on", "bound_by", "filed_at"),
        *("authorisation", "authorisation_reference", "authorisation_resolution"),
        *("authorisation_on", "authorisation_file", "authorisation_reason", "confirmed_at"),
        *("confirmed_by", "taken_over"),
    )


@admin.register(ProviderAccount, site=console)
class ProviderAccountAdmin(ReadOnlyAdmin):
    """Billing accounts at the providers (R-17)."""

    permission = May.SEE_MEMBER
    nouns = _("Comptes chez les prestataires")
    list_display = (
        "number",
        "provider",
        "branch",
        "branch__organisation",
        "opened_on",
        "confirmed_at",
    )
    list_filter = ("provider", ConfirmedFilter)
    list_select_related = ("provider", "branch__organisation")
    search_fields = ("number", "branch__name", "branch__organisation__name")
    ordering = ("-pk",)
    fields = (
        *(
            "number",
            "provider",
            "branch__organisation",
            "branch",
            "asked_on",
            "opened_on",
            "closed_on",
            "recorded_at",
        ),
        *("confirmed_at", "confirmed_by"),
    )


@admin.register(AccountManager, site=console)
class AccountManagerAdmin(ReadOnlyAdmin):
    """The providers' account managers for the members (R-06)."""

    permission = May.SEE_MEMBER
    nouns = _("Gestionnaires de compte")
    list_display = ("name", "provider", "branch__organisation", "email", "phone", "period")
    list_filter = ("provider", PeriodFilter)
    list_select_related = ("provider", "branch__organisation")
    search_fields = ("name", "email", "branch__name")
    ordering = ("name",)
    fields = ("name", "provider", "branch__organisation", "branch", "email", "phone", "period")


@admin.register(CostCentre, site=console)
class CostCentreAdmin(ReadOnlyAdmin):
    """Where the members charge their lines."""

    permission = May.SEE_MEMBER
    nouns = _("Centres de coûts")
    list_display = ("code", "name", "branch", "branch__organisation", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("branch__organisation",)
    search_fields = ("code", "name", "branch__organisation__name")
    fields = ("code", "name", "branch__organisation", "branch", "is_active")


@admin.register(ItqMessage, site=console)
class MessageAdmin(ReadOnlyAdmin):
    """What passes between the members and ITQ (R-07)."""

    permission = StaffMay.ANSWER_MEMBERS
    nouns = _("Messages")
    list_display = ("subject", "direction", "branch__organisation", "sent_at", "handled_at")
    list_filter = ("direction", HandledFilter)
    list_select_related = ("branch__organisation",)
    search_fields = ("subject", "body", "branch__organisation__name")
    date_hierarchy = "sent_at"
    ordering = ("-pk",)
    fields = (
        *(
            "subject",
            "body",
            "direction",
            "branch__organisation",
            "branch",
            "in_reply_to",
            "sent_at",
            "sent_by",
        ),
        *("handled_at", "handled_by", "copy_seen_at", "copy_seen_by"),
    )


@admin.register(StandingAuthorisation, site=console)
class StandingAuthorisationAdmin(ReadOnlyAdmin):
    """Who may write to ITQ in a member's name (R-07)."""

    permission = May.SEE_MEMBER
    nouns = _("Autorisations d'écrire à ITQ")
    list_display = (
        "respondent",
        "branch__organisation",
        "period",
        "authorised_at",
        "authorised_by",
    )
    list_filter = (PeriodFilter,)
    list_select_related = ("respondent__person", "branch__organisation", "authorised_by")
    search_fields = ("respondent__person__family_name", "branch__organisation__name")
    ordering = ("-pk",)
    fields = (
        "respondent",
        "branch__organisation",
        "branch",
        "period",
        "authorised_at",
        "authorised_by",
    )


@admin.register(AdministeringBody, site=console)
class AdministeringBodyAdmin(ReadOnlyAdmin):
    """Who runs the group, by date."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Organisme administrateur")
    list_display = ("name", "full_name", "advisers_email", "valid")
    ordering = ("-valid",)
    fields = ("name", "full_name", "advisers_email", "approval_email", "valid")


@admin.register(JoiningRule, site=console)
class JoiningRuleAdmin(ReadOnlyAdmin):
    """The MAMH's authorisation rule, by date (R-03)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Règle de l'autorisation du MAMH")
    list_display = ("mode", "population_under", "years_over", "valid")
    ordering = ("-valid",)
    fields = ("mode", "population_under", "years_over", "source", "valid")
