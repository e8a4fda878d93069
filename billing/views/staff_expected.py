"""ITQ's checklist: what each provider still has to send, account by account and cycle by cycle."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.forms.staff_expected import ExpectedFilters
from billing.months import earlier, read_month
from billing.queries.staff_expected import expected_of_group
from billing.views.arrivals import arrival_badge, stopped_file
from billing.views.staff_tabs import staff_tabs
from members.requests import SignedInRequest
from portal.clock import today
from portal.lists import Column, ListDefinition, Listing

CYCLES = 13
"""Cycles that one may look back on."""

EXPECTED_LIST = ListDefinition(
    name="fichiers-attendus",
    columns=(
        Column(
            "organisme",
            _("Organisme"),
            lambda a: a.branch.organisation.name,
            ("branch__organisation__name",),
        ),
        Column("prestataire", _("Prestataire"), lambda a: str(a.provider), ("provider",)),
        Column("compte", _("Compte"), lambda a: a.number, ("number",)),
        Column("frais", _("Frais"), lambda a: arrival_badge(a.charges)[0], ("charges",)),
        Column("utilisation", _("Utilisation"), lambda a: arrival_badge(a.usage)[0], ("usage",)),
        Column(
            "inventaire", _("Inventaire"), lambda a: arrival_badge(a.inventory)[0], ("inventory",)
        ),
    ),
    search=("branch__organisation__name", "number"),
    filters=ExpectedFilters,
    default_sort="organisme",
)


@require_safe
def staff_expected_list(request: SignedInRequest) -> HttpResponseBase:
    """Each account of the group with what came of it for a cycle, the last whole one first."""
    last = earlier(today().replace(day=1), 1)
    months = [earlier(last, back) for back in range(CYCLES)]
    asked = read_month(request.GET.get("mois", ""))
    month = asked if asked in months else last
    choices = [(f"{one:%Y-%m}", f"{one:%Y-%m}") for one in months]
    listing = Listing(
        request,
        EXPECTED_LIST,
        expected_of_group(request.user, month),
        filter_context={"months": choices},
    )
    page = {
        "listing": listing,
        "tabs": staff_tabs(request),
        "month": f"{month:%Y-%m}",
        "rows": [_row(account) for account in listing.page],
    }
    return listing.export() or render(request, "billing/staff_expected_list.html", page)


def _row(account: Any) -> dict[str, Any]:
    """An account with each of its parts as a word and its tone."""
    return {
        "account": account,
        "file_id": stopped_file(account),
        "charges": arrival_badge(account.charges),
        "parts": [arrival_badge(part) for part in (account.usage, account.inventory)],
    }
