"""Reads over the lines in service, on any date (F-40), and over their take-over (F-45)."""

from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Organisation, ProviderAccount, User
from members.permissions import visible
from members.queries.holdings import open_accounts, usual_account
from members.roles import May
from orders.kinds import FleetImportState
from orders.models import FleetImport, LineVersion, Order, ServiceLine
from orders.queries.holders import addresses_to_confirm
from portal.inbox import InboxItem
from portal.search import is_nothing

_SHOWN = (
    *("service_line", "service_line__provider", "branch", "account__provider"),
    *("holder", "cost_centre"),
)


def fleet_on(user: User, organisation: Organisation, day: date) -> QuerySet[LineVersion]:
    """The lines in service on ``day``, as they were that day (F-40)."""
    versions = LineVersion.objects.filter(branch__organisation=organisation, valid__contains=day)
    return visible(user, May.SEE_LINES, versions).select_related(*_SHOWN)


def lines_of(user: User, organisation: Organisation) -> QuerySet[ServiceLine]:
    """The lines of the member that ``user`` may see, by the branch that has them now."""
    lines = ServiceLine.objects.filter(branch__organisation=organisation)
    return visible(user, May.SEE_LINES, lines).select_related("branch", "provider")


def line_history(user: User, service_line: ServiceLine) -> list[LineVersion]:
    """Every version of a line on the branches that ``user`` sees, the latest first."""
    versions = LineVersion.objects.filter(service_line=service_line)
    return list(
        visible(user, May.SEE_LINES, versions)
        .select_related(*_SHOWN, "recorded_by__person", "order_line__order", "plan", "device")
        .order_by("-valid")
    )


def accounts_to_choose(order: Order) -> list[ProviderAccount]:
    """Among which accounts an activation chooses; none where the branch has one of its own.

    The branch's own; its member's where it has none.
    """
    accounts = open_accounts(order.branch, order.rank.provider)
    if usual_account(accounts, order.branch):
        return []
    return [one for one in accounts if one.branch_id == order.branch_id] or accounts


def imports_of(user: User, organisation: Organisation) -> QuerySet[FleetImport]:
    """The take-over files of the branches whose lines ``user`` keeps, the latest first."""
    imports = FleetImport.objects.filter(branch__organisation=organisation)
    return visible(user, May.KEEP_LINES, imports).select_related(
        "branch", "provider", "file", "uploaded_by__person", "applied_by__person"
    )


def inbox_items(user: User) -> list[InboxItem]:
    """Take-over files that were checked and wait to be applied; addresses to confirm."""
    return [*_imports_to_apply(user), *addresses_to_confirm(user)]


def _imports_to_apply(user: User) -> list[InboxItem]:
    checked = FleetImport.objects.filter(state=FleetImportState.CHECKED)
    imports = visible(user, May.KEEP_LINES, checked)
    if is_nothing(imports):
        return []
    return [
        InboxItem(
            title=_("Appliquer une reprise de parc vérifiée"),
            url=reverse("orders:fleet_import_detail", args=[one.branch.organisation.slug, one.pk]),
            kind=_("Reprise du parc"),
            since=one.uploaded_at,
            detail=_("Lignes lues : %(count)s") % {"count": one.row_count},
            member=one.branch.organisation.name,
        )
        for one in imports.select_related("branch__organisation", "provider").order_by(
            "uploaded_at"
        )[:50]
    ]
