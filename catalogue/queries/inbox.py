"""What awaits a person in the catalogue: requests for ITQ, answers for whoever asked."""

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.models import OfferRequest
from members.models import User
from members.permissions import can, visible
from members.roles import May, StaffMay
from portal.inbox import InboxItem


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here; no query for those whom nothing can await."""
    if can(user, StaffMay.ANSWER_MEMBERS, on=None):
        waiting = OfferRequest.objects.filter(answered_at__isnull=True).order_by("asked_at", "pk")
        related = waiting.select_related("provider", "branch__organisation")
        return [_to_answer(row) for row in related]
    answered = (
        visible(user, May.ASK_OFFER, OfferRequest.objects.all())
        .filter(asked_by=user, answered_at__isnull=False, read_at__isnull=True)
        .select_related("branch__organisation")
    )
    return [_to_read(row) for row in answered]


def _to_answer(row: OfferRequest) -> InboxItem:
    return InboxItem(
        title=_("Article manquant : %(wanted)s") % {"wanted": row.wanted},
        url=reverse("catalogue:request_answer", args=[row.pk]),
        kind=_("Catalogue"),
        since=row.asked_at,
        detail=row.provider.name,
        member=row.branch.organisation.name,
    )


def _to_read(row: OfferRequest) -> InboxItem:
    assert row.answered_at is not None
    return InboxItem(
        title=_("ITQ a répondu : %(wanted)s") % {"wanted": row.wanted},
        url=reverse("catalogue:request_detail", args=[row.branch.organisation.slug, row.pk]),
        kind=_("Catalogue"),
        since=row.answered_at,
        member=row.branch.organisation.name,
    )
