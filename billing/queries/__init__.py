"""Every read of the bills, one aggregate a file."""

from billing.queries.inbox import bill_items
from members.models import User
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here."""
    return bill_items(user)
