"""The shape of what is asked about what lines rest on: a kind, a derogation, filters of lists."""

from collections.abc import Iterable

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from derogations.kinds import DerogationOrigin, DerogationState, NetworkNature
from derogations.models import Derogation, Place
from members.models import Provider
from members.powers import DerogationKind
from orders.coverage import DerogationFacts
from orders.models import LineVersion
from orders.queries.dependents import LACKS


class AskDerogationForm(forms.Form):
    """Which kind to ask for, where several would do (D-10)."""

    kind = forms.ChoiceField(choices=DerogationKind.choices)


class ChooseDerogationForm(forms.Form):
    """The derogation on which a line is to rest; ``options`` are those that would do."""

    derogation = forms.TypedChoiceField(
        label=gettext_lazy("Faire reposer cette ligne sur"), coerce=int
    )

    def __init__(
        self, *args: object, options: Iterable[DerogationFacts] = (), **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["derogation"].choices = [  # type: ignore[attr-defined]
            (one.pk, option_label(one)) for one in options
        ]


def option_label(one: DerogationFacts) -> str:
    """« D-2026-00012, il en reste 3, jusqu'au 2028-03-31, Lac-Fictif »."""
    parts = [one.number]
    if one.left is not None:
        parts.append(_("il en reste %(left)s") % {"left": one.left})
    if one.ends_on:
        parts.append(_("jusqu'au %(day)s") % {"day": one.ends_on.isoformat()})
    return ", ".join([*parts, *one.municipalities])


class IrregularFilters(django_filters.FilterSet):
    """Why a line is to be put in order, and its provider."""

    motif = django_filters.ChoiceFilter(
        field_name="lack",
        label=gettext_lazy("Motif"),
        choices=list(LACKS.items()),
        empty_label=gettext_lazy("Tous"),
    )
    prestataire = django_filters.ModelChoiceFilter(
        field_name="service_line__provider",
        label=gettext_lazy("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=gettext_lazy("Tous"),
    )

    class Meta:
        model = LineVersion
        fields: tuple[str, ...] = ()


class PlaceFilters(django_filters.FilterSet):
    """What fails, and where."""

    nature = django_filters.ChoiceFilter(
        field_name="derogation__network_nature",
        label=gettext_lazy("Nature"),
        choices=NetworkNature.choices,
        empty_label=gettext_lazy("Toutes"),
    )
    region = django_filters.AllValuesFilter(
        field_name="administrative_region",
        label=gettext_lazy("Région administrative"),
        empty_label=gettext_lazy("Toutes"),
    )

    class Meta:
        model = Place
        fields: tuple[str, ...] = ()


class ConformityFilters(django_filters.FilterSet):
    """State, kind and origin."""

    etat = django_filters.ChoiceFilter(
        field_name="state",
        label=gettext_lazy("État"),
        choices=DerogationState.choices,
        empty_label=gettext_lazy("Tous"),
    )
    genre = django_filters.ChoiceFilter(
        field_name="heads__kind",
        label=gettext_lazy("Genre"),
        choices=DerogationKind.choices,
        empty_label=gettext_lazy("Tous"),
        distinct=True,
    )
    origine = django_filters.ChoiceFilter(
        field_name="origin",
        label=gettext_lazy("Origine"),
        choices=DerogationOrigin.choices,
        empty_label=gettext_lazy("Toutes"),
    )

    class Meta:
        model = Derogation
        fields: tuple[str, ...] = ()
