"""What the page of one request reads: its row, its proof, what was said, signed and recorded."""

from typing import Any

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.http import Http404

from derogations.models import (
    Annex,
    Derogation,
    Message,
    Refusal,
    ReplyTemplate,
    Seal,
    Signature,
    Version,
)
from derogations.queries.requests import (
    EDITABLE_STATES,
    derogations_seen,
    lacks_account,
    papers_lookup,
    places_lookup,
)
from members.models import User
from portal.models import AuditEvent, ClockTimestamp

UNTOLD = ("derogation.edited", "signing_grants.projected", "challenge.opened")
"""Events of the journal that tell a reader of the request nothing."""


def request_row(user: User, member: str, number: str) -> Derogation:
    """The derogation that an address names, with its papers and seal, through the gate; or 404.

    Its places are read too while they are not frozen. ``read_at`` is the database's clock.
    """
    signed = Signature.objects.filter(version__derogation=OuterRef("pk"))
    refused = Refusal.objects.filter(version__derogation=OuterRef("pk"))
    annexes = Annex.objects.filter(derogation=OuterRef("pk")).order_by("-pk")
    derogation = (
        derogations_seen(user)
        .filter(branch__organisation__slug=member, number=number)
        .select_related("version__seal")
        .annotate(
            read_at=ClockTimestamp(),
            has_signatures=Exists(signed),
            has_refusals=Exists(refused),
            lacks_account=lacks_account(),
            annex_asked=Exists(annexes.filter(file__isnull=True)),
            annex_at=Subquery(annexes.filter(file__isnull=False).values("produced_at")[:1]),
        )
        .first()
    )
    if derogation is None:
        raise Http404
    live = derogation.state in EDITABLE_STATES or derogation.version_id is None
    lookups = [papers_lookup(), *([places_lookup()] if live else [])]
    prefetch_related_objects([derogation], *lookups)
    return derogation


def annex_of(derogation: Derogation) -> Annex | None:
    """The last copy of the messages that was produced, with its file (F-32)."""
    return derogation.annexes.filter(file__isnull=False).select_related("file").first()


def versions_of(derogation: Derogation) -> list[Version]:
    """Every submission of a request, latest first, with its signatures and refusals."""
    if derogation.version_id is None:
        return []
    return list(
        derogation.versions.select_related("submitted_by__person", "pdf").prefetch_related(
            Prefetch("signatures", _told(Signature, derogation, "has_signatures", "signed_at")),
            Prefetch("refusals", _told(Refusal, derogation, "has_refusals", "pk")),
        )
    )


def _told(model, derogation: Derogation, known: str, order: str) -> QuerySet:  # type: ignore[no-untyped-def,type-arg]
    """Acts with what a sentence of them names; none is asked for where the row says none."""
    told = model.objects.select_related("person", "acting_for", "delegation__plan")
    rows: QuerySet[Any] = told.order_by(order)
    return rows if getattr(derogation, known, True) else rows.none()


def seal_of(derogation: Derogation) -> Seal | None:
    """The seal of the version that was signed; None before, and for an earlier derogation."""
    return getattr(derogation.version, "seal", None)


def messages_in(derogation: Derogation) -> list[Message]:
    """What was said in a request, oldest first (F-32)."""
    return list(derogation.messages.select_related("written_by__person"))


def offered_replies() -> list[ReplyTemplate]:
    """The ready answers that ITQ offers (F-32)."""
    return list(ReplyTemplate.objects.filter(is_offered=True))


def edits_between(derogation: Derogation, before: Version, after: Version) -> dict[str, str]:
    """Who last changed each field from one submission to the next (F-31)."""
    rows = AuditEvent.objects.filter(
        object_type="derogations.derogation",
        object_id=derogation.pk,
        recorded_at__gte=before.submitted_at,
        recorded_at__lte=after.submitted_at,
        data__has_key="fields",
    ).order_by("pk")
    return {name: row.actor_label for row in rows for name in row.data["fields"]}


def request_history(derogation: Derogation) -> list[AuditEvent]:
    """The events of a request already fetched through the gate, oldest first."""
    rows = AuditEvent.objects.filter(
        object_type="derogations.derogation", object_id=derogation.pk
    ).exclude(code__in=UNTOLD)
    return list(rows.order_by("pk"))
