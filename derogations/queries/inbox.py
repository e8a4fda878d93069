"""What awaits those who ask for derogations, who keep the plan, and who confirm a paper."""

from collections.abc import Iterator
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import Derogation
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
from portal.search import is_nothing


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
    """For INTRL: requests of which a signature lacks anybody (signing.md §2).

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
        if row.state == DerogationState.SUBMITTED and row.version.lacking:
            yield _unsignable_item(row)


def _over_plan(user: User, over: QuerySet[Derogation]) -> QuerySet[Any]:
    """The rows that await the interlocutor, each saying why."""
    flags = open_of().exclude(signature__person=user.person_id).order_by("flagged_at")
    return over.annotate(
        some_may=Exists(SigningGrant.objects.filter(content_object=OuterRef("pk"))),
        flagged_at=Subquery(flags.values("flagged_at")[:1]),
        wants_account=ExpressionWrapper(Q(lacks_account()), output_field=BooleanField()),
    ).filter(
        Q(state=DerogationState.SUBMITTED, version__lacking__len__gt=0)
        | Q(flagged_at__isnull=False)
        | Q(wants_account=True)
    )


def _unsignable_item(row: Any) -> InboxItem:
    """Nobody can sign it, or too few can; the posts that nobody fills are named (F-16)."""
    posts = ", ".join(filter(None, row.version.lacking))
    return InboxItem(
        title=_title(row.some_may) % {"number": row.number},
        url=_page(row),
        kind=_("Plan de délégation"),
        since=row.version.submitted_at,
        detail=_("Poste à pourvoir au plan de délégation : %(posts)s.") % {"posts": posts}
        if posts
        else _("Inscrivez une ligne ou un intérim au plan de délégation."),
        member=row.branch.organisation.name,
        urgent=True,
    )


def _title(some_may: bool) -> str:
    """Nobody can sign, or too few can."""
    if some_may:
        return _("Trop peu de personnes peuvent signer la demande %(number)s")
    return _("Personne ne peut signer la demande %(number)s")


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
