"""What awaits a person about the delegation plan: lines to confirm, kinds that nobody signs."""

from collections.abc import Iterator

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Branch, Delegation, Organisation, User
from members.permissions import visible
from members.powers import DerogationKind
from members.queries.plans import lines_to_confirm
from members.roles import May
from portal.clock import today
from portal.inbox import InboxItem
from portal.search import is_nothing

SHOWN = 20


def plan_items(user: User) -> Iterator[InboxItem]:
    """Both sources."""
    yield from _to_confirm(user)
    yield from _unsigned(user)


def _to_confirm(user: User) -> Iterator[InboxItem]:
    """Lines and interims that a second person confirms (R-02)."""
    rows = lines_to_confirm(user)
    if is_nothing(rows):
        return
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
