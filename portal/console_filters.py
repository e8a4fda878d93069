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


class StandingFilter(PeriodFilter):
    """Whether the portal still holds a row for true, or said otherwise since."""

    title = _("Au dossier")  # type: ignore[assignment]
    parameter_name = "dossier"
    dates: ClassVar[str] = "recorded"


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


class EndedFilter(DoneFilter):
    """Whether something was ended before its time."""

    title = _("Fin inscrite")  # type: ignore[assignment]
    parameter_name = "fin"
    instant = "ended_at"


class ReleasedFilter(DoneFilter):
    """Whether a quantity was given back."""

    title = _("Rendue")  # type: ignore[assignment]
    parameter_name = "rendue"
    instant = "released_at"


class SealedFilter(DoneFilter):
    """Whether the sealed document is there."""

    title = _("Scellée")  # type: ignore[assignment]
    parameter_name = "scellee"
    instant = "sealed_at"


class ConfirmedTwiceFilter(DoneFilter):
    """Whether a second person confirmed a paper."""

    title = _("Confirmée deux fois")  # type: ignore[assignment]
    parameter_name = "confirmee"
    instant = "confirmed_again_at"


class ConsumedFilter(DoneFilter):
    """Whether a challenge was used."""

    title = _("Utilisé")  # type: ignore[assignment]
    parameter_name = "utilise"
    instant = "consumed_at"
