"""The journal of a member, and the group's for ITQ (F-83)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members.forms.accounts import JournalFilters
from members.permissions import require_member
from members.queries.journal import journal_of, whole_journal
from members.requests import SignedInRequest
from members.views.pages import member_page
from portal.audit import EVENTS
from portal.lists import Column, ListDefinition, Listing
from portal.models import AuditEvent


def act_label(event: AuditEvent) -> str:
    """The act in French; its code when the label is gone."""
    known = EVENTS.get(event.code)
    return str(known.label) if known else event.code


def told(event: AuditEvent) -> str:
    """The plain values of the event, on one line."""
    return ", ".join(f"{name} : {value}" for name, value in sorted(event.data.items()) if value)


JOURNAL = ListDefinition(
    name="journal",
    columns=(
        Column("date", _("Date"), lambda e: e.recorded_at, ("id",)),
        Column("acte", _("Acte"), act_label, ("code",)),
        Column("objet", _("Objet"), lambda e: e.object_label),
        Column("auteur", _("Par"), lambda e: e.actor_label, ("actor_label",)),
        Column("chapeau", _("À titre de"), lambda e: e.hat),
        Column("precisions", _("Précisions"), told, listed=False),
    ),
    search=("object_label", "actor_label", "code"),
    filters=JournalFilters,
    default_sort="-date",
)


@require_safe
def member_journal(request: SignedInRequest, member: str) -> HttpResponse:
    """Every act over the member's branches."""
    organisation = require_member(request.user, member)
    listing = Listing(request, JOURNAL, journal_of(request.user, organisation))
    return listing.export() or member_page(  # type: ignore[return-value]
        request,
        "members/member_journal.html",
        organisation,
        listing=listing,
        entries=entries(listing),
    )


@require_safe
def staff_journal(request: SignedInRequest) -> HttpResponse:
    """Every act of the group."""
    listing = Listing(request, JOURNAL, whole_journal(request.user))
    return listing.export() or render(  # type: ignore[return-value]
        request, "members/staff_journal.html", {"listing": listing, "entries": entries(listing)}
    )


def entries(listing: Listing) -> list[dict[str, object]]:
    """The rows of the page, each with its act in French and its values."""
    return [
        {"event": event, "label": act_label(event), "told": told(event)} for event in listing.page
    ]
