"""Reads over orders and their lines."""

from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Offer
from catalogue.queries import offers_on, open_ranks
from members.models import Branch, Organisation, Respondent, User
from members.permissions import visible
from members.roles import May, Role
from orders.kinds import OrderState, SendingMode
from orders.models import DeliveryAddress, Dispatch, Draw, Milestone, Order, OrderLine
from portal.clock import today
from portal.inbox import InboxItem
from portal.models import AuditEvent, ClockTimestamp
from portal.search import is_nothing
from portal.templatetags.portal import long_day

UNSENT = (OrderState.DRAFT, OrderState.AWAITING_DEROGATION)
"""States in which a line holds no draw and has no milestone."""


def orders_of(user: User, organisation: Organisation) -> QuerySet[Order]:
    """The orders of a member that ``user`` may see."""
    counted = (
        OrderLine.objects.filter(order=OuterRef("pk"))
        .order_by()
        .values("order")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        visible(user, May.SEE_ORDERS, Order.objects.filter(branch__organisation=organisation))
        .select_related("branch__organisation", "rank__provider", "rank__contract")
        .annotate(line_count=Coalesce(Subquery(counted), 0))
    )


def order_lines(order: Order) -> list[OrderLine]:
    """The lines of an order already fetched through the gate, with all that a page shows."""
    lines = order.lines.select_related(
        "device", "plan", "accessory", "holder", "cost_centre", "address", "service_line"
    ).order_by("position")
    if order.state not in UNSENT:
        milestones = Milestone.objects.select_related("recorded_by__person").order_by("pk")
        held = Draw.objects.filter(released_at__isnull=True).select_related("derogation")
        lines = lines.prefetch_related(
            Prefetch("milestones", milestones), Prefetch("draws", held, to_attr="held_draws")
        )
    return list(lines)


