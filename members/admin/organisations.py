"""The console over what a member is and holds: branches, accounts, cost centres.

Its accesses to providers' portals are not here: ITQ sees their totals only (R-06).
"""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import AccountManager, Branch, CostCentre, Organisation, ProviderAccount
from members.roles import May
from portal.console import console
from portal.console_filters import ConfirmedFilter, PeriodFilter
from portal.read_only import PLACE, ReadOnlyAdmin, Related


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

    def page_url(self, request: HttpRequest, row: Organisation) -> str:
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


@admin.register(ProviderAccount, site=console)
class ProviderAccountAdmin(ReadOnlyAdmin):
    """Billing accounts at the providers (R-17)."""

    permission = May.SEE_MEMBER
    nouns = _("Comptes chez les prestataires")
    list_display = (
        *("number", "provider", "branch", "branch__organisation", "opened_on", "confirmed_at"),
    )
    list_filter = ("provider", ConfirmedFilter)
    list_select_related = ("provider", "branch__organisation")
    search_fields = ("number", "branch__name", "branch__organisation__name")
    ordering = ("-pk",)
    fields = (
        *("number", "provider", *PLACE, "asked_on", "opened_on", "closed_on", "recorded_at"),
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
    fields = ("name", "provider", *PLACE, "email", "phone", "period")


@admin.register(CostCentre, site=console)
class CostCentreAdmin(ReadOnlyAdmin):
    """Where the members charge their lines."""

    permission = May.SEE_MEMBER
    nouns = _("Centres de coûts")
    list_display = ("code", "name", "branch", "branch__organisation", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("branch__organisation",)
    search_fields = ("code", "name", "branch__organisation__name")
    fields = ("code", "name", *PLACE, "is_active")
