"""The console over the parties' agreements: contracts, memberships, their rules."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from members.models import AdministeringBody, Contract, JoiningRule, Membership, Provider
from members.roles import May, StaffMay
from portal.console import console
from portal.console_filters import ConfirmedFilter, ValidFilter
from portal.read_only import ReadOnlyAdmin, Related


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
        *("organisation", "contract", "valid", "authorisation", "filed_at", "confirmed_at"),
    )
    list_filter = ("authorisation", ConfirmedFilter, ValidFilter, "taken_over")
    list_select_related = ("organisation", "contract")
    search_fields = ("organisation__name", "authorisation_reference", "bound_by")
    date_hierarchy = "filed_at"
    ordering = ("-pk",)
    fields = (
        *("organisation", "contract", "valid", "agreement", "agreement_on", "bound_by"),
        *("filed_at", "authorisation", "authorisation_reference", "authorisation_resolution"),
        *("authorisation_on", "authorisation_file", "authorisation_reason", "confirmed_at"),
        *("confirmed_by", "taken_over"),
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
