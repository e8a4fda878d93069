"""What rests on a derogation, which lines lack one, and what is about to end (R-23)."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Derogation
from members.models import Branch, ContractRank, Organisation, User
from members.permissions import visible
from members.powers import DerogationKind
from members.roles import May
from orders.kinds import LineStatus
from orders.models import Draw, LineVersion, Order, Reliance
from orders.queries.derogations import ASKED, HOLDING
from portal.clock import midnight, today
from portal.inbox import InboxItem
from portal.search import is_nothing

RENEWAL_DAYS = 60
MOST_ORDERS = 200
LACKS = {
    "missing": gettext_lazy("Aucune dérogation inscrite"),
    "reference": gettext_lazy("Référence inscrite ; le document reste à verser"),
    "lapsed": gettext_lazy("Dérogation et engagement finis"),
}
"""Why a line is to be put in order; the code is the list's filter."""
SECOND_RANK = (DerogationKind.NETWORK, DerogationKind.TECHNOLOGICAL)
DEAR_DEVICE = (DerogationKind.NON_ZERO_COST,)
STOOD = (*HOLDING, DerogationState.EXPIRED)


def derogations_of(user: User, organisation: Organisation) -> QuerySet[Derogation]:
    """The derogations of a member that ``user`` may see."""
    derogations = Derogation.objects.filter(branch__organisation=organisation)
    return visible(user, May.SEE_DEROGATIONS, derogations).select_related(
        "branch__organisation", "provider"
    )


def orders_resting_on(user: User, derogation: Derogation) -> QuerySet[Order]:
    """The orders that asked for it or drew on it, as far as ``user`` sees them, latest first.

    Each with ``held``, what it has of it now, and ``given_back``.
    """
    drawn = Draw.objects.filter(order_line__order=OuterRef("pk"), derogation=derogation).order_by()

    def total(draws: QuerySet[Draw]) -> Coalesce:
        taken = draws.values("derogation").annotate(n=Sum("quantity")).values("n")
        return Coalesce(Subquery(taken), 0)

    named = Reliance.objects.filter(order_line__order=OuterRef("pk"), derogation=derogation)
    return (
        visible(user, May.SEE_ORDERS, Order.objects.all())
        .filter(Exists(drawn) | Exists(named))
        .annotate(
            held=total(drawn.filter(released_at__isnull=True)),
            given_back=total(drawn.filter(released_at__isnull=False)),
            member=F("branch__organisation__slug"),
        )
        .order_by("-pk")[:MOST_ORDERS]
    )


def lines_resting_on(user: User, derogation: Derogation) -> QuerySet[LineVersion]:
    """The lines in service that rest on it: drawn from it, or named in its text (D-12)."""
    return visible(user, May.SEE_LINES, _resting(derogation)).select_related(
        "service_line__provider", "holder", "branch"
    )


def numbers_resting_on(derogation: Derogation) -> list[str]:
    """Their numbers: what a renewal stands for; asked of a derogation already fetched."""
    return list(_resting(derogation).order_by("number").values_list("number", flat=True))


def rests_of(version: LineVersion) -> list[Derogation]:
    """The derogations on which a line already fetched rests, or rested, the latest first."""
    drawn = Draw.objects.filter(
        order_line__line_versions__service_line=version.service_line_id, released_at__isnull=True
    )
    named = Q(
        branch__organisation=version.branch.organisation_id,
        service_numbers__contains=[version.number],
        state__in=[*STOOD, DerogationState.WITHDRAWN],
    )
    found = Derogation.objects.filter(Q(pk__in=drawn.values("derogation")) | named)
    return list(found.order_by("-pk"))


