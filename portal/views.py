"""Home, health, and the errors that belong to no app."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.health import health
from portal.inbox import items_for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What awaits me, in every hat I wear."""
    return render(request, "portal/home.html", {"items": items_for(request.user)})  # type: ignore[arg-type]


@login_not_required
@require_safe
def sante(request: HttpRequest) -> JsonResponse:
    """200 with the state of database, broker and worker; 503 with the reason when one is down."""
    parts = health()
    whole = all(part["ok"] for part in parts.values())
    return JsonResponse(
        {"etat": "ok" if whole else "en panne", **parts},
        status=200 if whole else 503,
        json_dumps_params={"ensure_ascii": False},
    )


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form kept open too long: say how to mend it."""
    told = _(
        "Cette page est restée ouverte trop longtemps. Revenez en arrière, rechargez-la, "
        "puis recommencez."
    )
    return render(request, "403.html", {"reason": told}, status=403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The one 404 page: identical whether the thing is missing or belongs to another member."""
    return render(request, "404.html", {"demonstration": settings.DEMONSTRATION}, status=404)
