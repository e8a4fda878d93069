"""Reads over messages with the administering body (R-07)."""

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from members.models import (
    AdministeringBody,
    Branch,
    ItqMessage,
    Organisation,
    Respondent,
    StandingAuthorisation,
    User,
)
from members.permissions import Refused, can, visible
from members.queries.people import branches_where, require_branches
from members.roles import May, Role, StaffMay
from portal.clock import today

WRITERS = (Role.RCELL, Role.MANDA)
"""Roles that INTRL may authorise to write to ITQ (R-07)."""


def messages_of(user: User, organisation: Organisation) -> QuerySet[ItqMessage]:
    """INTRL sees every message of their branches; RCELL and MANDA their own and the answers."""
    rows = ItqMessage.objects.filter(branch__organisation=organisation)
    whole = visible(user, May.SEND_TO_ITQ, rows)
    own = visible(user, May.SEND_TO_ITQ_IF_AUTHORISED, rows)
    mine = own.filter(Q(sent_by=user) | Q(in_reply_to__sent_by=user))
    return (
        ItqMessage.objects.filter(Q(pk__in=whole.values("pk")) | Q(pk__in=mine.values("pk")))
        .select_related("branch__organisation", "sent_by__person")
        .order_by("-sent_at", "pk")
    )


def require_messages(user: User, organisation: Organisation) -> bool:
    """Refused without a right over messages; True for INTRL, who sees them all (R-07)."""
    if branches_where(user, May.SEND_TO_ITQ, organisation).exists():
        return True
    require_branches(user, May.SEND_TO_ITQ_IF_AUTHORISED, organisation)
    return False


def writable_branches(user: User, organisation: Organisation) -> list[Branch]:
    """The branches in whose name ``user`` may write today: by role, or authorised (R-07)."""
    whole = list(branches_where(user, May.SEND_TO_ITQ, organisation))
    own = branches_where(user, May.SEND_TO_ITQ_IF_AUTHORISED, organisation)
    known = {branch.pk for branch in whole}
    allowed = [b for b in own if b.pk not in known and is_authorised_to_write(user, b)]
    return whole + allowed


def require_writable(user: User, organisation: Organisation) -> list[Branch]:
    """The same, for the page that writes: Refused with the remedy when there is none."""
    require_messages(user, organisation)
    branches = writable_branches(user, organisation)
    if not branches:
        raise Refused(_("L'interlocuteur ne vous a pas autorisé à écrire à ITQ : demandez-le-lui."))
    return branches


def authorisations_of(user: User, organisation: Organisation) -> QuerySet[StandingAuthorisation]:
    """The authorisations in force that INTRL gave or may take back (R-07)."""
    rows: QuerySet[StandingAuthorisation] = StandingAuthorisation.objects.in_force()
    return visible(user, May.SEND_TO_ITQ, rows).filter(branch__organisation=organisation)


def messages_to_itq(user: User) -> QuerySet[ItqMessage]:
    """Everything that passed between members and ITQ, for its staff (R-07)."""
    if not can(user, StaffMay.ANSWER_MEMBERS, on=None):
        return ItqMessage.objects.none()
    return ItqMessage.objects.select_related("branch__organisation", "sent_by__person")


def writers_of(user: User, organisation: Organisation) -> QuerySet[Respondent]:
    """The RCELL and MANDA that INTRL may let write, each with the authorisation in force (R-07)."""
    held = StandingAuthorisation.objects.in_force().filter(respondent=OuterRef("pk"))
    rows: QuerySet[Respondent] = visible(user, May.SEND_TO_ITQ, Respondent.objects.effective())
    return (
        rows.filter(branch__organisation=organisation, role__in=WRITERS)
        .select_related("person", "branch")
        .annotate(authorisation=Subquery(held.values("pk")[:1]))
        .order_by("branch_id", "role", "pk")
    )


def is_authorised_to_write(user: User, branch: Branch) -> bool:
    """Whether an authorisation in force stands on one of the person's roles over ``branch``.

    A role on the root covers the subdivisions.
    """
    over = Q(branch=branch) | Q(branch__is_root=True, branch__organisation=branch.organisation_id)
    roles = Respondent.objects.effective().filter(over, person=user.person_id, role__in=WRITERS)
    return StandingAuthorisation.objects.in_force().filter(respondent__in=roles).exists()


def addressees_of(message: ItqMessage) -> list[str]:
    """Who is told by e-mail: the advisers of the day, or the INTRL in force over the branch."""
    if message.direction == ItqMessage.Direction.TO_ITQ:
        bodies = AdministeringBody.objects.filter(valid__contains=today())
        return list(bodies.values_list("advisers_email", flat=True))
    holders = interlocutors_over(message.branch_id).exclude(person__accounts__email=None)
    return list(holders.values_list("person__accounts__email", flat=True).distinct())


def interlocutors_over(branch_id: int) -> QuerySet[Respondent]:
    """The INTRL in force on a branch, otherwise that of its root (R-01)."""
    rows = Respondent.objects.effective().filter(role=Role.INTRL)
    own = rows.filter(branch=branch_id)
    if own.exists():
        return own
    return rows.filter(branch__is_root=True, branch__organisation__branches=branch_id)
