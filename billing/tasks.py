"""The bills' tasks: files read then shown, the watched folder, idle tables dropped."""

from celery import shared_task

from billing.actions.publishing import attach_late_use, publish_import
from billing.actions.reading import begin_import, prepare_import, refuse_unreadable
from billing.actions.restating import restate_service_line
from billing.actions.statements import store_statement
from billing.actions.sweeping import sweep_storages
from billing.documents import render_statement
from billing.drops import read_drop_folder
from billing.kinds import ImportState, ImportStep
from billing.loading.accounts import accounts_for
from billing.loading.lease import held
from billing.loading.reading import load
from billing.models import Import, MonthStatement
from billing.queries.statements import statement_of
from orders.models import ServiceLine
from portal.audit import SYSTEM
from portal.clock import database_clock
from portal.documents import require_renderer


@shared_task(name="billing.read_import")
def read_import(import_id: int) -> None:
    """Read a file from end to end, then show it or leave it to a person; cut, it begins again."""
    with held(import_id):
        begun = begin_import(bill_import=Import.objects.get(pk=import_id), by=SYSTEM)
        if begun is None:
            return
        rollup = None
        if begun.step != ImportStep.PUBLISHING:
            loaded = load(begun, accounts_for(begun))
            if loaded.fault:
                refuse_unreadable(bill_import=begun, loaded=loaded, by=SYSTEM)
                return
            begun = prepare_import(bill_import=begun, loaded=loaded, by=SYSTEM)
            rollup = loaded.rollup
        if begun.state == ImportState.READING:
            publish_import(bill_import=begun, rollup=rollup, by=SYSTEM)


@shared_task(name="billing.publish_import")
def publish_prepared(import_id: int) -> None:
    """Show use whose charges were awaited, now that they are there."""
    publish_import(bill_import=Import.objects.get(pk=import_id), by=SYSTEM)


@shared_task(name="billing.attach_late_use")
def attach_late(import_id: int) -> None:
    """Show the use of accounts whose charges came after those of the file's others."""
    attach_late_use(bill_import=Import.objects.get(pk=import_id), by=SYSTEM)


@shared_task(name="billing.restate_line")
def restate_line(service_line_id: int) -> None:
    """A line changed branch or cost centre on a past day: the invoices since then follow (D-43)."""
    restate_service_line(service_line=ServiceLine.objects.get(pk=service_line_id), by=SYSTEM)


@shared_task(name="billing.sweep_storages")
def sweep_idle_storages() -> None:
    """Drop the tables whose rows nobody is shown any more; one with a reader waits (D-40)."""
    sweep_storages(by=SYSTEM)


@shared_task(name="billing.read_drop_folder")
def read_drops() -> None:
    """Receive what was put in the watched folder."""
    read_drop_folder()


@shared_task(name="billing.render_statement")
def render_month_statement(statement_id: int) -> None:
    """Render the month's printed state that was asked for, once."""
    statement = MonthStatement.objects.select_related("branch__organisation").get(pk=statement_id)
    if statement.file_id is not None:
        return
    require_renderer()
    now = database_clock()
    found = statement_of(statement.branch, statement.month)
    paper = render_statement(statement, now, lines=found.lines, total=found.total, due=found.due)
    store_statement(statement=statement, paper=paper, produced_at=now, by=SYSTEM)
