"""Reads over the lines in service, on any date (F-40)."""

from collections.abc import Iterable
from datetime import date

from members.models import User
from orders.fleet_changes import ServiceLineFacts
from orders.models import LineVersion, ServiceLine
from portal.inbox import InboxItem


def line_facts(service_line: ServiceLine, on: date) -> ServiceLineFacts | None:
    """What ``service_line`` was on a day (R-16); None when it was not in service. One query.

    Asked about a line already held, so that no gate stands here.
    """
    return lines_facts([service_line], on).get(service_line.pk)


def lines_facts(service_lines: Iterable[ServiceLine], on: date) -> dict[int, ServiceLineFacts]:
    """The same for several lines, by primary key, in one query."""
    versions = LineVersion.objects.filter(
        service_line__in=list(service_lines), valid__contains=on
    ).select_related("service_line")
    return {version.service_line_id: _facts(version) for version in versions}


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here."""
    return []


def _facts(version: LineVersion) -> ServiceLineFacts:
    """A version's row as plain values."""
    return ServiceLineFacts(
        service_line_id=version.service_line_id,
        number=version.number,
        branch_id=version.branch_id,
        provider_id=version.service_line.provider_id,
        account_id=version.account_id,
        plan_id=version.plan_id,
        plan_label=version.plan_label,
        is_flexible=version.is_flexible,
        device_id=version.device_id,
        device_label=version.device_label,
        imei=version.imei,
        subsidised_until=version.subsidy_ends_on,
        commitment_ends_on=version.commitment_ends_on,
        holder_id=version.holder_id,
        cost_centre_id=version.cost_centre_id,
        status=version.status,
    )