def irregular_lines(
    user: User, organisation: Organisation, day: date | None = None
) -> QuerySet[Any]:
    """The lines « à régulariser »: they need a derogation, and none keeps them in order (R-23).

    Each says why in ``lack``. They block nothing: they are listed until they are put in order.
    """
    versions = LineVersion.objects.filter(branch__organisation=organisation)
    seen = visible(user, May.SEE_LINES, versions)
    return (
        lacking(seen, day or today())
        .annotate(lack=_lack())
        .select_related("service_line__provider", "holder", "branch__organisation")
    )


def lack_of(user: User, version: LineVersion) -> str:
    """Why one line is to be put in order, in words; empty when nothing is lacking."""
    seen = visible(user, May.SEE_LINES, LineVersion.objects.filter(pk=version.pk))
    found = lacking(seen, today()).values_list(_lack(), flat=True).first()
    return str(LACKS[found]) if found else ""


def lacking(versions: QuerySet[LineVersion], day: date) -> QuerySet[LineVersion]:
    """Versions in force that day whose line needs a derogation and rests on none.

    A line drawn under a derogation in force stays regular until the end of its commitment (R-23).
    """
    second = ContractRank.objects.filter(
        provider=OuterRef("service_line__provider"), rank__gt=1, contract__valid__contains=day
    )
    at_second_rank = Q(Exists(second)) & ~_kept(SECOND_RANK, day)
    with_dear_device = Q(device__is_zero_cost=False) & ~_kept(DEAR_DEVICE, day)
    return (
        versions.filter(valid__contains=day)
        .exclude(status=LineStatus.CANCELLED)
        .filter(at_second_rank | with_dear_device)
    )


def ending_soon(user: User, organisation: Organisation | None = None) -> QuerySet[Derogation]:
    """Those to renew, of the branches for which ``user`` asks (F-29)."""
    found = visible(user, May.ASK_DEROGATION, Derogation.objects.all())
    if organisation is not None:
        found = found.filter(branch__organisation=organisation)
    return to_renew(found)


def to_renew(rows: QuerySet[Derogation]) -> QuerySet[Derogation]:
    """Derogations in force that end within sixty days, hold lines, and are not renewed (F-29)."""
    held = Draw.objects.filter(
        derogation=OuterRef("pk"),
        released_at__isnull=True,
        order_line__line_versions__valid__upper_inf=True,
    ).exclude(order_line__line_versions__status=LineStatus.CANCELLED)
    found = rows.filter(
        state__in=HOLDING, ends_on__gte=today(), ends_on__lt=today() + timedelta(days=RENEWAL_DAYS)
    )
    renewed = Derogation.objects.filter(renews=OuterRef("pk"), state__in=[*ASKED, *HOLDING])
    return found.filter(Exists(held) | ~Q(service_numbers=[])).exclude(Exists(renewed))


def inbox_items(user: User) -> list[InboxItem]:
    """For who asks: the derogations to renew, and how many lines are to be put in order."""
    return [*_renewals(user), *_irregular(user)]


def _renewals(user: User) -> list[InboxItem]:
    ending = ending_soon(user)
    if is_nothing(ending):
        return []
    return [
        InboxItem(
            title=_("Renouveler la dérogation %(number)s") % {"number": one.number},
            url=reverse(
                "orders:derogation_dependents", args=[one.branch.organisation.slug, one.number]
            ),
            kind=_("Dérogation qui finit"),
            since=midnight(one.ends_on - timedelta(days=RENEWAL_DAYS)),
            detail=_("Fin le %(day)s") % {"day": one.ends_on.isoformat()},
            member=one.branch.organisation.name,
        )
        for one in ending.select_related("branch__organisation").order_by("ends_on")[:50]
        if one.ends_on
    ]


