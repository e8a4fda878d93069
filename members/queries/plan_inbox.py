"""What awaits a person about the delegation plan: lines to confirm, kinds that nobody signs."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Branch, Delegation, Organisation, Person, SigningRule, User
from members.permissions import can, visible
from members.powers import DerogationKind
from members.queries.plans import lines_to_confirm, rules_to_confirm
from members.queries.signers import signers_to_attest
from members.roles import May, StaffMay
from portal.clock import today
from portal.inbox import InboxItem
from portal.search import is_nothing

SHOWN = 20


def plan_items(user: User) -> Iterator[InboxItem]:
    """Every source; one query tells which of those that a person acts on have something."""
    sources: tuple[tuple[QuerySet[Any], Callable[[Any], Iterator[InboxItem]]], ...] = (
        (lines_to_confirm(user), _to_confirm),
        (rules_to_confirm(user), _rules),
        (_signers(user), _to_attest),
    )
    probes = [
        rows.order_by().values(source=Value(place))[:1]
        for place, (rows, _items) in enumerate(sources)
        if not is_nothing(rows)
    ]
    waiting = probes[0].union(*probes[1:], all=True) if probes else ()
    for place in sorted(row["source"] for row in waiting):
        rows, items = sources[place]
        yield from items(rows)
    yield from _unsigned(user)


def _to_confirm(rows: QuerySet[Delegation]) -> Iterator[InboxItem]:
    """Lines and interims that a second person confirms (R-02)."""
    waiting = rows.select_related("branch__organisation", "holder").order_by("recorded", "pk")
    for row in waiting[:SHOWN]:
        yield InboxItem(
            title=_("Confirmer la ligne de délégation %(line)s") % {"line": row},
            url=reverse("members:delegation_confirm", args=[row.branch.organisation.slug, row.pk]),
            kind=_("Plan de délégation"),
            since=row.recorded.lower,
            member=str(row.branch.organisation),
            detail=str(row.holder or ""),
        )


def _rules(rows: QuerySet[SigningRule]) -> Iterator[InboxItem]:
    """Rules of signature, or their removal, that a second person confirms (R-02)."""
    for row in rows.select_related("plan__organisation")[:SHOWN]:
        member = row.plan.organisation
        yield InboxItem(
            title=_("Confirmer le retrait de la règle de signature %(rule)s") % {"rule": row}
            if row.removed_at
            else _("Confirmer la règle de signature %(rule)s") % {"rule": row},
            url=reverse("members:plan_detail", args=[member.slug, row.plan_id]),
            kind=_("Plan de délégation"),
            since=row.removed_at or row.recorded_at,
            member=str(member),
        )


def _signers(user: User) -> QuerySet[Person]:
    """ITQ attests the signers whom a member's one INTRL recorded: they cannot sign before (E2)."""
    attests = can(user, StaffMay.ATTEST_INTERLOCUTOR, on=None)
    return signers_to_attest() if attests else Person.objects.none()


def _to_attest(rows: QuerySet[Person]) -> Iterator[InboxItem]:
    """Each with the line that names it."""
    people = list(rows[:SHOWN])
    lines = Delegation.objects.select_related("branch__organisation").in_bulk(
        [person.line_id for person in people]  # type: ignore[attr-defined]
    )
    for person in people:
        line = lines[person.line_id]  # type: ignore[attr-defined]
        member = line.branch.organisation
        yield InboxItem(
            title=_("Attester l'identité de %(person)s, signataire") % {"person": person},
            url=reverse("members:signer_attest", args=[member.slug, line.pk, person.pk]),
            kind=_("Plan de délégation"),
            since=line.recorded.lower,
            member=str(member),
            detail=str(line),
        )


def _unsigned(user: User) -> Iterator[InboxItem]:
    """INTRL learns that no line empowers anyone to sign some kind (F-10, R-24)."""
    roots = visible(user, May.DECLARE_ABSENCE, Branch.objects.filter(is_root=True))
    if is_nothing(roots):
        return
    lines = Delegation.objects.in_force(today()).filter(
        branch__organisation=OuterRef("organisation")
    )
    kinds = lines.order_by().annotate(kind=Func("kinds", function="unnest")).values("kind")
    told = roots.select_related("organisation").annotate(signed=ArraySubquery(kinds.distinct()))
    for root in told[:SHOWN]:
        member = root.organisation
        lacking = [kind for kind in DerogationKind if kind not in root.signed]
        if lacking and member.status != Organisation.Status.LEFT:
            yield InboxItem(
                title=_("Personne ne peut signer certaines dérogations"),
                url=reverse("members:plan_overview", args=[member.slug]),
                kind=_("Plan de délégation"),
                since=timezone.now(),
                member=str(member),
                detail=", ".join(str(kind.label) for kind in lacking),
            )
