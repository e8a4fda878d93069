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
from portal.commands import action


@action
def set_dispatch_mode(
    *, provider: Provider, mode: SendingMode, email: str, since: date, by: Actor
) -> DispatchMode:
    """The mode in force from ``since``; the one before ends there.

    Raises ValidationError when an e-mail is missing, or when a mode already begins later.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    if mode == SendingMode.EMAIL and not email:
        raise ValidationError({"email": _("Inscrivez l'adresse où le prestataire reçoit.")})
    modes = DispatchMode.objects.select_for_update().filter(provider=provider)
    if modes.filter(valid__startswith__gte=since).exists():
        raise ValidationError(
            {"since": _("Un mode commence déjà à cette date ou après : choisissez-en une autre.")}
        )
    before = modes.filter(valid__contains=since).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, since)
        before.save(update_fields=["valid"])
    fixed = DispatchMode.objects.create(
        provider=provider, mode=mode, email=email, valid=DateRange(since, None)
    )
    record(events.DISPATCH_MODE_SET, by=by, on=fixed, hat=hat, mode=mode, since=since.isoformat())
    return fixed
