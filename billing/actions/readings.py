"""What is opened of a line's rows is written down: who, when, and why (R-44, permissions.md §2)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing import events
from billing.models import BillFile, LineTotal, LineUse, ProfileVersion
from billing.queries.bill_files import branches_told_in, holds_use
from members.models import User
from members.permissions import WHOLE_GROUP, require
from members.roles import May, StaffMay
from portal.audit import record
from portal.commands import action
from portal.models import StoredFile


@action
def open_use_detail(*, line_use: LineUse, reason: str, by: User) -> None:
    """Record that a person opens a line's use, record by record, and for what reason.

    Raises ValidationError without a reason.
    """
    hat = require(by, May.SEE_USE_DETAIL, on=line_use)
    record(
        events.USE_READ,
        by=by,
        on=line_use,
        hat=hat,
        number=line_use.number,
        version=line_use.version_id,
        reason=_reason(reason),
    )


@action
def open_charges(*, line_total: LineTotal, reason: str, by: User) -> None:
    """Record that ITQ, under the member's mandate, opens the charges of a line (R-44).

    Raises ValidationError without a reason.
    """
    hat = require(by, May.SEE_CHARGES, on=line_total)
    record(
        events.CHARGES_READ,
        by=by,
        on=line_total,
        hat=hat,
        number=line_total.number,
        version=line_total.version_id,
        reason=_reason(reason),
    )


@action
def open_bill_file(*, bill_file: BillFile, reason: str, by: User) -> None:
    """Record that a person takes a received file; and why, where it tells use record by record.

    Of the group's, the journal of each branch that is in it says so (R-44). Raises ValidationError
    without that reason.
    """
    hat = _require_reader(bill_file, by)
    why = _reason(reason) if holds_use(bill_file) else ""
    branches = branches_told_in(bill_file) if bill_file.branch_id is None else []
    for branch in (None, *branches):
        record(
            events.FILE_READ,
            by=by,
            on=bill_file,
            hat=hat,
            branch_id=branch,
            name=bill_file.name,
            reason=why,
        )


@action
def open_trial(*, version: ProfileVersion, file: StoredFile, by: User) -> None:
    """Record that rows of a received file are shown to try a version; a mere sample is nobody's."""
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    for held in BillFile.objects.filter(file=file):
        record(events.FILE_TRIED, by=by, on=held, hat=hat, version=version.pk)


def _require_reader(bill_file: BillFile, by: User) -> str:
    """Who imports such a file; of a member's that tells use, who may open its detail (R-44)."""
    if bill_file.branch is None:
        return require(by, StaffMay.IMPORT_GROUP_BILLS, on=WHOLE_GROUP)
    tells_use = holds_use(bill_file)
    return require(by, May.SEE_USE_DETAIL if tells_use else May.IMPORT_BILLS, on=bill_file)


def _reason(text: str) -> str:
    """The reason, which nobody leaves out."""
    if not text.strip():
        raise ValidationError({"reason": _("Dites pourquoi vous ouvrez ce détail.")})
    return text.strip()[:300]
