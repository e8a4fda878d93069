"""The console over the ground: the journal, promised work, stored files."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit import EVENTS, actor_label, event_label
from portal.console import console
from portal.journal_check import chain_tail
from portal.models import AuditEvent, QueuedTask, StoredFile
from portal.queue import standings
from portal.read_only import READ_ALL_JOURNAL, ReadOnlyAdmin


class ActFilter(admin.SimpleListFilter):
    """The journal of one act, by its French name."""

    title = _("Acte")  # type: ignore[assignment]
    parameter_name = "acte"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every declared act, in French order."""
        return sorted(((code, str(event.label)) for code, event in EVENTS.items()), key=_by_label)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        """The events of that act."""
        return queryset.filter(code=self.value()) if self.value() else queryset


class TaskFilter(admin.SimpleListFilter):
    """Where a promised task stands."""

    title = _("État")  # type: ignore[assignment]
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """From promised to done, or given up."""
        return [
            ("waiting", _("En attente")),
            ("running", _("En cours")),
            ("late", _("En retard")),
            ("dead", _("Abandonnée")),
            ("done", _("Accomplie")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueuedTask]
    ) -> QuerySet[QueuedTask]:
        """The tasks that stand there."""
        if self.value() == "done":
            return queryset.filter(done_at__isnull=False)
        standing = standings().get(self.value() or "")
        return queryset.filter(standing, done_at__isnull=True) if standing else queryset


@admin.register(AuditEvent, site=console)
class JournalAdmin(ReadOnlyAdmin):
    """Every act, as it was (F-83)."""

    permission = READ_ALL_JOURNAL
    followed = False
    nouns = _("Événements du journal")
    list_display = ("recorded_at", "act", "object_label", "who", "hat")
    list_filter = (ActFilter,)
    search_fields = ("actor_label", "object_label")
    date_hierarchy = "recorded_at"
    ordering = ("-pk",)
    fields = (
        *("recorded_at", "act", "who", "hat", "object_type", "object_id", "object_label"),
        "told",
    )

    @admin.display(description=_("Acte"), ordering="code")
    def act(self, row: AuditEvent) -> str:
        """The act's French name."""
        return event_label(row)

    def get_urls(self) -> list[URLPattern]:
        """The chain's page beside the list and the sheet."""
        chain = self.admin_site.admin_view(self.chain_view)
        return [path("chaine/", chain, name="portal_auditevent_chain"), *super().get_urls()]

    def chain_view(self, request: HttpRequest) -> HttpResponse:
        """Verify the end of the chain; the command verifies the whole (X-30)."""
        if not self.has_view_permission(request):
            raise Http404
        tail = chain_tail()
        facts = [
            (gettext("Maillons vérifiés"), f"{tail.first} à {tail.last}"),
            (gettext("Événements qui attendent leur maillon"), tail.waiting),
        ]
        return render(request, "console/chain.html", {"faults": tail.faults, "facts": facts})

    @admin.display(description=_("Qui"), ordering="actor_label")
    def who(self, row: AuditEvent) -> str:
        """Who acted."""
        return actor_label(row)

    def title_of(self, row: AuditEvent) -> str:
        """The act and its object, in French."""
        return f"{event_label(row)} : {row.object_label}"

    def page_url(self, request: HttpRequest, row: AuditEvent) -> str:
        """The sheet of the object, as it is now; it may be gone."""
        try:
            model: Any = apps.get_model(row.object_type)
        except LookupError:
            return ""
        return console.row_url(request, model(pk=row.object_id))

    @admin.display(description=_("Données"))
    def told(self, row: AuditEvent) -> str:
        """What the act told besides, as it was written."""
        return format_html_join(
            "", "<div><code>{}</code> : {}</div>", ((k, str(v)) for k, v in row.data.items())
        )


@admin.register(QueuedTask, site=console)
class TaskAdmin(ReadOnlyAdmin):
    """Work promised by an act: what waits, what was given up and why."""

    permission = "replay_tasks"
    nouns = _("Tâches promises")
    list_display = ("created_at", "task_name", "ids", "attempts", "due_at", "done_at", "dead_at")
    list_filter = (TaskFilter,)
    search_fields = ("task_name", "last_error")
    ordering = ("-pk",)
    fields = (
        *("task_name", "ids", "created_at", "due_at", "attempts", "leased_until", "done_at"),
        *("dead_at", "last_error"),
    )

    @admin.display(description=_("Sur"))
    def ids(self, row: QueuedTask) -> str:
        """What the task works on: identifiers only."""
        return ", ".join(f"{name} {value}" for name, value in row.kwargs.items())


@admin.register(StoredFile, site=console)
class FileAdmin(ReadOnlyAdmin):
    """Private files, by name and fingerprint; their content is read where they are used."""

    permission = "open_console"
    nouns = _("Fichiers conservés")
    list_display = ("stored_at", "name", "content_type", "size")
    list_filter = ("content_type",)
    search_fields = ("name", "sha256")
    ordering = ("-pk",)
    fields = ("name", "content_type", "size", "stored_at", "sha256")


def _by_label(choice: tuple[str, str]) -> str:
    return choice[1].casefold()
