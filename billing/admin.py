"""The console over bills: format profiles, the group's files, where rows lie; no invoice (R-44)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.models import FormatProfile, Import, ProfileVersion, RowStorage
from members.roles import StaffMay
from portal.console import console
from portal.read_only import ReadOnlyAdmin, Related


@admin.register(FormatProfile, site=console)
class ProfileAdmin(ReadOnlyAdmin):
    """Layouts of providers' files."""

    permission = StaffMay.MANAGE_FORMATS
    nouns = _("Profils de fichiers")
    list_display = ("name", "provider", "kind", "is_expected", "recorded_at")
    list_filter = ("provider", "kind", "is_expected")
    list_select_related = ("provider",)
    search_fields = ("name",)
    ordering = ("-pk",)
    fields = ("name", "provider", "kind", "is_expected", "recorded_at", "recorded_by")
    tables = (Related(_("Versions"), "versions", ("number", "state", "note", "recorded_at")),)

    def page_url(self, request: HttpRequest, row: FormatProfile) -> str:
        """Where its versions are kept."""
        return reverse("billing:staff_profile_detail", args=[row.pk])


@admin.register(ProfileVersion, site=console)
class VersionAdmin(ReadOnlyAdmin):
    """Versions of profiles, with who accepted what their controls do not see (D-42)."""

    permission = StaffMay.MANAGE_FORMATS
    nouns = _("Versions de profils")
    list_display = ("profile", "number", "state", "note", "recorded_at", "accepted_at")
    list_filter = ("state", "profile__provider")
    list_select_related = ("profile__provider",)
    search_fields = ("profile__name", "note")
    ordering = ("-pk",)
    fields = (
        *("profile", "number", "state", "note", "sample", "blind_spots", "acceptance"),
        *("accepted_at", "accepted_by", "recorded_at", "recorded_by"),
    )

    def page_url(self, request: HttpRequest, row: ProfileVersion) -> str:
        """Where it is tried and put in service."""
        return reverse("billing:staff_version_detail", args=[row.pk])


@admin.register(Import, site=console)
class ImportAdmin(ReadOnlyAdmin):
    """Readings of the group's files; those of a member are its own (R-44)."""

    permission = StaffMay.IMPORT_GROUP_BILLS
    nouns = _("Imports du regroupement")
    list_display = (
        *("bill_file", "part", "provider", "state", "period", "row_count", "rejected_count"),
        "quarantined_count",
    )
    list_filter = ("state", "part", "provider")
    list_select_related = ("bill_file", "provider")
    search_fields = ("bill_file__name",)
    date_hierarchy = "recorded_at"
    ordering = ("-pk",)
    fields = (
        *("bill_file", "part", "provider", "profile_version", "state", "period", "row_count"),
        *("rejected_count", "quarantined_count", "refusal", "recorded_at", "started_at"),
        *("finished_at", "confirmed_at", "confirmed_by"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The group's alone."""
        return super().get_queryset(request).filter(branch__isnull=True)

    def page_url(self, request: HttpRequest, row: Import) -> str:
        """Where its progress and its findings are."""
        return reverse("billing:staff_bill_file_detail", args=[row.bill_file_id])


@admin.register(RowStorage, site=console)
class StorageAdmin(ReadOnlyAdmin):
    """The tables in which charges and use lie (D-40)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Tables de lignes facturées")
    followed = False
    list_display = ("id", "kind", "provider", "month", "opened_at", "attached_at", "dropped_at")
    list_filter = ("kind", "provider")
    list_select_related = ("provider",)
    ordering = ("-pk",)
    fields = (
        *("id", "kind", "provider", "month", "recorded_at", "opened_at", "attached_at"),
        "dropped_at",
    )
