"""The filters of the catalogue's list, read from the address."""

from decimal import Decimal

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalogue.models import Offer
from members.models import ContractRank

YES_NO = (("oui", _("Oui")), ("non", _("Non")))
Offers = QuerySet[Offer]


class OfferFilters(django_filters.FilterSet):
    """Kind, provider, brand, price, zero-cost, subsidised."""

    genre = django_filters.ChoiceFilter(
        field_name="kind", label=_("Genre"), choices=Offer.Kind.choices, empty_label=_("Tous")
    )
    prestataire = django_filters.ChoiceFilter(
        field_name="version__rank__provider__code", label=_("Prestataire"), empty_label=_("Tous")
    )
    marque = django_filters.ChoiceFilter(
        field_name="brand", label=_("Marque"), empty_label=_("Toutes")
    )
    cout_nul = django_filters.ChoiceFilter(
        label=_("À coût nul"), choices=YES_NO, empty_label=_("Peu importe"), method="zero_cost"
    )
    subvention = django_filters.ChoiceFilter(
        label=_("Subventionné"), choices=YES_NO, empty_label=_("Peu importe"), method="subsidised"
    )
    prix_min = django_filters.NumberFilter(
        label=_("Prix d'au moins ($)"), method="at_least", min_value=0, localize=True
    )
    prix_max = django_filters.NumberFilter(
        label=_("Prix d'au plus ($)"), method="at_most", min_value=0, localize=True
    )

    class Meta:
        model = Offer
        fields: tuple[str, ...] = ()

    def __init__(
        self, *args: object, ranks: list[ContractRank], brands: list[str], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        providers = {rank.provider.code: rank.provider.name for rank in ranks}
        self.filters["prestataire"].extra["choices"] = list(providers.items())
        self.filters["marque"].extra["choices"] = [(brand, brand) for brand in brands]

    def zero_cost(self, offers: Offers, name: str, value: str) -> Offers:
        """Oui or non."""
        return offers.filter(is_zero_cost=value == "oui")

    def subsidised(self, offers: Offers, name: str, value: str) -> Offers:
        """Oui or non."""
        return offers.filter(is_subsidised=value == "oui")

    def at_least(self, offers: Offers, name: str, value: Decimal) -> Offers:
        """The price that counts: by month for a plan, once for the rest."""
        return offers.filter(
            Q(kind=Offer.Kind.PLAN, monthly_amount__gte=value)
            | (~Q(kind=Offer.Kind.PLAN) & Q(one_off_amount__gte=value))
        )

    def at_most(self, offers: Offers, name: str, value: Decimal) -> Offers:
        """The same, at most."""
        return offers.filter(
            Q(kind=Offer.Kind.PLAN, monthly_amount__lte=value)
            | (~Q(kind=Offer.Kind.PLAN) & Q(one_off_amount__lte=value))
        )
