"""The console over orders, their sending, and the lines in service."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.roles import May, StaffMay
from orders.models import (
    DeliveryAddress,
    Dispatch,
    DispatchMode,
    Draw,
    FleetImport,
    Holder,
    Order,
    OrderLine,
    Reliance,
    ServiceLine,
)
from portal.console import console
from portal.console_filters import ConfirmedFilter, ReleasedFilter, ValidFilter
from portal.read_only import PLACE, ReadOnlyAdmin, Related


@admin.register(Order, site=console)
class OrderAdmin(ReadOnlyAdmin):
    """Every member's orders; what awaits a decision is settled on the order's own page."""

    permission = May.SEE_ORDERS
    nouns = _("Commandes")
    list_display = (
        *("number", "state", "branch__organisation", "rank__provider", "submitted_at"),
        *("one_off_amount", "monthly_amount"),
    )
    list_filter = ("state", "rank__provider")
    list_select_related = ("branch__organisation", "rank__provider")
    search_fields = ("number", "member_reference", "branch__organisation__name")
    date_hierarchy = "submitted_at"
    ordering = ("-pk",)
    fields = (
        *("number", "state", *PLACE, "rank", "member_reference", "created_at", "created_by"),
        *("submitted_at", "submitted_by", "attestation_version", "one_off_amount"),
        *("one_off_tps_amount", "one_off_tvq_amount", "monthly_amount", "monthly_tps_amount"),
        *("monthly_tvq_amount", "sheet", "sent_at", "provider_confirmation", "cancel_reason"),
    )
    tables = (
        Related(
            _("Lignes de commande"),
            "lines",
            *(
                ("position", "kind", "device", "plan", "accessory", "quantity", "holder"),
                ("device", "plan", "accessory", "holder"),
            ),
        ),
        Related(
            _("Transmissions"),
            "dispatches",
            ("started_at", "mode", "recipient", "outcome", "detail", "downloaded_at"),
        ),
    )

    def page_url(self, request: HttpRequest, row: Order) -> str:
        """The order's page."""
        return reverse("orders:order_detail", args=[row.branch.organisation.slug, row.number])


@admin.register(OrderLine, site=console)
class OrderLineAdmin(ReadOnlyAdmin):
    """What was ordered, for whom, and what the provider did."""

    permission = May.SEE_ORDERS
    nouns = _("Lignes de commande")
    list_display = ("order", "position", "kind", "device", "plan", "quantity", "holder")
    list_filter = ("kind", "order__state")
    list_select_related = ("order", "device", "plan", "holder")
    search_fields = ("order__number", "holder__name")
    ordering = ("-pk",)
    fields = (
        *("order", "position", "kind", "device", "plan", "accessory", "quantity"),
        *("service_line", "sim_kind", "own_imei", "holder", "cost_centre", "address"),
        *("one_off_amount", "monthly_amount"),
    )
    tables = (
        Related(
            _("Jalons du prestataire"),
            "milestones",
            ("kind", "reached_on", "note", "recorded_at", "recorded_by"),
            ("recorded_by",),
        ),
    )


@admin.register(Dispatch, site=console)
class DispatchAdmin(ReadOnlyAdmin):
    """Each attempt to reach a provider (R-19, X-22); the link's secret is never shown."""

    permission = May.SEE_ORDERS
    nouns = _("Transmissions")
    list_display = ("started_at", "order", "mode", "recipient", "outcome", "downloaded_at")
    list_filter = ("outcome", "mode")
    list_select_related = ("order",)
    search_fields = ("order__number", "recipient")
    date_hierarchy = "started_at"
    ordering = ("-pk",)
    fields = (
        *("order", "mode", "recipient", "message_id", "started_at", "outcome", "detail"),
        "downloaded_at",
    )


