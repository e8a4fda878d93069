"""What an order line may name in its branch, and the words that find it: holders and lines."""

from typing import cast

from django.db.models import OuterRef, QuerySet, Subquery

from members.models import Branch
from orders.kinds import LineStatus
from orders.models import Holder, LineVersion, ServiceLine
from portal.search import matching


def holders_to_name(branch: Branch) -> QuerySet[Holder]:
    """The holders in function of a branch that came through the gate."""
    return Holder.objects.filter(branch=branch, is_active=True)


def holders_like(holders: QuerySet[Holder], text: str) -> QuerySet[Holder]:
    """Those whose name, function or employee number hold each word."""
    found = matching(holders, text, ("name", "function", "employee_number"))
    return cast("QuerySet[Holder]", found)


def lines_to_name(branch: Branch) -> QuerySet[ServiceLine]:
    """The lines in service of a branch that came through the gate, with who carries each."""
    current = LineVersion.objects.filter(service_line=OuterRef("pk"), valid__upper_inf=True)
    return ServiceLine.objects.filter(
        branch=branch,
        versions__valid__upper_inf=True,
        versions__status__in=(LineStatus.ACTIVE, LineStatus.SUSPENDED),
    ).annotate(carrier=Subquery(current.values("holder__name")[:1]))


def lines_like(lines: QuerySet[ServiceLine], text: str) -> QuerySet[ServiceLine]:
    """Those whose number, however it is spaced, or whose holder's name holds each word."""
    if not any(character.isalpha() for character in text):
        text = "".join(character for character in text if character.isdigit()) or text
    return cast("QuerySet[ServiceLine]", matching(lines, text, ("number", "carrier")))
