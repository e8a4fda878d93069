"""The request that a view of the house receives: someone is signed in (LoginRequiredMiddleware)."""

from django.http import HttpRequest

from members.models import User


class SignedInRequest(HttpRequest):
    """A request whose ``user`` is an account; used as a type only."""

    user: User
