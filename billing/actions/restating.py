"""Totals of invoices already shown, after a dated act on a line of the fleet (D-43)."""

from itertools import chain

from billing import events
from billing.actions.placing import place_of
from billing.actions.rollups import restate_line
from billing.actions.usage import day_of_invoice
from billing.models import InvoiceVersion, LineTotal, LineUse
from orders.models import ServiceLine
from portal.audit import SystemActor, record
from portal.commands import action


@action
def restate_service_line(*, service_line: ServiceLine, by: SystemActor) -> int:
    """Each shown invoice holds the line's branch and cost centre of its own date; how many moved.

    The database says what moved: asked again, nothing does.
    """
    moved = 0
    for version, number, branch, centre in _shown_places(service_line):
        place = place_of(service_line.pk, day_of_invoice(version))
        if place[1] is None or place[1:] == (branch, centre):
            continue
        restate_line(version=version, number=number, place=(service_line.pk, place[1], place[2]))
        record(events.LINE_RESTATED, by=by, on=version.invoice, number=number, version=version.pk)
        moved += 1
    return moved


def _shown_places(
    service_line: ServiceLine,
) -> list[tuple[InvoiceVersion, str, int, int | None]]:
    """Where the shown invoices charge the line: version, number, branch and cost centre."""
    rows = [
        model.objects.filter(service_line=service_line, version__shown_by__isnull=False)  # type: ignore[attr-defined]
        .values_list("version", "number", "branch", "cost_centre")
        .distinct()
        for model in (LineTotal, LineUse)
    ]
    told = sorted(set(chain.from_iterable(rows)), key=str)
    versions = InvoiceVersion.objects.select_related("invoice").in_bulk({row[0] for row in told})
    return [(versions[pk], number, branch, centre) for pk, number, branch, centre in told]
