"""The filters of the order list, read from the address."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Branch, Provider
from orders.kinds import OrderState
from orders.models import Order


class OrderFilters(django_filters.FilterSet):
    """State, provider, subdivision and dates of creation."""

    etat = django_filters.ChoiceFilter(
        field_name="state", label=_("État"), choices=OrderState.choices, empty_label=_("Tous")
    )
    prestataire = django_filters.ModelChoiceFilter(
        field_name="rank__provider",
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

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def __init__(self, *args: object, branches: QuerySet[Branch], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["subdivision"].queryset = branches
        self.filters["subdivision"].field.queryset = branches
