"""Reads over messages with the administering body (R-07)."""

from django.db.models import QuerySet
from django.utils import timezone

from members.models import AdministeringBody, ItqMessage, Organisation, Respondent, User
from members.permissions import visible
from members.roles import May, Role


def messages_of(user: User, organisation: Organisation) -> QuerySet[ItqMessage]:
    """INTRL sees every message of their branches; RCELL and MANDA their own and the answers."""
    rows = ItqMessage.objects.filter(branch__organisation=organisation)
    whole = visible(user, May.SEND_TO_ITQ, rows)
    own = visible(user, May.SEND_TO_ITQ_IF_AUTHORISED, rows)
    mine = own.filter(sent_by=user) | own.filter(in_reply_to__sent_by=user)
    return ItqMessage.objects.filter(pk__in=(whole | mine).values("pk"))


def addressees_of(message: ItqMessage) -> list[str]:
    """Who is told by e-mail: the advisers of the day, or the INTRL in force over the branch."""
    if message.direction == ItqMessage.Direction.TO_ITQ:
        today = timezone.localdate()
        bodies = AdministeringBody.objects.filter(valid__contains=today)
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
