"""What every answer passes through: 503 when the database is away, refusals, private pages."""

import sys
from collections.abc import Callable

import structlog
from allauth.core.internal.httpkit import get_client_ip
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from django_structlog.middlewares import RequestMiddleware

from portal.files import NoRoom
from portal.idempotency import KeyInProgress, KeyReused
from portal.workflow import TransitionRefused

log = structlog.get_logger(__name__)
Next = Callable[[HttpRequest], HttpResponse]
CONFLICTS = {TransitionRefused: 409, KeyInProgress: 409, KeyReused: 422, NoRoom: 507}


class UnavailableMiddleware:
    """Ask who is there before anything else does: a database that is away is met once (X-31)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that the portal is away for a moment."""
        try:
            request.user.is_authenticated  # noqa: B018
        except (OperationalError, InterfaceError) as error:
            return unavailable(request, error)
        return self.get_response(request)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``: a database lost on the way is a 503, whichever layer noticed it (X-08)."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable(request, error)
    return defaults.server_error(request)


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """The 503 page; the broken connection is dropped so that the next request opens a new one."""
    log.error("database_unavailable", error=str(error), path=request.path)
    connection.close()
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "30"})


class LoggedRequestMiddleware(RequestMiddleware):
    """The logs name the address that the limits count, not the first word of a header."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Under ``ip``, as the library does."""
        structlog.contextvars.bind_contextvars(ip=get_client_ip(request))


class PrivatePagesMiddleware:
    """Pages of a signed-in person are never kept by a cache."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add ``no-store`` when someone is signed in."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class RefusalMiddleware:
    """A refused act becomes its page: 403 with the reason, 409, 422 or 507 with what to do."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing on the way in."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Log the refusal (D-04) and show it."""
        if isinstance(error, PermissionDenied):
            log.info("refused", reason=str(error), path=request.path)
            return render(request, "403.html", {"reason": str(error)}, status=403)
        for kind, status in CONFLICTS.items():
            if isinstance(error, kind):
                log.info("conflict", kind=kind.__name__, path=request.path)
                return render(request, "409.html", {"reason": str(error)}, status=status)
        return None
