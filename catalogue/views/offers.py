"""A member's catalogue: the list of what is offered, and the page of one article."""

from django.db.models import Value
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalogue.forms.filters import OfferFilters
from catalogue.models import Offer
from catalogue.queries.offers import (
    brands_of,
    hidden_ranks,
    lists_for,
    offers_for,
    offers_of,
)
from catalogue.views.offer_page import begin_url, offer_use, offer_words
from members.permissions import require_member
from members.queries.people import branches_where
from members.requests import SignedInRequest
from members.roles import May
from portal.clock import today
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold


def _yes(value: bool) -> str:
    return str(_("oui")) if value else str(_("non"))


def _attributes(offer: Offer) -> str:
    """The words of the last column, as the export writes them."""
    words = {
        _("à coût nul"): offer.is_zero_cost,
        _("subventionné"): offer.is_subsidised,
        _("flexible"): offer.is_flexible,
        _("données seulement"): offer.is_data_only,
    }
    return ", ".join(str(word) for word, said in words.items() if said)


OFFER_LIST = ListDefinition(
    name="catalogue",
    columns=(
        Column("nom", _("Article"), lambda o: o.name, (Fold("name"),)),
        Column("prix", _("Prix unique"), lambda o: o.one_off_amount, ("one_off_amount",), True),
        Column("mois", _("Par mois"), lambda o: o.monthly_amount, ("monthly_amount",), True),
        Column("attributs", _("À savoir"), _attributes),
        Column("genre", _("Genre"), lambda o: o.get_kind_display(), ("kind",)),
        Column("marque", _("Marque"), lambda o: o.brand, (Fold("brand"),)),
        Column("prestataire", _("Prestataire"), lambda o: str(o.version.rank.provider), ("rank",)),
        Column("code", _("Code"), lambda o: o.code, listed=False),
        Column("rang", _("Rang"), lambda o: o.version.rank.rank, listed=False),
        Column("cout_nul", _("À coût nul"), lambda o: _yes(o.is_zero_cost), listed=False),
        Column("subvention", _("Subventionné"), lambda o: _yes(o.is_subsidised), listed=False),
        Column("engagement", _("Engagement (mois)"), lambda o: o.commitment_months, listed=False),
        Column("go", _("Go inclus"), lambda o: o.included_gb, listed=False),
        Column("go_sup", _("Go supplémentaire"), lambda o: o.extra_gb_amount, listed=False),
        Column("fr", _("Libellé de facture (français)"), lambda o: o.label_fr, listed=False),
        Column("en", _("Libellé de facture (anglais)"), lambda o: o.label_en, listed=False),
        Column("version", _("Liste du"), lambda o: o.version.effective_on, listed=False),
        Column("fictif", _("Prix fictif"), lambda o: _yes(o.is_fictitious), listed=False),
    ),
    search=("name", "brand", "code"),
    filters=OfferFilters,
    default_sort="nom",
)


@require_safe
def offer_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """What the contract offers the member today, list by list (R-11, R-17, R-18)."""
    organisation = require_member(request.user, member)
    day = today()
    lists = lists_for(request.user, organisation, day)
    ranks = [one.rank for one in lists]
    offers = offers_of([one.version for one in lists if one.version], day)
    offers = offers.annotate(member=Value(organisation.slug))
    listing = Listing(request, OFFER_LIST, offers, {"ranks": ranks, "brands": brands_of(offers)})
    context = {
        "organisation": organisation,
        "listing": listing,
        "lists": lists,
        "hidden": hidden_ranks(ranks, day),
        "may_ask": branches_where(request.user, May.ASK_OFFER, organisation).exists(),
        "day": day,
        "are_fictitious": any(offer.is_fictitious for offer in listing.page),
    }
    return listing.export() or render(request, "catalogue/offer_list.html", context)


@require_safe
def offer_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """One article: its prices, its two attributes, how it is ordered, what a use would cost."""
    organisation = require_member(request.user, member)
    offers = offers_for(request.user, organisation, today()).prefetch_related("tiers")
    offer = get_object_or_404(offers, pk=pk)
    context = {
        "organisation": organisation,
        "offer": offer,
        "may_order": branches_where(request.user, May.ORDER, organisation).exists(),
        "begin_url": begin_url(offer, member),
        **offer_words(offer),
        **offer_use(request, offer),
    }
    return render(request, "catalogue/offer_detail.html", context)
