"""What the console's front page counts among orders, and how providers receive them."""

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import User
from members.permissions import WHOLE_GROUP, can, require, visible
from members.roles import May, StaffMay
from orders.kinds import OrderState
from orders.models import DispatchMode, Order
from portal.clock import today
from portal.inbox import Awaiting


def console_entries(user: User) -> list[Awaiting]:
    """What awaits ITQ here, then the acts that begin here; only what ``user`` may do."""
    entries = []
    if can(user, May.SETTLE_SENDING, on=WHOLE_GROUP):
        uncertain = visible(user, May.SETTLE_SENDING, Order.objects.all()).filter(
            state=OrderState.SENDING_UNKNOWN
        )
        entries.append(
            Awaiting(
                _("Transmissions incertaines à trancher"),
                reverse("admin:orders_order_changelist")
                + f"?state__exact={OrderState.SENDING_UNKNOWN}",
                uncertain,
            )
        )
    if can(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP):
        entries.append(
            Awaiting(
                _("Commandes sans mode de transmission"),
                reverse("orders:dispatch_mode_list"),
                orders_without_mode(user),
            )
        )
        entries.append(
            Awaiting(
                _("Modes de transmission"),
                reverse("orders:dispatch_mode_list"),
                note=_("Fixer comment un prestataire reçoit les commandes."),
            )
        )
    return entries


def orders_without_mode(user: User) -> QuerySet[Order]:
    """Submitted orders that wait until ITQ says how their provider receives them (R-19)."""
    served = DispatchMode.objects.filter(valid__contains=today()).values("provider")
    waiting = Order.objects.filter(state=OrderState.SUBMITTED)
    return visible(user, May.SETTLE_SENDING, waiting).exclude(rank__provider__in=served)


def providers_without_mode(user: User) -> list[tuple[str, int]]:
    """The providers for which orders wait, and how many."""
    waiting = orders_without_mode(user).order_by("rank__provider__name")
    return list(waiting.values_list("rank__provider__name").annotate(count=Count("pk")))


def modes_managed(user: User) -> QuerySet[DispatchMode]:
    """Every mode by provider, latest first (R-19)."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    return DispatchMode.objects.select_related("provider").order_by(
        "provider__name", "provider_id", "-valid"
    )