def _irregular(user: User) -> list[InboxItem]:
    """One item a member: a list to go through, never a blockage; its page counts the lines."""
    keeping = visible(user, May.KEEP_LINES, Branch.objects.all())
    if is_nothing(keeping):
        return []
    kept = LineVersion.objects.filter(branch__in=keeping, branch__organisation=OuterRef("pk"))
    theirs = lacking(kept, today())
    members = Organisation.objects.filter(
        Exists(theirs), pk__in=keeping.order_by().values("organisation")
    )
    return [
        InboxItem(
            title=_("Régulariser des lignes sans dérogation"),
            url=reverse("orders:irregular_line_list", args=[member.slug]),
            kind=_("Lignes à régulariser"),
            since=midnight(today()),
            member=member.name,
        )
        for member in members.order_by("name")[:50]
    ]


def _resting(derogation: Derogation) -> QuerySet[LineVersion]:
    """The current versions of the lines that rest on it, cancelled ones apart."""
    drawn = Draw.objects.filter(derogation=derogation, released_at__isnull=True)
    named = Q(
        branch__organisation=derogation.branch.organisation_id,
        number__in=derogation.service_numbers,
    )
    activated = Q(
        service_line__in=LineVersion.objects.filter(
            order_line__in=drawn.values("order_line")
        ).values("service_line")
    )
    current = LineVersion.objects.filter(valid__upper_inf=True)
    return current.exclude(status=LineStatus.CANCELLED).filter(named | activated)


@lru_cache(maxsize=4)
def _kept(kinds: tuple[DerogationKind, ...], day: date) -> Q:
    """Whether a derogation of one of the kinds keeps the line of the outer version in order.

    Kept from one page to the next: writing it takes longer than the database needs to answer.
    """
    return Q(Exists(_drawn_under(kinds, day))) | Q(Exists(_named_in(kinds, day)))


def _drawn_under(kinds: Iterable[DerogationKind], day: date) -> QuerySet[Draw]:
    """Draws in force, or under which the line was activated while its commitment runs (R-23)."""
    activated = "order_line__line_versions__valid__startswith"
    begun_before_its_end = Q(derogation__ends_on__isnull=True) | Q(
        derogation__ends_on__gte=F(activated)
    )
    begun_before_it_was_withdrawn = Q(derogation__withdrawal__isnull=True) | Q(
        derogation__withdrawal__withdrawn_at__date__gt=F(activated)
    )
    committed = begun_before_its_end & begun_before_it_was_withdrawn
    in_force = Q(derogation__state__in=HOLDING) & (
        Q(derogation__ends_on__isnull=True) | Q(derogation__ends_on__gte=day)
    )
    return Draw.objects.filter(
        in_force | (Q(_commitment_runs(day)) & committed),
        order_line__line_versions__service_line=OuterRef("service_line"),
        released_at__isnull=True,
        kinds__overlap=[kind.value for kind in kinds],
    )


def _named_in(kinds: Iterable[DerogationKind], day: date) -> QuerySet[Derogation]:
    """Derogations whose text names the line's number, earlier ones among them."""
    number = Func(
        OuterRef("number"),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(CharField(max_length=20)),
    )
    in_force = Q(state__in=HOLDING) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    return Derogation.objects.filter(
        in_force | (Q(state__in=STOOD) & Q(_commitment_runs(day))),
        branch__organisation=OuterRef("branch__organisation"),
        provider=OuterRef("service_line__provider"),
        service_numbers__contains=number,
        heads__kind__in=kinds,
        heads__decision=HeadDecision.SIGNED,
    )


def _commitment_runs(day: date) -> Exists:
    """Whether the outer version's commitment is not over."""
    return Exists(
        LineVersion.objects.filter(pk=OuterRef(OuterRef("pk")), commitment_ends_on__gt=day)
    )


def _lack() -> Case:
    """Why, in one word: see LACKS."""
    drawn = Draw.objects.filter(order_line__line_versions__service_line=OuterRef("service_line"))
    return Case(
        When(Exists(drawn.filter(released_at__isnull=True)), then=Value("lapsed")),
        When(~Q(service_line__earlier_derogation=""), then=Value("reference")),
        default=Value("missing"),
        output_field=CharField(),
    )
