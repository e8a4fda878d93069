"""The effect of derogations on the contract, over the whole group, at contract price (F-36)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from derogations.kinds import DerogationState, HeadDecision, NetworkNature
from derogations.models import CoverageTest, Derogation, Head, Place, Seal
from derogations.queries.places import place_region
from derogations.queries.signers import with_signers
from members.models import ContractRank, User
from members.permissions import WHOLE_GROUP, require
from members.powers import DerogationKind
from members.roles import StaffMay
from orders.kinds import LineStatus
from orders.models import Draw, LineVersion
from portal.clock import midnight

MONTHS = 13
TOP = 20
DECIDED = (DerogationState.SIGNED, DerogationState.EXHAUSTED, DerogationState.EXPIRED)
ZERO = Decimal(0)
Granted = tuple[str, int]
"""A name, and the heads granted under it."""


@dataclass(frozen=True, slots=True)
class Share:
    """The second rank's part of lines and of their monthly cost, before taxes."""

    label: str
    lines: int
    second_lines: int
    amount: Decimal
    second_amount: Decimal

    @property
    def line_share(self) -> Decimal:
        """Hundredths of the lines."""
        return _share(Decimal(self.second_lines), Decimal(self.lines))

    @property
    def amount_share(self) -> Decimal:
        """Hundredths of the cost."""
        return _share(self.second_amount, self.amount)


@dataclass(frozen=True, slots=True)
class RegionMonths:
    """A region's part of lines at the second rank, in hundredths, at each month's end."""

    region: str
    line_shares: list[Decimal]


@dataclass(frozen=True, slots=True)
class Effect:
    """What derogations do to the contract: shares of the second rank, and what was granted.

    ``causes`` are the lines under a derogation, whatever their rank. ``region_months`` are the
    second rank's part of the lines of each region, month by month. ``granted`` tables are (name,
    heads granted). ``unpriced`` lines have a plan that no list names: they count among lines, not
    in costs.
    """

    months: list[Share]
    causes: list[Share]
    region_months: list[RegionMonths]
    regions: list[Share]
    members: list[Share]
    granted_kinds: list[Granted]
    granted_causes: list[Granted]
    granted_regions: list[Granted]
    granted_members: list[Granted]
    unpriced: int


def effect_on_contract(user: User, *, since: date, day: date) -> Effect:
    """F-36: thirteen months of shares up to ``day``, and what was granted since a day.

    Ten queries, whatever the group's size.
    """
    require(user, StaffMay.SEE_GROUP_DEROGATIONS, on=WHOLE_GROUP)
    ranks = ContractRank.objects.filter(rank__gt=1, contract__valid__contains=day)
    second = Q(service_line__provider__in=list(ranks.values_list("provider", flat=True)))
    months, unpriced = _by_month(day, second)
    return Effect(
        months=months,
        causes=_causes(day, second, months[-1]),
        region_months=_region_months(day, second),
        regions=_shares(day, second, _region("branch__organisation")),
        members=_shares(day, second, F("branch__organisation__name")),
        granted_kinds=_worded(_counted(since, F("kind"))),
        granted_causes=_worded(_counted(since, _cause())),
        granted_regions=_counted(since, place_region("derogation")),
        granted_members=_counted(since, F("derogation__branch__organisation__name"))[:TOP],
        unpriced=unpriced,
    )


def unserved_places(user: User) -> QuerySet[Place]:
    """The places that the first rank did not serve, for the meeting with it (F-36)."""
    require(user, StaffMay.SEE_GROUP_DEROGATIONS, on=WHOLE_GROUP)
    tests = CoverageTest.objects.filter(place=OuterRef("pk")).order_by("-tested_on", "-pk")
    return (
        Place.objects.filter(
            derogation__state__in=DECIDED,
            derogation__heads__kind=DerogationKind.NETWORK,
            derogation__heads__decision=HeadDecision.SIGNED,
        )
        .select_related("derogation__branch__organisation")
        .annotate(
            tested_on=Subquery(tests.values("tested_on")[:1]),
            signal_dbm=Subquery(tests.values("signal_dbm")[:1]),
            test_result=Subquery(tests.values("result")[:1]),
        )
    )


def conformity_rows(user: User) -> QuerySet[Derogation]:
    """Every derogation that was signed, with what shows that it was, and what rests on it."""
    require(user, StaffMay.SEE_GROUP_DEROGATIONS, on=WHOLE_GROUP)
    drawn = Draw.objects.filter(derogation=OuterRef("pk"), released_at__isnull=True).order_by()
    totals = drawn.values("derogation").annotate(n=Sum("quantity"), orders=_distinct_orders())
    granted = Head.objects.filter(derogation=OuterRef("pk"), decision=HeadDecision.SIGNED)
    seal = Seal.objects.filter(version=OuterRef("version"))
    signed = with_signers(Derogation.objects.filter(signed_at__isnull=False))
    return signed.select_related("branch__organisation", "provider", "version").annotate(
        drawn=Coalesce(Subquery(totals.values("n"), output_field=IntegerField()), 0),
        order_count=Coalesce(Subquery(totals.values("orders")), 0),
        granted=ArraySubquery(granted.values("kind")),
        sealed_at=Subquery(seal.values("sealed_at")[:1]),
        seal_sha256=Subquery(seal.values("file__sha256")[:1]),
        seal_token=Subquery(seal.values("token")[:1]),
    )


def month_ends(last: date) -> list[date]:
    """The last day of each of the twelve months before ``last``'s, then ``last``."""
    days = [last]
    while len(days) < MONTHS:
        days.insert(0, days[0].replace(day=1) - timedelta(days=1))
    return days


def _distinct_orders() -> Count:
    return Count("order_line__order", distinct=True)


