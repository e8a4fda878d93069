"""The filters of the list of derogations, read from the address."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from derogations.kinds import DerogationOrigin, DerogationState
from derogations.models import Derogation
from derogations.queries.reexamination import flagged
from members.models import Branch, Provider
from members.powers import DerogationKind


class DerogationFilters(django_filters.FilterSet):
    """State, kind, provider, subdivision, origin, and what is to be re-examined."""

    etat = django_filters.ChoiceFilter(
        field_name="state", label=_("État"), choices=DerogationState.choices, empty_label=_("Tous")
    )
    genre = django_filters.ChoiceFilter(
        method="of_kind", label=_("Genre"), choices=DerogationKind.choices, empty_label=_("Tous")
    )
    prestataire = django_filters.ModelChoiceFilter(
        field_name="provider",
        label=_("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=_("Tous"),
    )
    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=_("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=_("Toutes"),
    )
    origine = django_filters.ChoiceFilter(
        field_name="origin",
        label=_("Origine"),
        choices=DerogationOrigin.choices,
        empty_label=_("Toutes"),
    )
    reexamen = django_filters.ChoiceFilter(
        method="to_reexamine",
        label=_("Réexamen"),
        choices=[("oui", _("À réexaminer"))],
        empty_label=_("Toutes"),
    )

    class Meta:
        model = Derogation
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["subdivision"].queryset = branches
        self.filters["subdivision"].field.queryset = branches

    def of_kind(
        self, queryset: QuerySet[Derogation], name: str, value: str
    ) -> QuerySet[Derogation]:
        """Requests of which one head is of that kind; each once."""
        return queryset.filter(heads__kind=value)

    def to_reexamine(
        self, queryset: QuerySet[Derogation], name: str, value: str
    ) -> QuerySet[Derogation]:
        """Those of which a signature is to be looked at again."""
        return flagged(queryset)
