"""Fix how a provider receives orders from a day on (R-19)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from members.models import Provider
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from orders import events
from orders.kinds import SendingMode
from orders.models import DispatchMode
from portal.audit import Actor, record
from portal.clock import today
from portal.commands import action
from portal.workflow import locked


@action
def set_dispatch_mode(
    *, provider: Provider, mode: SendingMode, email: str, since: date, by: Actor
) -> DispatchMode:
    """The mode in force from ``since``; the one before ends there (R-19).

    What begins that day or after is replaced if it began today or is to come: a wrong address or
    year is mended at once. A sending keeps its own mode and address, and the journal those that
    were replaced. Raises ValidationError when an e-mail is missing, or when a mode that begins
    that day or after began before today: what was in force then stays.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    if mode == SendingMode.EMAIL and not email:
        raise ValidationError({"email": _("Inscrivez l'adresse où le prestataire reçoit.")})
    modes = DispatchMode.objects.filter(provider=locked(provider))
    not_before = modes.filter(valid__startswith__gte=since).order_by("-valid")
    began = not_before.filter(valid__startswith__lt=today()).first()
    if began is not None:
        told = {"day": began.valid.lower.isoformat()}
        raise ValidationError(
            {"since": _("Un mode a commencé le %(day)s : choisissez un jour qui le suit.") % told}
        )
    for replaced in not_before:
        _remove(replaced, by=by, hat=hat)
    before = modes.filter(valid__contains=since).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, since)
        before.save(update_fields=["valid"])
    fixed = DispatchMode.objects.create(
        provider=provider, mode=mode, email=email, valid=DateRange(since, None)
    )
    record(events.DISPATCH_MODE_SET, by=by, on=fixed, hat=hat, mode=mode, since=since.isoformat())
    return fixed


def _remove(replaced: DispatchMode, *, by: Actor, hat: str) -> None:
    """Take out a mode that another replaces; the journal keeps what it said."""
    record(
        events.DISPATCH_MODE_REPLACED,
        by=by,
        on=replaced,
        hat=hat,
        mode=replaced.mode,
        email=replaced.email,
        since=replaced.valid.lower.isoformat(),
    )
    replaced.delete()
