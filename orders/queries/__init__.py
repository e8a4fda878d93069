"""The app's reads, each through the gate, one aggregate a file."""

from members.models import User
from orders.queries import dependents, fleet, orders
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here: orders first, then the fleet and what it rests on."""
    return [
        *orders.inbox_items(user),
        *fleet.inbox_items(user),
        *dependents.inbox_items(user),
    ]
