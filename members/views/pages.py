"""A page of a member: its tabs, drawn from what the person may do there."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Organisation
from members.permissions import held_in
from members.requests import SignedInRequest
from members.roles import May

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TABS: "tuple[tuple[str, StrOrPromise, frozenset[May]], ...]" = (
    ("member_home", _("Aperçu"), frozenset()),
    ("respondent_list", _("Répondants"), frozenset({May.SEE_MEMBER})),
    ("invitation_list", _("Invitations"), frozenset({May.DESIGNATE})),
    ("plan_overview", _("Délégation"), frozenset({May.SEE_PLAN})),
    ("membership_list", _("Adhésion"), frozenset({May.SEE_MEMBER})),
    ("account_list", _("Comptes"), frozenset({May.SEE_MEMBER})),
    ("access_list", _("Accès"), frozenset({May.KEEP_ACCESSES, May.KEEP_OWN_ACCESS})),
    (
        "message_list",
        _("Messages"),
        frozenset({May.SEND_TO_ITQ, May.SEND_TO_ITQ_IF_AUTHORISED}),
    ),
    ("cost_centre_list", _("Centres de coûts"), frozenset({May.SEE_MEMBER})),
    ("member_journal", _("Journal"), frozenset({May.READ_JOURNAL})),
)


def member_page(
    request: SignedInRequest, template: str, organisation: Organisation, **context: Any
) -> HttpResponse:
    """Render a page of a member with its tabs."""
    held = held_in(request.user, organisation.slug)
    home = reverse("members:member_home", args=[organisation.slug])
    tabs = []
    for page, label, asked in TABS:
        if asked and not asked & held:
            continue
        url = reverse(f"members:{page}", args=[organisation.slug])
        current = request.path == url if url == home else request.path.startswith(url)
        tabs.append({"label": label, "url": url, "current": current})
    context |= {"organisation": organisation, "tabs": tabs}
    return render(request, template, context)
