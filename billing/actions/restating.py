"""Totals of invoices already made, after an act on a line of the fleet or a billed one (D-43)."""

from itertools import chain

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing import events
from billing.actions.asking import settle_alike
from billing.actions.placing import place_of
from billing.actions.rollups import restate_line
from billing.actions.usage import day_of_invoice
from billing.kinds import NOT_SHOWN_YET
from billing.models import Finding, InvoiceVersion, LineTotal, LineUse
from billing.states import MATCH
from members.models import User
from orders.models import ServiceLine
from portal.audit import SystemActor, record
from portal.commands import action


@action
def restate_service_line(*, service_line: ServiceLine, by: SystemActor) -> int:
    """Each invoice, shown or to be, holds the line's branch and cost centre of its own date; how
    many moved.

    The database says what moved: asked again, nothing does.
    """
    moved = 0
    for version, number, branch, centre in _places(service_line):
        place = place_of(service_line.pk, day_of_invoice(version))
        if place[1] is None or place[1:] == (branch, centre):
            continue
        restate_line(version=version, number=number, place=(service_line.pk, place[1], place[2]))
        record(events.LINE_RESTATED, by=by, on=version.invoice, number=number, version=version.pk)
        moved += 1
    return moved


SHOWN_OR_READ = Q(shown_by__isnull=False) | Q(charge_import__state__in=NOT_SHOWN_YET)
"""Versions that people see, or will once a person said so."""


def place_billed_line(*, account: int, number: str, line: ServiceLine, by: User) -> None:
    """What the account's invoices bill under the number is that line, wherever nothing said so.

    Each invoice shown, or read and not shown yet, takes the line's branch and cost centre of its
    own date; what was still asked about the number is settled, and the invoice no longer says that
    the fleet lacks it, or that the line is not billed (F-41).
    """
    settle_alike(MATCH, account=account, number=number, by=by, service_line=line)
    for version in _lacking(account, number):
        _line, branch, centre = place_of(line.pk, day_of_invoice(version))
        place = (line.pk, branch or line.branch_id, centre)
        restate_line(version=version, number=number, place=place)
        Finding.objects.filter(
            Q(rule="B02", number=number) | Q(rule="B03", number__in=line.versions.values("number")),
            version=version,
        ).delete()
        record(events.LINE_RESTATED, by=by, on=version.invoice, number=number, version=version.pk)


def _lacking(account: int, number: str) -> QuerySet[InvoiceVersion]:
    """The account's versions, shown or to be, that bill the number as no line of the fleet."""
    rows = {"version": OuterRef("pk"), "number": number, "service_line": None}
    return (
        InvoiceVersion.objects.filter(
            SHOWN_OR_READ,
            Exists(LineTotal.objects.filter(**rows)) | Exists(LineUse.objects.filter(**rows)),
            invoice__account=account,
        )
        .select_related("invoice")
        .select_for_update(of=("self",))
        .order_by("pk")
    )


def _places(service_line: ServiceLine) -> list[tuple[InvoiceVersion, str, int, int | None]]:
    """Where invoices charge the line: version, number, branch and cost centre."""
    rows = [
        model.objects.filter(service_line=service_line)  # type: ignore[attr-defined]
        .values_list("version", "number", "branch", "cost_centre")
        .distinct()
        for model in (LineTotal, LineUse)
    ]
    told = sorted(set(chain.from_iterable(rows)), key=str)
    versions = (
        InvoiceVersion.objects.filter(SHOWN_OR_READ)
        .select_related("invoice")
        .in_bulk({row[0] for row in told})
    )
    return [(versions[row[0]], *row[1:]) for row in told if row[0] in versions]
