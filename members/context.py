"""What the face of every page needs: navigation, hats, the banners above it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.permissions import can, held_in, organisations_of, rights_of
from members.roles import May, StaffMay
from portal.documents import INSTALL_RENDERER, renderer_seen

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a menu."""

    label: "StrOrPromise"
    url: str
    current: bool = False


MEMBER_PAGES = (
    (May.SEE_ORDERS, _("Commandes"), "orders:order_list"),
    (May.SEE_LINES, _("Lignes"), "orders:line_list"),
    (May.SEE_DEROGATIONS, _("Dérogations"), "derogations:request_list"),
    (May.SEE_CATALOGUE, _("Catalogue"), "catalogue:offer_list"),
    (May.SEE_MEMBER, _("Organisme"), "members:member_home"),
)
BILL_PAGES = (
    (May.SEE_INVOICES, "billing:invoice_list"),
    (May.SEE_CHARGES, "billing:line_list"),
    (May.SEE_RELEASED_INVOICES, "billing:payment_list"),
    (May.SEE_USE, "billing:use_overview"),
)
"""« Factures » opens on the first of these that the person may see."""

STAFF_PAGES = (
    (StaffMay.OPEN_CONSOLE, _("Organismes"), "members:staff_organisation_list"),
    (StaffMay.MANAGE_CATALOGUE, _("Catalogue"), "catalogue:version_list"),
    (StaffMay.SEE_GROUP_DEROGATIONS, _("Dérogations"), "orders:derogation_statistics"),
    (StaffMay.IMPORT_GROUP_BILLS, _("Facturation"), "billing:staff_bill_file_list"),
    (StaffMay.ANSWER_MEMBERS, _("Messages"), "members:staff_message_list"),
    (StaffMay.READ_ALL_JOURNAL, _("Journal"), "members:staff_journal"),
    (StaffMay.APPOINT_STAFF, _("Personnel"), "members:staff_list"),
    (StaffMay.OPEN_CONSOLE, _("Console"), "admin:index"),
)


def face(request: HttpRequest) -> dict[str, Any]:
    """The context processor: no query beyond the gate's own."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {"demonstration": settings.DEMONSTRATION}
    if settings.DEMONSTRATION:
        context["demonstration_url"] = reverse("members:demonstration")
    if _told_of_the_machine(user) and not renderer_seen():
        context["install_renderer"] = INSTALL_RENDERER
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
    context["nav"] = [
        *_home(request),
        *_member_links(request, user, slug),
        *_staff_links(request, user),
    ]
    return context


def _told_of_the_machine(user: object) -> bool:
    """Everyone in the demonstration, ITQ elsewhere: a member cannot mend it (D-54)."""
    if settings.DEMONSTRATION:
        return True
    return isinstance(user, User) and can(user, StaffMay.OPEN_CONSOLE, on=None)


def current_slug(request: HttpRequest, worn: list[str]) -> str | None:
    """The member named by the address; elsewhere the only one that the person belongs to.

    ITQ's own file of a member is no page of that member.
    """
    match = request.resolver_match
    if match and "member" in match.kwargs and not match.route.startswith("itq/"):
        return str(match.kwargs["member"])
    return worn[0] if len(worn) == 1 else None


def _home(request: HttpRequest) -> list[Link]:
    url = reverse("portal:home")
    return [Link(_("Accueil"), url, request.path == url)]


def _member_links(request: HttpRequest, user: User, slug: str | None) -> list[Link]:
    """The pages of the current member that some hat of the user opens."""
    if slug is None:
        return []
    held = held_in(user, slug)
    bills = next((name for may, name in BILL_PAGES if may in held), None)
    *pages, last = MEMBER_PAGES
    shown = [(label, name) for may, label, name in pages if may in held]
    shown += [(_("Factures"), bills)] if bills else []
    shown += [(last[1], last[2])] if last[0] in held else []
    return [_member_link(request, slug, label, name) for label, name in shown]


def _member_link(request: HttpRequest, slug: str, label: "StrOrPromise", name: str) -> Link:
    url = reverse(name, args=[slug])
    return Link(label, url, _is_current(request, name, url))


def _is_current(request: HttpRequest, name: str, url: str) -> bool:
    """A page is under its entry; the member's own entry holds all of this app's pages."""
    match = request.resolver_match
    if name == "members:member_home":
        return bool(match and match.app_name == "members" and "member" in match.kwargs)
    if name.startswith("billing:"):
        return bool(match and match.app_name == "billing" and "member" in match.kwargs)
    return request.path.startswith(url)


def _order_url(user: User, slug: str | None) -> str:
    """Where « Commander » leads, for who may order for the current member."""
    orders = slug and any(
        May.ORDER in right.permissions and right.organisation and right.organisation.slug == slug
        for right in rights_of(user)
    )
    return reverse("orders:order_start", args=[slug]) if orders else ""


def _staff_links(request: HttpRequest, user: User) -> list[Link]:
    """ITQ's pages, for its staff."""
    return [
        Link(label, reverse(name), request.path.startswith(reverse(name)))
        for may, label, name in STAFF_PAGES
        if can(user, may, on=None)
    ]
