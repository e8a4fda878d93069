"""What the face of every page needs: navigation, hats, demonstration banner."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.permissions import can, organisations_of, rights_of
from members.roles import May, StaffMay

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a menu."""

    label: "StrOrPromise"
    url: str
    current: bool = False
    count: int | None = None


MEMBER_PAGES = (
    (May.SEE_ORDERS, _("Commandes"), "orders:order_list"),
    (May.SEE_LINES, _("Lignes"), "orders:line_list"),
    (May.SEE_CATALOGUE, _("Catalogue"), "catalogue:offer_list"),
    (May.SEE_MEMBER, _("Organisme"), "members:respondent_list"),
)


def face(request: HttpRequest) -> dict[str, Any]:
    """The context processor: no query beyond the gate's own."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {"demonstration": settings.DEMONSTRATION}
    if not isinstance(user, User):
        return context
    hats = organisations_of(user)
    slug = current_slug(request, [hat.slug for hat in hats])
    context["signed_in_name"] = str(user.person or user.email)
    context["hats"] = [
        Link(hat.name, reverse("members:member_home", args=[hat.slug]), hat.slug == slug)
        for hat in hats
    ]
    context["order_url"] = _order_url(user, slug)
    context["nav"] = [*_home(request), *_member_links(request, user, slug), *_staff_links(user)]
    return context


def current_slug(request: HttpRequest, worn: list[str]) -> str | None:
    """The member named by the address; elsewhere the only one that the person belongs to."""
    match = request.resolver_match
    if match and "member" in match.kwargs:
        return str(match.kwargs["member"])
    return worn[0] if len(worn) == 1 else None


def _home(request: HttpRequest) -> list[Link]:
    url = reverse("portal:home")
    return [Link(_("Accueil"), url, request.path == url)]


def _member_links(request: HttpRequest, user: User, slug: str | None) -> list[Link]:
    """The pages of the current member that some hat of the user opens."""
    if slug is None:
        return []
    held: set[str] = set()
    for right in rights_of(user):
        if right.reach is None or (right.organisation and right.organisation.slug == slug):
            held |= right.permissions
    links = []
    for may, label, name in MEMBER_PAGES:
        if may in held:
            url = reverse(name, args=[slug])
            links.append(Link(label, url, request.path.startswith(url)))
    return links


def _order_url(user: User, slug: str | None) -> str:
    """Where « Commander » leads, for who may order for the current member."""
    orders = slug and any(
        May.ORDER in right.permissions and right.organisation and right.organisation.slug == slug
        for right in rights_of(user)
    )
    return reverse("orders:order_start", args=[slug]) if orders else ""


def _staff_links(user: User) -> list[Link]:
    if not can(user, StaffMay.OPEN_CONSOLE, on=None):
        return []
    return [Link(_("Console"), reverse("admin:index"))]
