"""Reads over holders and delivery addresses."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Organisation, User
from members.permissions import visible
from members.roles import May
from orders.kinds import LineStatus
from orders.models import DeliveryAddress, Holder, LineVersion
from portal.inbox import InboxItem
from portal.search import is_nothing


def holders_of(user: User, organisation: Organisation) -> QuerySet[Holder]:
    """The holders of the branches whose lines ``user`` sees, with how many lines each carries."""
    carried = (
        LineVersion.objects.filter(holder=OuterRef("pk"), valid__upper_inf=True)
        .exclude(status=LineStatus.CANCELLED)
        .order_by()
        .values("holder")
        .annotate(n=Count("pk"))
        .values("n")
    )
    holders = Holder.objects.filter(branch__organisation=organisation)
    return (
        visible(user, May.SEE_LINES, holders)
        .select_related("branch")
        .annotate(line_count=Coalesce(Subquery(carried), 0))
    )


def addresses_of(user: User, organisation: Organisation) -> QuerySet[DeliveryAddress]:
    """The delivery addresses in use of the branches whose orders ``user`` sees."""
    addresses = DeliveryAddress.objects.filter(
        branch__organisation=organisation, retired_at__isnull=True
    )
    return visible(user, May.SEE_ORDERS, addresses).select_related("branch", "confirmed_by__person")


def addresses_to_confirm(user: User) -> list[InboxItem]:
    """For INTRL: the addresses that wait for a confirmation, the fifty oldest (F-87)."""
    waiting = DeliveryAddress.objects.filter(confirmed_at__isnull=True, retired_at__isnull=True)
    addresses = visible(user, May.CONFIRM_ADDRESS, waiting)
    if is_nothing(addresses):
        return []
    addresses = addresses.select_related("branch__organisation").order_by("recorded_at")[:50]
    return [
        InboxItem(
            title=_("Confirmer l'adresse de livraison « %(label)s »") % {"label": address.label},
            url=reverse("orders:address_list", args=[address.branch.organisation.slug]),
            kind=_("Adresse de livraison"),
            since=address.recorded_at,
            detail=f"{address.street}, {address.city}",
            member=address.branch.organisation.name,
        )
        for address in addresses
    ]
