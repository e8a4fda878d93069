"""What an article's page says: facts, how it is ordered, what a use would cost."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.differences import shown
from catalogue.forms.offers import UseForm
from catalogue.models import Offer
from catalogue.pricing import FlexibleCost, FlexiblePlan, Tier, flexible_cost
from catalogue.ways import Article, attributes_explained, ways_to_order
from members.requests import SignedInRequest
from portal.templatetags.portal import day, money

ORDERED_AS = {
    Offer.Kind.DEVICE: ("new_line", "appareil"),
    Offer.Kind.PLAN: ("new_line", "forfait"),
    Offer.Kind.ACCESSORY: ("device_only", "accessoire"),
}
"""The kind of order line that each article begins, and what the address calls it."""


def begin_url(offer: Offer, member: str) -> str:
    """Where an order begins with this article already chosen; orders stand to the right."""
    kind, name = ORDERED_AS[Offer.Kind(offer.kind)]
    return f"{reverse('orders:line_add', args=[member, kind])}?{name}={offer.pk}"


def offer_words(offer: Offer) -> dict[str, Any]:
    """Facts, attributes and the way to order."""
    article = Article(
        is_device=offer.kind == Offer.Kind.DEVICE,
        is_zero_cost=offer.is_zero_cost,
        is_subsidised=offer.is_subsidised,
        is_flexible=offer.is_flexible,
        rank=offer.version.rank.rank,
        provider=offer.version.rank.provider.name,
    )
    note = _("avant taxes, prix fictif") if offer.is_fictitious else _("avant taxes")
    return {
        "ways": ways_to_order(article),
        "attributes": attributes_explained(article) if article.is_device else [],
        "facts": _facts(offer),
        "price_note": note,
        "monthly_label": _("Prix de base par mois") if offer.is_flexible else _("Prix par mois"),
    }


def offer_use(request: SignedInRequest, offer: Offer) -> dict[str, Any]:
    """A flexible plan's tiers, the form that asks for a use, and what it would cost (R-42)."""
    tiers = [Tier(tier.up_to_gb, tier.monthly_amount) for tier in offer.tiers.all()]
    if not offer.is_flexible or not tiers:
        return {"use_form": None, "cost": None}
    plan = FlexiblePlan(offer.monthly_amount, tiers, offer.extra_gb_amount or Decimal(0))
    pooled = offer.tier_basis == Offer.TierBasis.POOL
    form = UseForm(request.GET if "go" in request.GET else None, pooled=pooled)
    cost = None
    if form.is_bound and form.is_valid():
        lines = form.cleaned_data.get("lignes", 1)
        cost = flexible_cost(plan, form.cleaned_data["go"], lines=lines)
    return {
        "use_form": form,
        "cost": cost,
        "cost_title": _("Un mois de %(gb)s") % {"gb": gigabytes(cost.used_gb)} if cost else "",
        "cost_facts": _cost_facts(plan, cost) if cost else [],
        "tier_columns": [
            {"label": _("Utilisation")},
            {"label": _("Supplément")},
            {"label": _("Total pour une ligne")},
        ],
        "tier_rows": _tier_rows(plan),
    }


def gigabytes(amount: Decimal) -> str:
    """« 10 000 Go », « 0,5 Go »."""
    text = f"{amount.normalize():,f}".replace(",", "\u00a0").replace(".", ",")
    return f"{text}\u00a0Go"


def _facts(offer: Offer) -> list[tuple[str, object]]:
    """What the bill calls it, what it includes, how long it binds."""
    version = offer.version
    facts: list[tuple[str, object]] = [
        (_("Code du prestataire"), offer.code),
        (_("Sur la facture"), offer.label_fr),
        (_("Sur la facture (anglais)"), offer.label_en),
    ]
    if offer.included_gb is not None:
        facts.append((_("Données incluses"), gigabytes(offer.included_gb)))
    if offer.extra_gb_amount is not None:
        facts.append((_("Go supplémentaire"), money(offer.extra_gb_amount)))
    if offer.kind == Offer.Kind.DEVICE:
        months = _("%(count)s mois") % {"count": offer.commitment_months}
        facts.append((_("Engagement"), months if offer.commitment_months else _("aucun")))
    if offer.kind != Offer.Kind.ACCESSORY:
        told = _("la liste ne le dit pas") if offer.supports_esim is None else offer.supports_esim
        facts.append((_("eSIM"), shown(told)))
    facts.append((_("Contrat"), version.rank.number))
    facts.append((_("Liste du"), day(version.effective_on)))
    return facts


def _tier_rows(plan: FlexiblePlan) -> list[list[str]]:
    """Each tier, then what is beyond."""
    rows = [
        [
            _("jusqu'à %(gb)s") % {"gb": gigabytes(tier.up_to_gb)},
            money(tier.amount),
            money(plan.base_amount + tier.amount),
        ]
        for tier in plan.tiers
    ]
    beyond = _("%(amount)s par Go entamé") % {"amount": money(plan.extra_gb_amount)}
    last = gigabytes(plan.tiers[-1].up_to_gb)
    return [*rows, [_("au-delà de %(gb)s") % {"gb": last}, beyond, ""]]


def _cost_facts(plan: FlexiblePlan, cost: FlexibleCost) -> list[tuple[str, str]]:
    """The arithmetic, part by part."""
    base = money(cost.base_amount)
    if cost.lines > 1:
        base = f"{cost.lines} × {money(plan.base_amount)} = {base}"
    facts = [
        (_("Prix de base"), base),
        (
            _("Palier jusqu'à %(gb)s") % {"gb": gigabytes(cost.tier.up_to_gb)},
            money(cost.tier.amount),
        ),
    ]
    if cost.extra_gb:
        each = money(plan.extra_gb_amount)
        facts.append((_("Go au-delà"), f"{cost.extra_gb} × {each} = {money(cost.extra_amount)}"))
    return facts
