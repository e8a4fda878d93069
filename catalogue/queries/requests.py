"""Missing articles: what a member asked, and ITQ's queue."""

from django.db.models import F, QuerySet

from catalogue.models import OfferRequest
from catalogue.queries.offers import catalogue_branches
from members.models import Branch, Organisation, User
from members.permissions import WHOLE_GROUP, require, visible
from members.roles import May, StaffMay

_RELATED = ("provider", "branch__organisation", "asked_by__person", "answered_by__person")


def requests_of(user: User, organisation: Organisation) -> QuerySet[OfferRequest]:
    """What the member's branches asked, as far as ``user`` sees their catalogue.

    Raises Unseen when it is none of them.
    """
    catalogue_branches(user, organisation)
    rows = visible(user, May.SEE_CATALOGUE, OfferRequest.objects.all())
    return rows.filter(branch__organisation=organisation).select_related(*_RELATED)


def asking_branches(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The member's branches for which ``user`` may tell that an article is missing."""
    return visible(user, May.ASK_OFFER, organisation.branches.all())


def requests_for_itq(user: User) -> QuerySet[OfferRequest]:
    """ITQ's queue: unanswered first, oldest first."""
    require(user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    return OfferRequest.objects.select_related(*_RELATED).order_by(
        F("answered_at").asc(nulls_first=True), "asked_at", "pk"
    )
