"""Give ITQ the mandate to handle a member's bills, and take it back (R-44)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from members import events
from members.models import BillingMandate, Branch, User
from members.permissions import require
from members.roles import May
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import locked


@action
def give_billing_mandate(
    *, branch: Branch, by: User, until: datetime | None = None
) -> BillingMandate:
    """INTRL lets ITQ import and open the branch's bills from now, to ``until`` or without end."""
    hat = require(by, May.GIVE_BILLING_MANDATE, on=branch)
    held = locked(branch)
    instant = database_clock()
    if until is not None and until <= instant:
        raise ValidationError({"until": _("La fin doit être à venir.")})
    if BillingMandate.objects.in_force(instant).filter(branch=held).exists():
        raise ValidationError(_("ITQ a déjà ce mandat. Retirez-le avant d'en donner un autre."))
    mandate = BillingMandate.objects.create(
        branch=held, period=DateTimeTZRange(instant, until), given_by=by
    )
    record(events.BILLING_MANDATE_GIVEN, by=by, on=mandate, hat=hat)
    return mandate


@action
def revoke_billing_mandate(*, mandate: BillingMandate, by: User) -> BillingMandate:
    """INTRL takes the mandate back, now."""
    hat = require(by, May.GIVE_BILLING_MANDATE, on=mandate)
    fresh = locked(mandate)
    instant = database_clock()
    if fresh.period.upper is not None and fresh.period.upper <= instant:
        raise ValidationError(_("Ce mandat a déjà pris fin."))
    fresh.period = DateTimeTZRange(fresh.period.lower, instant)
    fresh.revoked_at, fresh.revoked_by = instant, by
    fresh.save(update_fields=["period", "revoked_at", "revoked_by"])
    record(events.BILLING_MANDATE_REVOKED, by=by, on=fresh, hat=hat)
    return fresh
