"""ITQ's console: Django's admin as a site that only reads, opened by the gate (D-52, ADR 0005)."""

import unicodedata
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.health import health
from portal.inbox import Awaiting, counted
from portal.queue import QueueState, queue_state
from portal.read_only import READ_ALL_JOURNAL, ReadOnlyAdmin, allowed

PARTS = {
    "base": gettext_lazy("Base de données"),
    "file": gettext_lazy("Courtier"),
    "travailleur": gettext_lazy("Travailleur"),
    "documents": gettext_lazy("Documents"),
    "sceaux": gettext_lazy("Sceaux"),
}
"""How the console names what ``health()`` asks."""


class ConsoleSite(admin.AdminSite):
    """404 for whom the gate does not let in; no sign-in of its own; acts are on ITQ's pages."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that read may stand here."""
        if admin_class is None or not issubclass(admin_class, ReadOnlyAdmin):
            raise ImproperlyConfigured("the console shows ReadOnlyAdmin pages only")
        super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """ITQ's staff, second factor included; nobody is ``is_staff``."""
        return allowed(request.user, "open_console")

    def admin_view(  # type: ignore[override]
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Read, or see nothing: every page of the console passes here."""

        @require_safe
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            answer: HttpResponseBase = view(request, *args, **kwargs)
            return answer

        return inner

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The front page and each table's pages; no sign-in, no password, no catch-all."""
        return [
            path("", self.admin_view(self.index), name="index"),
            *(
                path(f"{model._meta.app_label}/{model._meta.model_name}/", include(page.urls))
                for model, page in self._registry.items()
            ),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What awaits ITQ, what can be done, how the portal is, and what can be read."""
        queue = queue_state()
        entries = list(counted(self.entries(request)))
        context = {
            "awaiting": [(entry, count) for entry, count in entries if count],
            "settled": [entry for entry, count in entries if count == 0],
            "acts": [entry for entry, count in entries if count is None],
            "parts": [{"label": PARTS[name], **part} for name, part in health().items()],
            "queue": self.queue_links(queue),
            "groups": self.groups(request),
            "journal_url": self.journal_url(request),
            "chain_url": reverse("admin:portal_auditevent_chain"),
        }
        return TemplateResponse(request, "console/index.html", context)

    def entries(self, request: HttpRequest) -> list[Awaiting]:
        """What each app counts, and the acts that begin in it."""
        sources = [import_string(path_to) for path_to in settings.CONSOLE_SOURCES]
        return [entry for source in sources for entry in source(request.user)]

    def queue_links(self, state: QueueState) -> list[dict[str, Any]]:
        """The queue's counts, each with the list that it counts."""
        address = reverse("admin:portal_queuedtask_changelist")
        told = (
            (_("en attente"), state.waiting, "waiting"),
            (_("en cours"), state.running, "running"),
            (_("en retard"), state.late, "late"),
            (_("abandonnées"), state.dead, "dead"),
        )
        return [
            {"label": label, "count": count, "url": f"{address}?etat={code}"}
            for label, count, code in told
        ]

    def groups(self, request: HttpRequest) -> list[tuple[str, list[tuple[str, str]]]]:
        """The tables that the person may read, by app, the most used app first: (name, address)."""
        found: dict[str, list[tuple[str, str]]] = {}
        for model, page in self._registry.items():
            if page.has_view_permission(request):
                app = str(model._meta.app_config.verbose_name)
                found.setdefault(app, []).append((str(page.nouns), page.address))  # type: ignore[attr-defined]
        return [(app, sorted(pages, key=_in_french)) for app, pages in found.items()][::-1]

    def journal_url(self, request: HttpRequest, row: models.Model | None = None) -> str:
        """The journal, or what it says of a row; nothing for whom it is closed."""
        if not allowed(request.user, READ_ALL_JOURNAL):
            return ""
        address = reverse("admin:portal_auditevent_changelist")
        if row is None:
            return address
        return f"{address}?object_type__exact={row._meta.label_lower}&object_id__exact={row.pk}"

    def may_read(self, request: HttpRequest, model: Any) -> bool:
        """What a table's own page says; rows without a page follow the row they hang on."""
        page = self._registry.get(model)
        return page is None or page.has_view_permission(request)

    def row_url(self, request: HttpRequest, row: models.Model) -> str:
        """Where a row is read; nothing when its table is not shown to this person."""
        if type(row) not in self._registry or not self.may_read(request, type(row)):
            return ""
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        return reverse(name, args=[quote(row.pk)])


def _in_french(page: tuple[str, str]) -> str:
    """« Événements » beside « Enregistrements »."""
    return unicodedata.normalize("NFD", page[0].casefold())


console = ConsoleSite(name="admin")
"""The one site; ``@register(Model, site=console)`` in the apps' ``admin.py``."""
