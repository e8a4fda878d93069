"""The filters of the group's checklist."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.queries.expected import still_awaited
from members.models import Provider, ProviderAccount


class ExpectedFilters(django_filters.FilterSet):
    """The cycle, the provider, and whether only what is missing is shown."""

    mois = django_filters.ChoiceFilter(
        label=_("Cycle"), empty_label=None, choices=(), method="kept"
    )
    prestataire = django_filters.ModelChoiceFilter(
        field_name="provider",
        label=_("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=_("Tous"),
    )
    manquants = django_filters.BooleanFilter(
        label=_("Seulement ce qui manque"), widget=forms.CheckboxInput, method="missing"
    )

    class Meta:
        model = ProviderAccount
        fields: tuple[str, ...] = ()

    def __init__(self, *args: object, months: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["mois"].extra["choices"] = months

    def kept(
        self, queryset: QuerySet[ProviderAccount], name: str, value: str
    ) -> QuerySet[ProviderAccount]:
        """The cycle is chosen before: what is expected is told of it."""
        return queryset

    def missing(
        self, queryset: QuerySet[ProviderAccount], name: str, value: bool
    ) -> QuerySet[ProviderAccount]:
        """Only accounts of which a part is still to come."""
        return queryset.filter(still_awaited()) if value else queryset
