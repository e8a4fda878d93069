"""Fix a tax's rate from a day on."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from catalogue import events
from catalogue.models import TaxRate
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import Actor, record
from portal.commands import action


@action
def set_tax_rate(*, code: str, label: str, rate: Decimal, since: date, by: Actor) -> TaxRate:
    """A tax's rate from ``since``; the one before ends there (domain.md §7). 0.05 means 5 %.

    Raises ValidationError when a later rate already begins on or after that day.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    later = TaxRate.objects.select_for_update().filter(code=code, valid__startswith__gte=since)
    if later.exists():
        raise ValidationError(
            {"since": _("Un taux commence déjà à cette date ou après : choisissez-en une autre.")}
        )
    before = TaxRate.objects.select_for_update().filter(code=code, valid__contains=since).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, since)
        before.save(update_fields=["valid"])
    taxed = TaxRate.objects.create(code=code, label=label, rate=rate, valid=DateRange(since, None))
    record(events.TAX_RATE_SET, by=by, on=taxed, hat=hat, rate=str(rate), since=since.isoformat())
    return taxed
