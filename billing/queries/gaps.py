"""Reads over billed lines that the inventory lacks, and over what inventories propose (F-41)."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from billing.kinds import NOT_SHOWN_YET
from billing.models import Gap, LineProposal
from members.models import Organisation, User
from members.permissions import visible
from members.roles import May
from orders.models import LineVersion, ServiceLine
from orders.queries.fleet import lines_of


def gaps_of(user: User, organisation: Organisation) -> QuerySet[Any]:
    """The billed lines to settle on the invoices shown; each with a line that had its number."""
    rows = Gap.objects.filter(branch__organisation=organisation, version__shown_by__isnull=False)
    once = LineVersion.objects.filter(
        number=OuterRef("number"), branch__organisation=organisation
    ).order_by("-valid")
    return (
        visible(user, May.MATCH_BILLED_LINES, rows)
        .select_related(
            "branch",
            "version__invoice__account__provider",
            "service_line",
            "settled_by__person",
        )
        .annotate(once_line=Subquery(once.values("service_line")[:1]))
    )


def lines_by_number(
    user: User, organisation: Organisation, numbers: set[str]
) -> dict[str, ServiceLine]:
    """The member's lines that have those numbers now, among those that ``user`` sees."""
    found = lines_of(user, organisation).filter(number__in=sorted(numbers))
    return {line.number: line for line in found.order_by("pk")}


def lines_by_id(user: User, ids: set[int]) -> dict[int, str]:
    """Line → its number now, among those that ``user`` sees."""
    rows = visible(user, May.SEE_LINES, ServiceLine.objects.filter(pk__in=sorted(ids)))
    return dict(rows.order_by().values_list("pk", "number"))


def proposals_of(user: User, organisation: Organisation) -> QuerySet[LineProposal]:
    """What published inventories propose to do to the lines that ``user`` keeps."""
    rows = LineProposal.objects.filter(branch__organisation=organisation)
    rows = rows.exclude(bill_import__state__in=NOT_SHOWN_YET)
    return visible(user, May.KEEP_LINES, rows).select_related(
        "branch",
        "account__provider",
        "service_line",
        "bill_import__bill_file",
        "decided_by__person",
    )
