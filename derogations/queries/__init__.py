"""The derogations' queries, one aggregate a file."""

from derogations.queries.inbox import request_items
from members.models import User
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here: requests to complete, and those that nobody can sign."""
    return request_items(user)
