"""Lines of a plan from a file: a dry run, then whole or not at all (F-10, F-45)."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members import events
from members.actions.delegations import record_delegation
from members.models import Delegation, DelegationPlan, Person, User
from members.permissions import branch_of, require
from members.plan_sheet import SCHEMA
from members.queries.people import person_at
from members.queries.plan_sheets import JudgedSheet, PlannedLine, judge_lines
from members.roles import May
from portal.audit import record
from portal.commands import action
from portal.files import read, store
from portal.models import StoredFile
from portal.tabular import Table, TableRefused, read_table

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """A file received, and what it would record; nothing is written from it yet."""

    file: StoredFile
    judged: JudgedSheet


@action
def check_delegation_sheet(
    *, plan: DelegationPlan, name: str, content: bytes, content_type: str, by: User
) -> CheckedSheet:
    """Dry run: every fault at once, or the lines that the file would record.

    Raises ValidationError on a file that cannot be read (X-15, X-16, X-19).
    """
    hat = require(by, May.RECORD_DELEGATION, on=plan.organisation)
    table = _table(content, name)
    judged = judge_lines(plan, SCHEMA.read(table), by)
    file = store(content, name=name, content_type=content_type)
    root = branch_of(plan.organisation)
    told = {"rows": len(table.rows), "faults": len(judged.faults), "sha256": file.sha256}
    record(events.SHEET_CHECKED, by=by, on=plan, hat=hat, branch_id=root, **told)
    return CheckedSheet(file, judged)


@action
def import_delegations(
    *, plan: DelegationPlan, file: StoredFile, by: User, reason: str = ""
) -> list[Delegation]:
    """Record every line of a checked file, or none; each waits for its confirmation (R-02).

    The file is judged again: what changed since the dry run refuses it, with its faults.
    """
    require(by, May.RECORD_DELEGATION, on=plan.organisation)
    judged = judge_lines(plan, SCHEMA.read(_table(read(file), file.name)), by)
    if judged.faults:
        raise ValidationError([f"{fault.line} : {fault.reason}" for fault in judged.faults[:10]])
    return [_recorded(plan, line, reason, by) for line in judged.lines]


def _recorded(plan: DelegationPlan, line: PlannedLine, reason: str, by: User) -> Delegation:
    """A person named on two lines is made by the first."""
    holder = line.holder
    if holder is not None and not isinstance(holder, Person):
        holder = person_at(holder.email, plan.organisation) or holder
    return record_delegation(
        plan=plan, branch=line.branch, holder=holder, facts=line.facts, reason=reason, by=by
    )


def _table(content: bytes, name: str) -> Table:
    """The rows of the file; ValidationError when it cannot be read or is too long."""
    try:
        table = read_table(content, name)
    except TableRefused as error:
        raise ValidationError({"file": str(error)}) from error
    if len(table.rows) > MOST_LINES:
        told = _("Le fichier a plus de %(most)s lignes : séparez-le en plusieurs fichiers.")
        raise ValidationError({"file": told % {"most": MOST_LINES}})
    return table
