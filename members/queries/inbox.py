"""What awaits a person among the members' acts."""

from members.models import User
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here."""
    return []
