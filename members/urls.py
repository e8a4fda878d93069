"""The members' addresses: a member's pages under its name, ITQ's under /itq/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "members"


def soon(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """A page that comes with the next commit."""
    return HttpResponse("bientôt")


urlpatterns = [
    path("organismes/<slug:member>/", soon, name="member_home"),
    path("organismes/<slug:member>/repondants/", soon, name="respondent_list"),
    path("invitation/<str:token>/", soon, name="invitation_accept"),
]