@admin.register(DispatchMode, site=console)
class DispatchModeAdmin(ReadOnlyAdmin):
    """How each provider receives orders, by date (R-19)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Modes de transmission")
    list_display = ("provider", "mode", "email", "valid")
    list_filter = ("provider", ValidFilter)
    list_select_related = ("provider",)
    ordering = ("provider", "-valid")
    fields = ("provider", "mode", "email", "valid")


@admin.register(ServiceLine, site=console)
class ServiceLineAdmin(ReadOnlyAdmin):
    """Lines in service, each with its dated versions (F-40)."""

    permission = May.SEE_LINES
    nouns = _("Lignes en service")
    list_display = ("number", "provider", *PLACE, "origin", "recorded_at")
    list_filter = ("provider", "origin")
    list_select_related = ("provider", "branch__organisation")
    search_fields = ("number", "branch__organisation__name")
    ordering = ("-pk",)
    fields = ("number", "provider", *PLACE, "origin", "earlier_derogation", "recorded_at")
    tables = (
        Related(
            _("Versions"),
            "versions",
            ("valid", "status", "number", "device_label", "plan_label", "holder", "reason"),
            ("holder",),
        ),
    )


@admin.register(FleetImport, site=console)
class FleetImportAdmin(ReadOnlyAdmin):
    """Files of fleets taken over (F-45)."""

    permission = May.SEE_LINES
    nouns = _("Reprises de parc")
    list_display = ("uploaded_at", "branch__organisation", "provider", "file", "row_count", "state")
    list_filter = ("state", "provider")
    list_select_related = ("branch__organisation", "provider", "file")
    search_fields = ("branch__organisation__name", "file__name")
    date_hierarchy = "uploaded_at"
    ordering = ("-pk",)
    fields = (
        *(*PLACE, "provider", "file", "starts_on", "state", "row_count", "uploaded_at"),
        *("uploaded_by", "applied_at", "applied_by"),
    )


@admin.register(Holder, site=console)
class HolderAdmin(ReadOnlyAdmin):
    """Who carries the members' lines."""

    permission = May.SEE_LINES
    nouns = _("Détenteurs")
    list_display = ("name", "function", "branch", "branch__organisation", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("branch__organisation",)
    search_fields = ("name", "employee_number", "branch__organisation__name")
    ordering = ("-pk",)
    fields = ("name", "function", "employee_number", *PLACE, "is_active")


@admin.register(DeliveryAddress, site=console)
class AddressAdmin(ReadOnlyAdmin):
    """Where things are delivered."""

    permission = May.SEE_ORDERS
    nouns = _("Adresses de livraison")
    list_display = (
        *("label", "street", "city", "postal_code", "branch__organisation", "confirmed_at"),
    )
    list_filter = (ConfirmedFilter,)
    list_select_related = ("branch__organisation",)
    search_fields = ("label", "street", "city", "branch__organisation__name")
    ordering = ("-pk",)
    fields = (
        *("label", "street", "city", "postal_code", *PLACE, "recorded_at", "confirmed_at"),
        *("confirmed_by", "retired_at"),
    )


@admin.register(Draw, site=console)
class DrawAdmin(ReadOnlyAdmin):
    """What each order line took from a derogation, and what it gave back (R-23, D-22)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Prises sur des dérogations")
    list_display = (
        *("drawn_at", "derogation", "order_line", "branch__organisation", "kinds", "quantity"),
        "released_at",
    )
    list_filter = (ReleasedFilter, "derogation__state")
    list_select_related = ("derogation", "order_line__order", "branch__organisation")
    search_fields = (
        *("derogation__number", "order_line__order__number", "branch__organisation__name"),
    )
    date_hierarchy = "drawn_at"
    ordering = ("-pk",)
    fields = (
        *("derogation", "order_line", *PLACE, "kinds", "quantity", "drawn_at", "released_at"),
        "release_reason",
    )


@admin.register(Reliance, site=console)
class RelianceAdmin(ReadOnlyAdmin):
    """The derogation that was asked or chosen for an order line (F-22)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Dérogations choisies pour des lignes")
    list_display = ("recorded_at", "order_line", "derogation", "recorded_by")
    list_filter = ("derogation__state", "order_line__order__state")
    list_select_related = ("derogation", "order_line__order", "recorded_by")
    search_fields = ("derogation__number", "order_line__order__number")
    date_hierarchy = "recorded_at"
    ordering = ("-pk",)
    fields = ("order_line", "derogation", "recorded_at", "recorded_by")
