"""The filters of the fleet, read from the address."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Branch, CostCentre, Provider
from orders.kinds import LineStatus, Origin
from orders.models import LineVersion


class LineFilters(django_filters.FilterSet):
    """The day, then what narrows the fleet of that day."""

    au = django_filters.DateFilter(
        label=_("Parc à la date du"),
        method="as_it_is",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    prestataire = django_filters.ModelChoiceFilter(
        field_name="service_line__provider",
        label=_("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=_("Tous"),
    )
    etat = django_filters.ChoiceFilter(
        field_name="status", label=_("État"), choices=LineStatus.choices, empty_label=_("Tous")
    )
    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=_("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=_("Toutes"),
    )
    centre = django_filters.ModelChoiceFilter(
        field_name="cost_centre",
        label=_("Centre de coûts"),
        queryset=CostCentre.objects.none(),
        empty_label=_("Tous"),
    )
    subvention = django_filters.ChoiceFilter(
        label=_("Fin de subvention"),
        choices=[(str(n), _("D'ici %(n)s jours") % {"n": n}) for n in (30, 60, 90, 180)],
        empty_label=_("Toutes"),
        method="ending_within",
    )
    forfait = django_filters.ChoiceFilter(
        label=_("Forfait"),
        choices=[("flexible", _("Flexible")), ("autre", _("Autre"))],
        empty_label=_("Tous"),
        method="by_plan",
    )
    origine = django_filters.ChoiceFilter(
        field_name="service_line__origin",
        label=_("Origine"),
        choices=Origin.choices,
        empty_label=_("Toutes"),
    )

    class Meta:
        model = LineVersion
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, branches: Sequence[Branch], day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        ids = [branch.pk for branch in branches]
        self.filters["centre"].field.queryset = CostCentre.objects.filter(branch__in=ids)
        if len(ids) == 1:
            del self.filters["subdivision"]
        else:
            self.filters["subdivision"].field.queryset = Branch.objects.filter(pk__in=ids)

    def as_it_is(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """The day narrowed the fleet before any filter."""
        return queryset

    def ending_within(self, queryset: QuerySet[Any], name: str, days: str) -> QuerySet[Any]:
        """Lines whose device loses its subsidy within so many days of the day shown."""
        return queryset.filter(
            subsidy_ends_on__gte=self.day, subsidy_ends_on__lte=self.day + timedelta(days=int(days))
        )

    def by_plan(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The flexible plan, or any other."""
        return queryset.filter(is_flexible=value == "flexible")
