"""Signatures to look at again: their line was said otherwise since (signing.md §3.9)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.models import Derogation, Reexamination
from members.models import User
from members.permissions import visible
from members.roles import May
from portal.inbox import InboxItem
from portal.search import is_nothing

SHOWN = 50


def flagged(rows: QuerySet[Derogation]) -> QuerySet[Derogation]:
    """Those of which a signature is to be looked at again."""
    return rows.filter(Exists(open_of()))


def open_of() -> QuerySet[Reexamination]:
    """The open re-examinations of an outer derogation."""
    return Reexamination.objects.filter(
        signature__version__derogation=OuterRef("pk"), closed_at__isnull=True
    )


def reexaminations_of(derogation: Derogation) -> list[Reexamination]:
    """The open ones of a request already fetched through the gate."""
    rows = Reexamination.objects.filter(
        signature__version__derogation=derogation, closed_at__isnull=True
    )
    return list(
        rows.select_related(
            *("signature__person", "signature__acting_for", "signature__delegation__plan"),
            *("delegation__plan", "delegation__replaced_by__plan"),
        )
    )


def reexamination_items(user: User) -> Iterator[InboxItem]:
    """For ITQ, which keeps plans on written request: one thing a derogation, the oldest first."""
    over = visible(user, May.RECORD_DELEGATION, Derogation.objects.all())
    if is_nothing(over):
        return
    open_ones = Reexamination.objects.filter(
        closed_at__isnull=True, signature__version__derogation__in=over
    ).exclude(signature__person=user.person_id)
    joined = "signature__version__derogation__branch__organisation"
    told: set[int] = set()
    for row in open_ones.select_related(joined)[:SHOWN]:
        derogation = row.signature.version.derogation
        if derogation.pk in told:
            continue
        told.add(derogation.pk)
        yield reexamination_item(derogation, row.flagged_at)


def reexamination_item(derogation: Derogation, since: datetime) -> InboxItem:
    """« Réexaminer la signature »."""
    organisation = derogation.branch.organisation
    return InboxItem(
        title=_("Réexaminer la signature de la dérogation %(number)s")
        % {"number": derogation.number},
        url=reverse("derogations:reexamination", args=[organisation.slug, derogation.number]),
        kind=_("Plan de délégation"),
        since=since,
        detail=_("La ligne du plan qui l'a permise a été corrigée depuis."),
        member=organisation.name,
        urgent=True,
    )
