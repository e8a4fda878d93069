"""Reads over the lines in service, on any date (F-40)."""

from members.models import User
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here."""
    return []
