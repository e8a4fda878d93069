"""The month's printed state is asked for, and kept once a task has made it."""

from datetime import date, datetime

from billing import events
from billing.models import MonthStatement
from members.models import Branch, User
from members.permissions import require
from members.roles import May
from portal.audit import SystemActor, record
from portal.commands import action
from portal.models import StoredFile
from portal.queue import later
from portal.workflow import locked


@action
def ask_statement(*, branch: Branch, month: date, by: User) -> MonthStatement:
    """Ask for the dated PDF of a branch's month; one that is being made answers for it."""
    hat = require(by, May.SEE_INVOICES, on=branch)
    held = locked(branch)
    first = month.replace(day=1)
    under_way = MonthStatement.objects.filter(branch=held, month=first, file__isnull=True).first()
    if under_way:
        return under_way
    statement = MonthStatement.objects.create(branch=held, month=first, asked_by=by)
    record(events.STATEMENT_ASKED, by=by, on=statement, hat=hat, month=str(first))
    later("billing.render_statement", statement_id=statement.pk)
    return statement


@action
def store_statement(
    *, statement: MonthStatement, paper: StoredFile, produced_at: datetime, by: SystemActor
) -> MonthStatement:
    """Keep the copy that was rendered; one already kept stays."""
    fresh = locked(statement)
    if fresh.file_id is not None:
        return fresh
    fresh.file, fresh.produced_at = paper, produced_at
    fresh.save(update_fields=["file", "produced_at"])
    record(events.STATEMENT_PRODUCED, by=by, on=fresh, sha256=paper.sha256)
    return fresh
