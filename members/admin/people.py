"""The console over people: accounts, roles, invitations, ITQ's staff."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import FactorReset, Invitation, Person, Respondent, StaffAppointment, User
from members.roles import May, StaffMay
from portal.console import console
from portal.console_filters import ConfirmedFilter, PeriodFilter
from portal.read_only import PLACE, ReadOnlyAdmin, Related


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
        *("person", "role", *PLACE, "period", "sector", "act_reference", "act_file"),
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

    def page_url(self, request: HttpRequest, row: Respondent) -> str:
        """The row in the member's register."""
        return reverse("members:respondent_detail", args=[row.branch.organisation.slug, row.pk])


@admin.register(Invitation, site=console)
class InvitationAdmin(ReadOnlyAdmin):
    """Links sent to those who were named; the link itself is never shown."""

    permission = May.SEE_MEMBER
    nouns = _("Invitations")
    list_display = (
        *("email", "role", "branch__organisation", "invited_at", "expires_at", "accepted_at"),
    )
    list_filter = ("role",)
    list_select_related = ("branch__organisation",)
    search_fields = ("email", "person__family_name", "branch__name")
    date_hierarchy = "invited_at"
    ordering = ("-pk",)
    fields = (
        *("email", "person", "role", "delegation", *PLACE, "sector", "invited_at", "invited_by"),
        "sent_at",
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
