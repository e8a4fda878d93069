"""Reads over the journal: a member's own events, or the group's for ITQ (F-83)."""

from django.db.models import QuerySet

from members.models import Organisation, User
from members.permissions import WHOLE_GROUP, reach_of, require
from members.queries.people import require_branches
from members.roles import May, StaffMay
from portal.models import AuditEvent


def journal_of(user: User, organisation: Organisation) -> QuerySet[AuditEvent]:
    """The events of the branches whose journal ``user`` reads; Refused when there is none.

    Events keep no foreign key: the ids of the branches are found first.
    """
    branches = [branch.pk for branch in require_branches(user, May.READ_JOURNAL, organisation)]
    return AuditEvent.objects.filter(branch_id__in=branches)


def whole_journal(user: User) -> QuerySet[AuditEvent]:
    """Every event, for ITQ's staff; Refused otherwise."""
    require(user, StaffMay.READ_ALL_JOURNAL, on=WHOLE_GROUP)
    return AuditEvent.objects.all()


def history_of(user: User, object_type: str, object_id: int, may: May) -> QuerySet[AuditEvent]:
    """The events of one object, on the branches where ``may`` holds; oldest first."""
    rows = AuditEvent.objects.filter(object_type=object_type, object_id=object_id)
    reach = reach_of(user, may)
    if reach is not None:
        rows = rows.filter(branch_id__in=reach)
    return rows.order_by("id")
