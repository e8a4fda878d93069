"""The derogations' queries, one aggregate a file."""

from derogations.queries import signing
from derogations.queries.inbox import request_items
from members.models import User
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here: requests to sign, to complete, and those nobody can sign."""
    return [*signing.inbox_items(user), *request_items(user)]
