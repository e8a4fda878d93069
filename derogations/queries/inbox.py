"""What awaits those who ask for derogations, who keep the plan, and who confirm a paper."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import Derogation
from derogations.queries.papers import paper_items
from derogations.queries.reexamination import reexamination_items
from members.models import User
from members.permissions import visible
from members.roles import May
from portal.inbox import InboxItem
from portal.models import ClockTimestamp
from portal.search import is_nothing

SETTLED = timedelta(minutes=5)
"""The paper and the grants of a submission are made within that time."""


def request_items(user: User) -> list[InboxItem]:
    """Requests returned or left in draft, papers, what nobody can sign, what to re-examine."""
    return [
        *_to_complete(user),
        *paper_items(user),
        *_unsignable(user),
        *reexamination_items(user),
    ]


def _to_complete(user: User) -> Iterator[InboxItem]:
    """Returned requests, urgent; drafts, not."""
    mine = visible(user, May.ASK_DEROGATION, Derogation.objects.all())
    if is_nothing(mine):
        return
    waiting = (DerogationState.RETURNED, DerogationState.DRAFT)
    for row in mine.filter(state__in=waiting).select_related("branch__organisation")[:50]:
        returned = row.state == DerogationState.RETURNED
        told = {"number": row.number}
        yield InboxItem(
            title=_("Compléter la demande %(number)s") % told
            if returned
            else _("Terminer la demande %(number)s") % told,
            url=_page(row),
            kind=_("Dérogation"),
            since=row.edited_at,
            detail=_("Un signataire la rend pour qu'elle soit complétée.")
            if returned
            else _("Brouillon, gardé 90 jours."),
            member=row.branch.organisation.name,
            urgent=returned,
        )


def _unsignable(user: User) -> Iterator[InboxItem]:
    """For INTRL: requests that await a signature that nobody may give (signing.md §2)."""
    over = visible(user, May.DECLARE_ABSENCE, Derogation.objects.all())
    if is_nothing(over):
        return
    granted = SigningGrant.objects.filter(content_object=OuterRef("pk"))
    rows = over.filter(
        ~Exists(granted),
        state=DerogationState.SUBMITTED,
        version__submitted_at__lt=ClockTimestamp() - SETTLED,
    )
    for row in rows.select_related("branch__organisation", "version")[:50]:
        assert row.version is not None
        yield InboxItem(
            title=_("Personne ne peut signer la demande %(number)s") % {"number": row.number},
            url=_page(row),
            kind=_("Plan de délégation"),
            since=row.version.submitted_at,
            detail=_("Inscrivez une ligne ou un intérim au plan de délégation."),
            member=row.branch.organisation.name,
            urgent=True,
        )


def _page(row: Derogation) -> str:
    return reverse("derogations:request_detail", args=[row.branch.organisation.slug, row.number])
