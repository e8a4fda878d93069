"""The console over the catalogue: lists, articles, imports, requests, taxes."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalogue.models import CatalogueImport, CatalogueVersion, Offer, OfferRequest, TaxRate
from members.roles import May, StaffMay
from portal.console import console
from portal.console_filters import AnsweredFilter, ValidFilter
from portal.read_only import PLACE, ReadOnlyAdmin, Related


@admin.register(CatalogueVersion, site=console)
class VersionAdmin(ReadOnlyAdmin):
    """Each provider's published lists."""

    permission = May.SEE_CATALOGUE
    nouns = _("Listes publiées")
    list_display = ("number", "rank__provider", "rank", "effective_on", "published_at")
    list_filter = ("rank__provider",)
    list_select_related = ("rank__provider", "published_by")
    date_hierarchy = "effective_on"
    ordering = ("-pk",)
    fields = ("number", "rank", "effective_on", "file", "published_at", "published_by")


@admin.register(Offer, site=console)
class OfferAdmin(ReadOnlyAdmin):
    """Articles of every version, never changed once published (R-18)."""

    permission = May.SEE_CATALOGUE
    nouns = _("Articles")
    list_display = (
        *("name", "code", "kind", "brand", "version", "one_off_amount", "monthly_amount"),
        "valid",
    )
    list_filter = ("kind", "version__rank__provider", "is_zero_cost", "is_subsidised", ValidFilter)
    list_select_related = ("version__rank__provider",)
    search_fields = ("name", "code", "brand", "label_fr", "label_en")
    ordering = ("-pk",)
    fields = (
        *("name", "kind", "code", "brand", "version", "label_fr", "label_en", "valid"),
        *("one_off_amount", "monthly_amount", "is_zero_cost", "is_subsidised"),
        *("subsidy_amount", "commitment_months", "is_flexible", "tier_basis", "included_gb"),
        *("extra_gb_amount", "is_data_only", "supports_esim", "is_fictitious"),
    )
    tables = (Related(_("Paliers"), "tiers", ("up_to_gb", "monthly_amount")),)


@admin.register(CatalogueImport, site=console)
class ImportAdmin(ReadOnlyAdmin):
    """Lists as they were received (F-45)."""

    permission = StaffMay.MANAGE_CATALOGUE
    nouns = _("Importations de listes")
    list_display = ("uploaded_at", "rank__provider", "file", "effective_on", "row_count", "state")
    list_filter = ("state", "rank__provider")
    list_select_related = ("rank__provider", "file")
    search_fields = ("file__name",)
    date_hierarchy = "uploaded_at"
    ordering = ("-pk",)
    fields = (
        *("rank", "file", "effective_on", "state", "row_count", "uploaded_at", "uploaded_by"),
        *("base", "version", "is_fictitious"),
    )

    def page_url(self, request: HttpRequest, row: CatalogueImport) -> str:
        """The dry run."""
        return reverse("catalogue:import_detail", args=[row.pk])


@admin.register(OfferRequest, site=console)
class RequestAdmin(ReadOnlyAdmin):
    """« Cet appareil manque »."""

    permission = StaffMay.ANSWER_MEMBERS
    nouns = _("Articles demandés")
    list_display = ("wanted", "provider", "branch__organisation", "asked_at", "answered_at")
    list_filter = (AnsweredFilter, "provider")
    list_select_related = ("provider", "branch__organisation")
    search_fields = ("wanted", "need", "branch__organisation__name")
    date_hierarchy = "asked_at"
    ordering = ("-pk",)
    fields = (
        *("wanted", "need", "provider", *PLACE, "asked_at", "asked_by", "answer"),
        *("answered_at", "answered_by", "read_at"),
    )

    def page_url(self, request: HttpRequest, row: OfferRequest) -> str:
        """Where ITQ answers."""
        return reverse("catalogue:request_answer", args=[row.pk])


@admin.register(TaxRate, site=console)
class TaxAdmin(ReadOnlyAdmin):
    """Sales taxes by date."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Taxes")
    list_display = ("label", "rate", "valid")
    list_filter = (ValidFilter,)
    ordering = ("code", "-valid")
    fields = ("label", "code", "rate", "valid")
