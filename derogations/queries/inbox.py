"""What awaits those who ask for derogations, who keep the plan, and who confirm a paper."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import Derogation, Signature
from derogations.queries.papers import paper_items
from derogations.queries.reexamination import (
    open_of,
    reexamination_item,
    reexamination_items,
)
from derogations.queries.requests import lacks_account
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
        *_interlocutor(user),
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


def _interlocutor(user: User) -> Iterator[InboxItem]:
    """For INTRL: requests that await more signatures than people may give (signing.md §2).

    In the same query, what was signed by need for want of an account (R-17), and what is to be
    re-examined (§3.9), which ITQ is told too.
    """
    over = visible(user, May.DECLARE_ABSENCE, Derogation.objects.all())
    if is_nothing(over):
        yield from reexamination_items(user)
        return
    for row in _over_plan(user, over).select_related("branch__organisation", "version", "provider")[
        :50
    ]:
        assert row.version is not None
        if row.flagged_at:
            yield reexamination_item(row, row.flagged_at)
        if row.wants_account:
            yield _account_item(row)
        if row.state == DerogationState.SUBMITTED and row.able < row.needed - row.given:
            yield _unsignable_item(row)


def _over_plan(user: User, over: QuerySet[Derogation]) -> QuerySet[Any]:
    """The rows that await the interlocutor, each saying why."""
    flags = open_of().exclude(signature__person=user.person_id).order_by("flagged_at")
    return over.annotate(
        able=_people(SigningGrant.objects.filter(content_object=OuterRef("pk")), "user__person"),
        given=_people(
            Signature.objects.filter(version=OuterRef("version"), voided_at__isnull=True),
            "person",
        ),
        needed=Summed("version__steps"),
        flagged_at=Subquery(flags.values("flagged_at")[:1]),
        wants_account=ExpressionWrapper(Q(lacks_account()), output_field=BooleanField()),
    ).filter(
        Q(
            state=DerogationState.SUBMITTED,
            version__submitted_at__lt=ClockTimestamp() - SETTLED,
            able__lt=F("needed") - F("given"),
        )
        | Q(flagged_at__isnull=False)
        | Q(wants_account=True)
    )


def _unsignable_item(row: Any) -> InboxItem:
    """Nobody can sign it, or too few can."""
    return InboxItem(
        title=_title(row.able) % {"number": row.number},
        url=_page(row),
        kind=_("Plan de délégation"),
        since=row.version.submitted_at,
        detail=_("Inscrivez une ligne ou un intérim au plan de délégation."),
        member=row.branch.organisation.name,
        urgent=True,
    )


def _title(able: int) -> str:
    """Nobody can sign, or too few can."""
    if able:
        return _("Trop peu de personnes peuvent signer la demande %(number)s")
    return _("Personne ne peut signer la demande %(number)s")


def _people(rows: QuerySet[Any], name: str) -> Coalesce:
    """How many people a sub-query names."""
    counted = (
        rows.order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(count=Count(name, distinct=True))
    )
    return Coalesce(Subquery(counted.values("count")), 0)


class Summed(Func):
    """The sum of a column that holds an array of numbers."""

    template = "(SELECT COALESCE(SUM(step), 0) FROM UNNEST(%(expressions)s) AS step)"
    output_field = IntegerField()


def _account_item(row: Derogation) -> InboxItem:
    """« Ouvrir un compte », once a request by need is signed (R-17)."""
    assert row.signed_at is not None
    return InboxItem(
        title=_("Ouvrir un compte chez %(provider)s") % {"provider": row.provider},
        url=_page(row),
        kind=_("Compte"),
        since=row.signed_at,
        detail=_("La demande %(number)s est signée ; le compte ouvre le catalogue du prestataire.")
        % {"number": row.number},
        member=row.branch.organisation.name,
    )


def _page(row: Derogation) -> str:
    return reverse("derogations:request_detail", args=[row.branch.organisation.slug, row.number])
