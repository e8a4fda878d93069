"""What the pages of the fleet share: their member, and the tabs that the person may open."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Organisation
from members.permissions import held_in
from members.requests import SignedInRequest
from members.roles import May

TABS = (
    (May.SEE_LINES, _("Lignes"), "orders:line_list"),
    (May.SEE_LINES, _("Détenteurs"), "orders:holder_list"),
    (May.SEE_LINES, _("À régulariser"), "orders:irregular_line_list"),
    (May.SEE_ORDERS, _("Adresses de livraison"), "orders:address_list"),
    (May.KEEP_LINES, _("Reprise du parc"), "orders:fleet_import_list"),
)


def fleet_page(
    request: SignedInRequest, organisation: Organisation, tab: str, **context: object
) -> dict[str, Any]:
    """The context of a page of the fleet; ``tab`` is the route of its tab."""
    held = held_in(request.user, organisation.slug)
    tabs = [
        {
            "label": label,
            "url": reverse(name, args=[organisation.slug]),
            "current": name == tab,
        }
        for may, label, name in TABS
        if may in held
    ]
    return {"organisation": organisation, "tabs": tabs, **context}
