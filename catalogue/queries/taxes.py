"""Sales taxes as they are on a day."""

from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet

from catalogue.models import TaxRate
from members.models import User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay


def tax_rates(day: date) -> dict[str, Decimal]:
    """Each tax's rate on ``day`` by code: ``{"tps": Decimal("0.05"), …}``."""
    rows = TaxRate.objects.filter(valid__contains=day)
    return dict(rows.values_list("code", "rate"))


def tax_history(user: User) -> QuerySet[TaxRate]:
    """Every rate with its period, latest first, for ITQ's administrators."""
    require(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    return TaxRate.objects.annotate(percent=F("rate") * 100).order_by("code", "-valid")
