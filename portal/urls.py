"""Every address of the portal; a member's pages carry the member's name in their address."""

from django.conf import settings
from django.urls import include, path

from portal import views

portal_patterns = (
    [
        path("", views.home, name="home"),
        path("sante", views.sante, name="health"),
    ],
    "portal",
)
if settings.DEMONSTRATION or settings.DEBUG:
    from portal.gallery import gallery

    portal_patterns[0].append(path("galerie/", gallery, name="gallery"))

urlpatterns = [
    path("", include(portal_patterns)),
    path("compte/", include("allauth.urls")),
    path("", include("members.urls")),
    path("", include("catalogue.urls")),
    path("", include("derogations.urls")),
    path("", include("orders.urls")),
    path("", include("billing.urls")),
    path("console/", include("portal.console_urls")),
]
handler404 = "portal.views.page_not_found"
handler500 = "portal.middleware.server_error"