def _lines() -> QuerySet[LineVersion]:
    """Versions of lines that are used and billed."""
    return LineVersion.objects.filter(status=LineStatus.ACTIVE)


def _by_month(last: date, second: Q) -> tuple[list[Share], int]:
    """The shares at the end of each of thirteen months, and the lines without a price today."""
    days = month_ends(last)
    asked: dict[str, Any] = {"unpriced": Count("pk", filter=Q(valid__contains=last, plan=None))}
    for index, day in enumerate(days):
        there = Q(valid__contains=day)
        asked[f"lines_{index}"] = Count("pk", filter=there)
        asked[f"second_lines_{index}"] = Count("pk", filter=there & second)
        asked[f"amount_{index}"] = Sum("plan__monthly_amount", filter=there)
        asked[f"second_amount_{index}"] = Sum("plan__monthly_amount", filter=there & second)
    found = _lines().aggregate(**asked)
    shares = [
        Share(
            label=f"{day:%Y-%m}",
            lines=found[f"lines_{index}"],
            second_lines=found[f"second_lines_{index}"],
            amount=found[f"amount_{index}"] or ZERO,
            second_amount=found[f"second_amount_{index}"] or ZERO,
        )
        for index, day in enumerate(days)
    ]
    return shares, found["unpriced"]


def _shares(day: date, second: Q, group: Any) -> list[Share]:
    """Shares on a day by a group, the largest first; those without the second rank are left out."""
    rows = (
        _lines()
        .filter(valid__contains=day)
        .order_by()
        .annotate(grouped=group)
        .values("grouped")
        .annotate(
            lines=Count("pk"),
            second_lines=Count("pk", filter=second),
            amount=Coalesce(Sum("plan__monthly_amount"), ZERO),
            second_amount=Coalesce(Sum("plan__monthly_amount", filter=second), ZERO),
        )
        .filter(second_lines__gt=0)
        .order_by("-second_lines", "grouped")
    )
    return [
        Share(r["grouped"], r["lines"], r["second_lines"], r["amount"], r["second_amount"])
        for r in rows
    ]


def _causes(day: date, second: Q, now: Share) -> list[Share]:
    """The lines under a live draw, by its cause; then those of the second rank that drew nothing.

    A line under two kinds counts once for each. A dear device counts at the first rank too (R-14).
    """
    live = Draw.objects.filter(released_at__isnull=True)
    service_line = "order_line__line_versions__service_line"
    network = live.filter(kinds__contains=[DerogationKind.NETWORK])
    drawn: dict[str, QuerySet[Draw]] = {
        str(nature.label): network.filter(derogation__network_nature=nature.value)
        for nature in NetworkNature
    }
    for kind in (DerogationKind.TECHNOLOGICAL, DerogationKind.NON_ZERO_COST):
        drawn[str(kind.label)] = live.filter(kinds__contains=[kind])
    filters = {
        label: Q(service_line__in=rows.values(service_line)) for label, rows in drawn.items()
    }
    filters[_("Second rang, sans dérogation prise au portail")] = second & ~Q(
        service_line__in=live.values(service_line)
    )
    asked: dict[str, Any] = {}
    for index, there in enumerate(filters.values()):
        asked[f"lines_{index}"] = Count("pk", filter=there)
        asked[f"amount_{index}"] = Sum("plan__monthly_amount", filter=there)
    found = _lines().filter(valid__contains=day).aggregate(**asked)
    return [
        Share(label, now.lines, lines, now.amount, found[f"amount_{index}"] or ZERO)
        for index, label in enumerate(filters)
        if (lines := found[f"lines_{index}"])
    ]


def _region_months(last: date, second: Q) -> list[RegionMonths]:
    """The shares of each region where the second rank served in those months, by name."""
    asked: dict[str, Any] = {}
    for index, day in enumerate(month_ends(last)):
        asked[f"lines_{index}"] = Count("pk", filter=Q(valid__contains=day))
        asked[f"second_lines_{index}"] = Count("pk", filter=Q(valid__contains=day) & second)
    rows: QuerySet[Any, Any] = (
        _lines()
        .order_by()
        .annotate(grouped=_region("branch__organisation"))
        .values("grouped")
        .annotate(ever=Count("pk", filter=second), **asked)
        .filter(ever__gt=0)
        .order_by("grouped")
    )
    return [
        RegionMonths(
            row["grouped"],
            [
                _share(Decimal(row[f"second_lines_{index}"]), Decimal(row[f"lines_{index}"]))
                for index in range(MONTHS)
            ],
        )
        for row in rows
    ]


def _counted(since: date, group: Any) -> list[Granted]:
    """Heads granted since a day, counted by a group, the largest first."""
    rows = (
        Head.objects.filter(
            decision=HeadDecision.SIGNED, derogation__signed_at__gte=midnight(since)
        )
        .order_by()
        .annotate(grouped=group)
        .values("grouped")
        .annotate(n=Count("pk"))
        .order_by("-n", "grouped")
    )
    return [(row["grouped"], row["n"]) for row in rows]


def _region(organisation: str) -> Coalesce:
    return Coalesce(NullIf(F(f"{organisation}__administrative_region"), Value("")), Value("–"))


def _cause() -> Case:
    """What fails at the places of a network request; another kind is its own cause."""
    return Case(
        When(kind=DerogationKind.NETWORK, then=F("derogation__network_nature")),
        default=F("kind"),
        output_field=CharField(),
    )


def _worded(counted: list[Granted]) -> list[Granted]:
    """Codes of kinds and natures in words."""
    words = [*DerogationKind.choices, *NetworkNature.choices]
    labels = {str(code): str(label) for code, label in words}
    return [(labels.get(code, code or "–"), n) for code, n in counted]


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return 100 * part / whole if whole else ZERO
