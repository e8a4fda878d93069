"""ITQ's view of derogations over the group: shares, causes, places, and the conformity export."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from derogations.kinds import TestResult
from derogations.queries.signers import signed_as, signed_by, signed_for, signed_under
from members.powers import DerogationKind
from members.requests import SignedInRequest
from orders.forms.derogations import ConformityFilters, PlaceFilters
from orders.queries import statistics
from orders.queries.statistics import Effect, Share
from portal import charts
from portal.clock import today
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

MEMBER = "branch__organisation__name"
PLACE_LIST = ListDefinition(
    name="lieux-non-desservis",
    columns=(
        Column(
            "municipalite",
            gettext_lazy("Municipalité"),
            lambda p: p.municipality,
            (Fold("municipality"),),
        ),
        Column(
            "region",
            gettext_lazy("Région administrative"),
            lambda p: p.administrative_region,
            (Fold("administrative_region"),),
        ),
        Column("adresse", gettext_lazy("Adresse"), lambda p: p.address),
        Column(
            "nature",
            gettext_lazy("Nature"),
            lambda p: p.derogation.get_network_nature_display(),
            ("derogation__network_nature",),
        ),
        Column("essai", gettext_lazy("Dernier essai"), lambda p: p.tested_on, ("tested_on",)),
        Column("signal", gettext_lazy("Signal (dBm)"), lambda p: p.signal_dbm, numeric=True),
        Column(
            "resultat",
            gettext_lazy("Résultat"),
            lambda p: result_label(p.test_result),
            listed=False,
        ),
        Column(
            "organisme",
            gettext_lazy("Organisme"),
            lambda p: str(p.derogation.branch.organisation),
            (Fold(f"derogation__{MEMBER}"),),
        ),
        Column(
            "derogation",
            gettext_lazy("Dérogation"),
            lambda p: p.derogation.number,
            ("derogation__number",),
        ),
    ),
    search=("municipality", "address", f"derogation__{MEMBER}", "derogation__number"),
    filters=PlaceFilters,
    default_sort="region",
)
CONFORMITY_LIST = ListDefinition(
    name="conformite-des-derogations",
    columns=(
        Column("numero", gettext_lazy("Numéro"), lambda d: d.number, ("number",)),
        Column(
            "organisme",
            gettext_lazy("Organisme"),
            lambda d: str(d.branch.organisation),
            (Fold(MEMBER),),
        ),
        Column("subdivision", gettext_lazy("Subdivision"), lambda d: str(d.branch), listed=False),
        Column("genres", gettext_lazy("Genres accordés"), lambda d: kinds_label(d.granted)),
        Column("etat", gettext_lazy("État"), lambda d: d.get_state_display(), ("state",)),
        Column("signee", gettext_lazy("Signée le"), lambda d: d.signed_at, ("signed_at",)),
        Column("signataire", gettext_lazy("Signée par"), signed_by, listed=False),
        Column("pour", gettext_lazy("Pour"), signed_for, listed=False),
        Column("qualite", gettext_lazy("Qualité"), signed_as, listed=False),
        Column("ligne", gettext_lazy("Ligne du plan"), signed_under, listed=False),
        Column("scellee", gettext_lazy("Scellée le"), lambda d: d.sealed_at, ("sealed_at",)),
        Column("fin", gettext_lazy("Fin"), lambda d: d.ends_on, ("ends_on",)),
        Column("quantite", gettext_lazy("Quantité"), lambda d: d.quantity, ("quantity",), True),
        Column("prise", gettext_lazy("Prise"), lambda d: d.drawn, ("drawn",), True),
        Column(
            "commandes",
            gettext_lazy("Commandes"),
            lambda d: d.order_count,
            numeric=True,
            listed=False,
        ),
        Column("prestataire", gettext_lazy("Prestataire"), lambda d: str(d.provider), listed=False),
        Column("origine", gettext_lazy("Origine"), lambda d: d.get_origin_display(), listed=False),
        Column(
            "montant",
            gettext_lazy("Montant engagé"),
            lambda d: d.version.total_amount if d.version else None,
            numeric=True,
            listed=False,
        ),
        Column("empreinte", gettext_lazy("Empreinte"), lambda d: d.seal_sha256, listed=False),
        Column("jeton", gettext_lazy("Vérification"), lambda d: d.seal_token, listed=False),
    ),
    search=("number", MEMBER, "external_reference"),
    filters=ConformityFilters,
    default_sort="-signee",
)


@require_safe
def derogation_statistics(request: SignedInRequest) -> HttpResponse:
    """Derogations by kind, cause, region and member; the share of the second rank (F-36)."""
    day = today()
    since = day - timedelta(days=365)
    effect = statistics.effect_on_contract(request.user, since=since, day=day)
    months, now = effect.months, effect.months[-1]
    return render(
        request,
        "orders/derogation_statistics.html",
        {
            "months": [(m, _one(m.line_share), _one(m.amount_share)) for m in months],
            "now": now,
            "line_now": _one(now.line_share),
            "cost_now": _one(now.amount_share),
            "line_chart": _drawn([(month.label, month.line_share) for month in months]),
            "cost_chart": _drawn([(month.label, month.amount_share) for month in months]),
            "causes": _rows(effect.causes),
            "month_labels": [month.label for month in months],
            "region_months": _region_rows(effect),
            "share_tables": _share_tables(effect),
            "granted_tables": _granted_tables(effect),
            "since": since,
            "unpriced": effect.unpriced,
        },
    )


def _share_tables(effect: Effect) -> list[dict[str, object]]:
    """Today's share of the second rank, by region and by member."""
    return [
        {"title": title, "id": name, "rows": _rows(shares)}
        for title, name, shares in (
            (_("Par région administrative"), "part-regions", effect.regions),
            (_("Par organisme"), "part-organismes", effect.members),
        )
    ]


