"""The portal's addresses and one more: the bare view, which no page can beat."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import handler404, urlpatterns

__all__ = ["handler404", "urlpatterns"]


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """Nothing: no session, no query, no template; the middleware alone."""
    return HttpResponse("ok")


urlpatterns = [*urlpatterns, path("bare/", bare)]