def branches_seen(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member whose orders ``user`` may see."""
    return visible(user, May.SEE_ORDERS, Branch.objects.filter(organisation=organisation))


def orderable_branches(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member for which ``user`` may order (R-10)."""
    return visible(user, May.ORDER, Branch.objects.filter(organisation=organisation))


def offers_to_order(organisation: Organisation) -> list[Offer]:
    """Today's offers of every list that the member may see (R-17).

    The first rank comes first (R-13), and in each list what costs nothing (R-14).
    """
    day = today()
    offers: list[Offer] = []
    for rank in open_ranks(organisation, day):
        listed = offers_on(rank, day).select_related("version__rank__provider")
        offers += sorted(listed, key=lambda offer: not offer.is_zero_cost)
    return offers


def last_order(user: User, organisation: Organisation) -> Order | None:
    """The last order that ``user`` submitted for this member and may repeat."""
    orders = visible(user, May.ORDER, Order.objects.filter(branch__organisation=organisation))
    return (
        orders.filter(submitted_by=user)
        .exclude(state=OrderState.CANCELLED)
        .order_by("-submitted_at")
        .first()
    )


def offers_of_today(order: Order) -> dict[int, Offer]:
    """For each offer that an order names, the offer of the same code in today's list."""
    named = Offer.objects.filter(
        pk__in={
            pk for row in order.lines.values_list("device", "plan", "accessory") for pk in row if pk
        }
    )
    today_by_code = {offer.code: offer for offer in offers_on(order.rank, today())}
    return {old.pk: today_by_code[old.code] for old in named if old.code in today_by_code}


def inbox_items(user: User) -> list[InboxItem]:
    """Drafts to finish, orders to key in or follow; for ITQ, uncertain sendings."""
    return [*_own_orders(user), *_uncertain_sendings(user)]


FOLLOW_AFTER = timedelta(days=5)
"""A sent order is the provider's business until then; afterwards someone asks for news."""

_WAITING = {
    OrderState.DRAFT: gettext_lazy("Commande à terminer"),
    OrderState.AWAITING_DEROGATION: gettext_lazy("Commande en attente de dérogation"),
}
_FOLLOWED = {
    OrderState.SENDING_UNKNOWN: gettext_lazy("À suivre : transmission incertaine"),
    OrderState.SENT: gettext_lazy("À suivre : réponse du prestataire"),
    OrderState.ACKNOWLEDGED: gettext_lazy("À suivre : réception"),
}


def _own_orders(user: User) -> list[InboxItem]:
    """What the representative has to do next: what is to key in, then the oldest first.

    The open work of who represents the branch no more awaits whoever does.
    """
    orders = visible(user, May.ORDER, Order.objects.all())
    if is_nothing(orders):
        return []
    pending = Dispatch.objects.filter(
        order=OuterRef("pk"),
        outcome=Dispatch.Outcome.PENDING,
        mode=SendingMode.PROVIDER_PORTAL,
    )
    since = Coalesce("sent_at", "submitted_at", "created_at")
    gone = Q(state__in=_FOLLOWED, since__lt=ClockTimestamp() - FOLLOW_AFTER)
    mine = Q(created_by=user) | _author_left()
    to_key_in = Q(Exists(pending), state=OrderState.SUBMITTED)
    rows = (
        orders.alias(since=since)
        .filter(to_key_in | mine & (Q(state__in=_WAITING) | gone))
        .annotate(link_ends=_unread_until())
        .select_related("branch__organisation", "rank__provider", "created_by__person")
        .order_by(Case(When(state=OrderState.SUBMITTED, then=0), default=1), "since")
    )
    return [_open_item(order, user) for order in rows[:50]]


def _author_left() -> Q:
    """Whether who opened an order represents its branch no more (R-10)."""
    over = Q(branch__is_root=True, branch__organisation=OuterRef("branch__organisation"))
    represents = Respondent.objects.effective().filter(
        Q(branch=OuterRef("branch")) | over,
        role=Role.RCELL,
        person=OuterRef("created_by__person"),
    )
    return ~Q(Exists(represents))


def _uncertain_sendings(user: User) -> list[InboxItem]:
    """Orders whose sending nobody knows the end of: ITQ asks the provider (X-22)."""
    orders = visible(user, May.SETTLE_SENDING, Order.objects.all())
    if is_nothing(orders):
        return []
    uncertain = orders.filter(state=OrderState.SENDING_UNKNOWN).select_related(
        "branch__organisation", "rank__provider"
    )[:50]
    return [
        _item(order, _("Transmission incertaine à trancher"), urgent=True) for order in uncertain
    ]


def _unread_until() -> Subquery:
    """When the link that the provider has not followed ends; NULL once it was."""
    unread = Dispatch.objects.filter(
        order=OuterRef("pk"),
        mode=SendingMode.EMAIL,
        outcome=Dispatch.Outcome.SENT,
        downloaded_at__isnull=True,
    )
    return Subquery(unread.values("link_expires_at")[:1])


def _open_item(order: Any, user: User) -> InboxItem:
    """What awaits in one order: by whom it was opened, and the link that ends unread."""
    if order.state == OrderState.SUBMITTED:
        kind = _("À saisir au portail de %(provider)s") % {"provider": order.rank.provider}
        return _item(order, kind, urgent=True)
    kind, told = str((_WAITING | _FOLLOWED)[order.state]), []
    if order.created_by_id != user.pk:
        author = order.created_by.person or order.created_by
        told.append(_("Ouverte par %(person)s") % {"person": author})
    unread = order.state == OrderState.SENT and order.link_ends
    if unread:
        kind = _("Bon non téléchargé par le prestataire")
        told.append(_("Fin du lien le %(day)s") % {"day": long_day(unread)})
    soon = bool(unread) and unread < timezone.now() + FOLLOW_AFTER
    return _item(order, kind, ", ".join(told), urgent=soon)


def _item(order: Order, kind: str, detail: str = "", *, urgent: bool = False) -> InboxItem:
    organisation = order.branch.organisation
    return InboxItem(
        title=_("%(number)s, %(provider)s")
        % {"number": order.number, "provider": order.rank.provider},
        url=reverse("orders:order_detail", args=[organisation.slug, order.number]),
        kind=kind,
        since=order.sent_at or order.submitted_at or order.created_at,
        detail=detail,
        member=str(organisation),
        urgent=urgent,
    )


def usual_address(branch: Branch) -> DeliveryAddress | None:
    """The first address of a branch that INTRL confirmed: proposed, never imposed."""
    confirmed = DeliveryAddress.objects.filter(
        branch=branch, confirmed_at__isnull=False, retired_at__isnull=True
    )
    return confirmed.first()


def order_history(order: Order) -> list[AuditEvent]:
    """The journal of an order already fetched through the gate, oldest first."""
    return list(
        AuditEvent.objects.filter(object_type="orders.order", object_id=order.pk).order_by("pk")
    )