def _granted_tables(effect: Effect) -> list[dict[str, object]]:
    """Derogations granted, by kind, cause, region and member."""
    return [
        {"title": title, "id": name, "rows": _bars(counted)}
        for title, name, counted in (
            (_("Par genre"), "accordees-genres", effect.granted_kinds),
            (_("Par cause"), "accordees-causes", effect.granted_causes),
            (_("Par région administrative"), "accordees-regions", effect.granted_regions),
            (_("Par organisme"), "accordees-organismes", effect.granted_members),
        )
    ]


def _region_rows(effect: Effect) -> list[dict[str, object]]:
    """A row a region: its share each month in words, and its drawing."""
    labels = [month.label for month in effect.months]
    return [
        {
            "region": row.region,
            "shares": [_one(share) for share in row.line_shares],
            "chart": _drawn(list(zip(labels, row.line_shares, strict=True))),
        }
        for row in effect.region_months
    ]


def _drawn(shares: list[tuple[str, Decimal]]) -> list[charts.Column]:
    """A column a month, named by its month alone."""
    return charts.columns([(label[5:], share, _one(share)) for label, share in shares])


@require_safe
def unserved_place_list(request: SignedInRequest) -> HttpResponseBase:
    """The places that the first rank did not serve, for the meeting with it (F-36)."""
    listing = Listing(request, PLACE_LIST, statistics.unserved_places(request.user))
    if export := listing.export():
        return export
    for place in listing.page.object_list:
        place.result_label = result_label(place.test_result)
    return render(request, "orders/unserved_place_list.html", {"listing": listing})


@require_safe
def conformity_list(request: SignedInRequest) -> HttpResponseBase:
    """Every signed derogation, what proves it and what rests on it; exported as a file."""
    listing = Listing(request, CONFORMITY_LIST, statistics.conformity_rows(request.user))
    if export := listing.export():
        return export
    for derogation in listing.page.object_list:
        derogation.kinds_label = kinds_label(derogation.granted)
    return render(request, "orders/conformity_list.html", {"listing": listing})


def kinds_label(kinds: Sequence[str]) -> str:
    """Kinds in words."""
    return ", ".join(str(DerogationKind(kind).label) for kind in kinds)


def result_label(result: str | None) -> str:
    """A test's result in words."""
    return str(TestResult(result).label) if result else ""


def _one(value: Decimal) -> str:
    """« 3,2 »."""
    return f"{value:.1f}".replace(".", ",")


def _rows(shares: list[Share]) -> list[dict[str, object]]:
    """Rows of a table of shares, each with its bar."""
    drawn = charts.bars([share.line_share for share in shares])
    return [
        {
            "share": share,
            "bar": bar,
            "line_share": _one(share.line_share),
            "amount_share": _one(share.amount_share),
        }
        for share, bar in zip(shares, drawn, strict=True)
    ]


def _bars(counted: list[tuple[str, int]]) -> list[dict[str, object]]:
    """Rows of a table of counts, each with its bar."""
    drawn = charts.bars([count for _label, count in counted])
    return [
        {"label": label, "count": count, "bar": bar}
        for (label, count), bar in zip(counted, drawn, strict=True)
    ]
