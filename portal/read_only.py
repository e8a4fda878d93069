"""One table of the console: a list with search, filters and exports, and a row's sheet; no act."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import date_hierarchy, result_headers
from django.contrib.admin.utils import get_fields_from_path, lookup_field, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.module_loading import import_string

from portal.audit import actor_label, event_label
from portal.exports import export_csv, export_xlsx
from portal.models import AuditEvent
from portal.search import matching
from portal.shown import field_label, is_numeric, plain, shown

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RELATED_ROWS, HISTORY_ROWS = 100, 20
READ_ALL_JOURNAL = "read_all_journal"
PLACE = ("branch__organisation", "branch")
"""The columns that say where a row hangs: the member, then its subdivision."""


def allowed(user: Any, permission: str) -> bool:
    """What the gate answers for every branch at once; ``portal`` names the gate by a string."""
    can: Callable[..., bool] = import_string(settings.CONSOLE_GATE)
    return can(user, permission, on=None)


@dataclass(frozen=True, slots=True)
class Related:
    """A table of rows that hang on the one shown; ``accessor`` is the reverse relation."""

    title: "StrOrPromise"
    accessor: str
    columns: tuple[str, ...]
    joined: tuple[str, ...] = ()


class ConsoleChangeList(ChangeList):
    """Django's list, where ``format`` asks for a file and filters nothing."""

    def get_filters_params(self, params: Any = None) -> Any:
        """The filters alone."""
        asked = super().get_filters_params(params)
        return {name: value for name, value in asked.items() if name != "format"}


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to read under ``permission``; nothing is added, changed or deleted here.

    ``nouns`` names the table, ``fields`` the sheet's facts, ``tables`` what hangs on the row;
    ``followed`` tells whether the journal speaks of its rows.
    A column that is not named is never shown: secrets stay out by default.
    """

    permission: ClassVar[str]
    nouns: ClassVar["StrOrPromise"]
    tables: ClassVar[tuple[Related, ...]] = ()
    followed: ClassVar[bool] = True
    fields: ClassVar[Any] = ()
    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    list_select_related: ClassVar[Any] = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the gate says, for every branch: what staff may not see stays hidden (R-44)."""
        return allowed(request.user, self.permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same as for its rows."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: only actions write."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: only actions write."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: only actions write."""
        return False

    def page_url(self, request: HttpRequest, row: Any) -> str:
        """The row's page in the portal, where acts are done; nothing when it has none."""
        return ""

    def title_of(self, row: Any) -> str:
        """How a sheet names its row."""
        return str(row)

    @cached_property
    def url_name(self) -> str:
        """The beginning of the names of this table's pages."""
        return f"{self.opts.app_label}_{self.opts.model_name}"

    @property
    def address(self) -> str:
        """Where the list is."""
        return reverse(f"admin:{self.url_name}_changelist")

    def get_urls(self) -> list[URLPattern]:
        """The list and the sheet: no other page exists."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{self.url_name}_changelist"),
            path("<str:pk>/", view(self.sheet_view), name=f"{self.url_name}_change"),
        ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Every row, with what its columns read."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Accents and case ignored, every word found (D-50)."""
        return matching(queryset, search_term, tuple(self.search_fields)), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that also exports."""
        return ConsoleChangeList

    def changelist_view(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The list, or the whole of it as a file."""
        if not self.has_view_permission(request):
            raise Http404
        try:
            listed = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(request.path)
        return self.exported(request, listed) or render(
            request, "console/row_list.html", self.list_page(listed)
        )

    def sheet_view(self, request: HttpRequest, pk: str) -> HttpResponseBase:
        """One row's sheet: its facts, what hangs on it, what the journal says of it."""
        row = self.get_object(request, unquote(pk))
        if row is None or not self.has_view_permission(request):
            raise Http404
        return render(request, "console/row_detail.html", self.sheet_page(request, row))

    def list_page(self, listed: ChangeList) -> dict[str, Any]:
        """What the list's page shows."""
        names = listed.list_display
        headers = zip(names, result_headers(listed), strict=True)
        return {
            "nouns": self.nouns,
            "listed": listed,
            "searchable": bool(self.search_fields),
            "kept": [(n, v) for n, v in listed.params.items() if n not in {"q", "format"}],
            "narrowed": bool(listed.query or listed.has_active_filters or listed.filter_params),
            "headers": [
                {**header, "text": self.label(name), "numeric": is_numeric(self.field(name))}
                for name, header in headers
            ],
            "rows": [
                (listed.url_for_result(row), [self.cell(name, row) for name in names])
                for row in listed.result_list
            ],
            "facets": [(self.facet_title(s), list(s.choices(listed))) for s in listed.filter_specs],
            "dates": date_hierarchy(listed) or {},
            "page": listed.paginator.get_page(listed.page_num),
            "previous": listed.get_query_string({"p": listed.page_num - 1}),
            "next": listed.get_query_string({"p": listed.page_num + 1}),
            "csv_url": listed.get_query_string({"format": "csv"}),
            "xlsx_url": listed.get_query_string({"format": "xlsx"}),
        }

    def sheet_page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the sheet's page shows."""
        site: Any = self.admin_site
        journal_url = site.journal_url(request, row) if self.followed else ""
        return {
            "nouns": self.nouns,
            "list_url": self.address,
            "title": self.title_of(row),
            "page_url": self.page_url(request, row),
            "facts": [(self.label(name), self.fact(request, name, row)) for name in self.fields],
            "tables": [
                self.table(request, related, row)
                for related in self.tables
                if site.may_read(request, self.opts.get_field(related.accessor).related_model)
            ],
            "journal_url": journal_url,
            "history": self.history(row) if journal_url else [],
        }

    def exported(self, request: HttpRequest, listed: ChangeList) -> HttpResponseBase | None:
        """The whole list as a file when the address says ``format=csv`` or ``format=xlsx``."""
        writer = {"csv": export_csv, "xlsx": export_xlsx}.get(request.GET.get("format", ""))
        if writer is None:
            return None
        names = listed.list_display
        rows = (
            [plain(self.value(name, row), self.field(name)) for name in names]
            for row in listed.queryset.iterator(chunk_size=2000)
        )
        return writer(str(self.opts.model_name), [self.label(name) for name in names], rows)

    def field(self, name: Any) -> Any:
        """The model's field under a column's name; None for a computed column."""
        try:
            return get_fields_from_path(self.model, name)[-1]
        except FieldDoesNotExist:
            return None

    def label(self, name: Any) -> str:
        """The French name of a column."""
        field = self.field(name)
        return field_label(field) if field else str(getattr(self, name).short_description)

    def value(self, name: Any, row: Any) -> Any:
        """What a column holds."""
        return lookup_field(name, row, self)[2]

    def cell(self, name: Any, row: Any) -> tuple[str, bool]:
        """A column's cell as it is written, and whether it aligns on its digits."""
        field = self.field(name)
        return shown(self.value(name, row), field), is_numeric(field)

    def fact(self, request: HttpRequest, name: Any, row: Any) -> str:
        """A fact of the sheet; another row is a link to its own sheet."""
        site: Any = self.admin_site
        value = self.value(name, row)
        url = isinstance(value, models.Model) and site.row_url(request, value)
        return format_html('<a href="{}">{}</a>', url, value) if url else self.cell(name, row)[0]

    def facet_title(self, spec: Any) -> str:
        """The French name of a filter."""
        path_filtered: str = getattr(spec, "field_path", "")
        return self.label(path_filtered) if path_filtered else str(spec.title)

    def table(self, request: HttpRequest, related: Related, row: Any) -> dict[str, Any]:
        """The first rows of a relation, each a link to its sheet when it has one."""
        rows = getattr(row, related.accessor).select_related(*related.joined).all()
        site: Any = self.admin_site
        page = ReadOnlyAdmin(rows.model, site)
        found = list(rows[: RELATED_ROWS + 1])
        return {
            "title": related.title,
            "columns": [(page.label(n), is_numeric(page.field(n))) for n in related.columns],
            "rows": [
                (site.row_url(request, one), [page.cell(name, one) for name in related.columns])
                for one in found[:RELATED_ROWS]
            ],
            "more": len(found) > RELATED_ROWS,
        }

    def history(self, row: Any) -> list[dict[str, Any]]:
        """What the journal last said of a row, newest first."""
        events = AuditEvent.objects.filter(object_type=row._meta.label_lower, object_id=row.pk)
        return [
            {"label": event_label(e), "at": e.recorded_at, "by": actor_label(e), "note": e.hat}
            for e in events.order_by("-pk")[:HISTORY_ROWS]
        ]
