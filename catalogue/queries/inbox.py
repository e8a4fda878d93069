"""What awaits a person in the catalogue."""

from members.models import User
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here."""
    return []
