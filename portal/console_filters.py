"""Filters that several tables of the console share: what is in force, what is answered."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.clock import today


class ValidFilter(admin.SimpleListFilter):
    """Whether a row dated by days is in force today."""

    title = _("En vigueur")  # type: ignore[assignment]
    parameter_name = "vigueur"
    dates: ClassVar[str] = "valid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Now, later, no more."""
        return [("oui", _("Maintenant")), ("futur", _("À venir")), ("passe", _("Terminé"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that stand there."""
        lookups = {
            "oui": f"{self.dates}__contains",
            "futur": f"{self.dates}__startswith__gt",
            "passe": f"{self.dates}__endswith__lte",
        }
        asked = lookups.get(self.value() or "")
        return queryset.filter(**{asked: self.now()}) if asked else queryset

    def now(self) -> Any:
        """The day that is asked about."""
        return today()


class PeriodFilter(ValidFilter):
    """Whether a row dated by instants is in force now."""

    dates: ClassVar[str] = "period"

    def now(self) -> Any:
        """The instant that is asked about."""
        return timezone.now()


class DoneFilter(admin.SimpleListFilter):
    """Whether something awaited was done; ``instant`` is the column that says when."""

    instant: ClassVar[str]
    answers: ClassVar[tuple[Any, Any]] = (_("Oui"), _("Non"))

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Done, or awaited."""
        done, awaited = self.answers
        return [("oui", done), ("non", awaited)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that stand there."""
        if self.value() not in ("oui", "non"):
            return queryset
        return queryset.filter(**{f"{self.instant}__isnull": self.value() == "non"})


class ConfirmedFilter(DoneFilter):
    """Whether a second person confirmed the row."""

    title = _("Confirmé")  # type: ignore[assignment]
    parameter_name = "confirme"
    instant = "confirmed_at"


class HandledFilter(DoneFilter):
    """Whether a message was handled."""

    title = _("Traité")  # type: ignore[assignment]
    parameter_name = "traite"
    instant = "handled_at"


class AnsweredFilter(DoneFilter):
    """Whether a request was answered."""

    title = _("Répondu")  # type: ignore[assignment]
    parameter_name = "repondu"
    instant = "answered_at"
