"""What is opened of a line's rows is written down: who, when, and why (R-44, permissions.md §2)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing import events
from billing.models import LineTotal, LineUse
from members.models import User
from members.permissions import require
from members.roles import May
from portal.audit import record
from portal.commands import action


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


def _reason(text: str) -> str:
    """The reason, which nobody leaves out."""
    if not text.strip():
        raise ValidationError({"reason": _("Dites pourquoi vous ouvrez ce détail.")})
    return text.strip()[:300]
