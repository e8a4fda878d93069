"""The list page: search, filters kept in the URL, sort, pages, CSV and XLSX, in one mechanism."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from portal.exports import export_csv, export_xlsx
from portal.search import matching

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``value`` gives the exported cell, ``order_by`` what a click sorts on.

    ``listed`` is False for a column that stands in the exports only.
    """

    name: str
    label: "StrOrPromise"
    value: Callable[[Any], object]
    order_by: tuple[Any, ...] = ()
    numeric: bool = False
    listed: bool = True


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """What a list shows, searches, filters and sorts by default."""

    name: str
    columns: tuple[Column, ...]
    search: tuple[str, ...] = ()
    filters: type[django_filters.FilterSet] | None = None
    default_sort: str = ""


@dataclass
class Listing:
    """A definition over a queryset already narrowed by the gate, for one request.

    ``filter_context`` is passed to the FilterSet as keyword arguments of its own.
    """

    request: HttpRequest
    definition: ListDefinition
    queryset: QuerySet[Any]
    filter_context: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def query(self) -> str:
        """The words searched."""
        return self.request.GET.get("q", "").strip()[:200]

    @cached_property
    def filterset(self) -> django_filters.FilterSet | None:
        """The bound filters; an unknown value filters nothing and shows its error."""
        if self.definition.filters is None:
            return None
        return self.definition.filters(
            self.request.GET, queryset=self.queryset, request=self.request, **self.filter_context
        )

    @cached_property
    def filter_form(self) -> forms.Form:
        """The search field, where the list has one, then the filters."""
        bound = self.filterset.form if self.filterset else forms.Form(self.request.GET)
        form: forms.Form = copy(bound)
        form._bound_fields_cache = {}  # type: ignore[attr-defined]
        if self.definition.search:
            search = forms.CharField(
                label=_("Rechercher"), required=False, max_length=200, widget=forms.SearchInput
            )
            form.fields = {"q": search, **form.fields}
        return form

    @cached_property
    def headers(self) -> list[dict[str, object]]:
        """The columns as ``components/table.html`` takes them."""
        return [
            {"label": c.label, "key": c.name if c.order_by else "", "numeric": c.numeric}
            for c in self.definition.columns
            if c.listed
        ]

    @property
    def clear_url(self) -> str:
        """The list without its filters, when there are some."""
        return self.request.path if self.active_filters else ""

    @cached_property
    def count(self) -> int:
        """How many rows match."""
        return int(self.page.paginator.count)

    @cached_property
    def sort(self) -> str:
        """``name`` or ``-name`` of a sortable column."""
        asked = self.request.GET.get("tri", "")
        sortable = {c.name for c in self.definition.columns if c.order_by}
        return asked if asked.removeprefix("-") in sortable else self.definition.default_sort

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Every row that matches, sorted; the primary key settles ties."""
        rows = self.filterset.qs if self.filterset else self.queryset
        if self.query and self.definition.search:
            rows = matching(rows, self.query, self.definition.search)
        column = next(
            (c for c in self.definition.columns if c.name == self.sort.removeprefix("-")), None
        )
        if column is None:
            return rows
        down = self.sort.startswith("-")
        orders = [_directed(expression, down) for expression in column.order_by]
        return rows.order_by(*orders, "-pk" if down else "pk")

    @cached_property
    def page(self) -> Page[Any]:
        """The page asked for, or the nearest.

        Its keys are found first, so that only its own rows are joined (performance.md §5).
        """
        keys = self.rows.values_list("pk", flat=True)
        page = _page_of(keys, self.request.GET.get("page", ""), searched=bool(self.query))
        wanted = list(page.object_list)
        rows = self.queryset.order_by().in_bulk(wanted)
        page.object_list = [rows[key] for key in wanted if key in rows]
        return page

    @property
    def active_filters(self) -> bool:
        """Whether the list is narrowed by something the person typed."""
        ignored = {"tri", "page", "format"}
        return any(value for name, value in self.request.GET.items() if name not in ignored)

    def export(self) -> HttpResponseBase | None:
        """The whole list as a file when the URL says ``format=csv`` or ``format=xlsx``."""
        writer = {"csv": export_csv, "xlsx": export_xlsx}.get(self.request.GET.get("format", ""))
        if writer is None:
            return None
        labels = [str(column.label) for column in self.definition.columns]
        rows = (
            [column.value(row) for column in self.definition.columns]
            for row in self.rows.iterator(chunk_size=2000)
        )
        return writer(self.definition.name, labels, rows)

    def url(self, **changes: str) -> str:
        """The list's own address with some parameters changed; an empty value removes one."""
        parameters = self.request.GET.copy()
        for name, value in changes.items():
            parameters.pop(name, None)
            if value:
                parameters[name] = value
        return "?" + parameters.urlencode()


def _page_of(keys: QuerySet[Any], asked: str, *, searched: bool) -> Page[Any]:
    """A page of keys; the first is read once, and not counted besides when the list fits on it.

    What is searched is read whole to be found, so its first page is counted in the same reading.
    """
    if asked:
        return Paginator(keys, PAGE_SIZE).get_page(asked)
    if searched:
        found = list(keys.values_list("pk", Window(Count("*")))[:PAGE_SIZE])
        paginator = Paginator(keys, PAGE_SIZE)
        paginator.count = found[0][1] if found else 0
        return Page([key for key, _whole in found], 1, paginator)
    first = list(keys[: PAGE_SIZE + 1])
    whole = first if len(first) <= PAGE_SIZE else keys
    return Page(first[:PAGE_SIZE], 1, Paginator(whole, PAGE_SIZE))


def _directed(expression: Any, down: bool) -> Any:
    """A field name or an expression, ascending or descending."""
    if isinstance(expression, str):
        return f"-{expression}" if down else expression
    return expression.desc() if down else expression.asc()
