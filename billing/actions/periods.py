"""The right period of an invoice typed under a wrong one; its payments go with it (ADR 0017)."""

import copy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing import events
from billing.actions.typed import judge_typed, next_number, show_version
from billing.actions.verification import require_shown
from billing.kinds import Detail, ReleaseKind
from billing.models import Invoice, InvoiceVersion, Payment, Release
from members.models import User
from members.permissions import require
from members.roles import May
from portal.audit import record
from portal.clock import last_day
from portal.commands import action
from portal.workflow import locked


@action
def correct_typed_period(
    *,
    invoice: Invoice,
    version: InvoiceVersion,
    starts_on: date,
    ends_on: date,
    reason: str,
    by: User,
) -> Invoice:
    """Give a typed invoice its right period, with the reason; what was paid of it is not asked
    twice.

    An invoice that has that period already, a file's or another typed one, takes the payments;
    else the totals are shown there. Either is to be verified again, and the wrong one is shown no
    more. Raises ValidationError.
    """
    hat = require(by, May.IMPORT_BILLS, on=invoice)
    account = locked(invoice.account)
    held = locked(invoice)
    require_shown(held, version)
    period, why = DateRange(starts_on, ends_on + timedelta(days=1)), reason.strip()
    if faults := _faults(held, version, period, why):
        raise ValidationError(faults)
    found, _made = Invoice.objects.get_or_create(
        account=account, period=period, defaults={"branch": account.branch}
    )
    held = show_version(held, None, by, hat)
    right = locked(found)
    shown = right.current or _copied(version, right)
    right = show_version(right, shown, by, hat)
    paid = _carry_payments(held, shown, why, by)
    told: dict[str, Any] = {"starts_on": str(starts_on), "ends_on": str(ends_on), "reason": why}
    told |= {"invoice": right.pk, "paid": str(paid)}
    for one in (held, right):
        record(events.INVOICE_PERIOD_CORRECTED, by=by, on=one, hat=hat, **told)
    return right


def _faults(
    held: Invoice, version: InvoiceVersion, period: DateRange, reason: str
) -> dict[str, str]:
    """Why the period cannot be that one."""
    if version.detail != Detail.NONE:
        told = _("Cette facture vient d'un fichier : seule la période d'une saisie se corrige.")
        return {"starts_on": told}
    if period.upper <= period.lower:
        return {"ends_on": _("La période finit avant de commencer.")}
    faults = {}
    if period == held.period:
        faults["starts_on"] = _("C'est déjà la période de cette saisie : donnez la bonne.")
    elif other := _in_the_way(held, period):
        faults["starts_on"] = _(
            "La période chevauche celle d'une autre facture du compte, du %(first)s au %(last)s. "
            "Si c'est la même facture, donnez exactement ces jours : les paiements y passeront."
        ) % {"first": other.period.lower, "last": last_day(other.period.upper)}
    if not reason:
        faults["reason"] = _("Dites pourquoi la période est corrigée.")
    return faults


def _in_the_way(held: Invoice, period: DateRange) -> Invoice | None:
    """Another invoice of the account, shown, that has some of these days and not all the same."""
    shown = Invoice.objects.filter(account=held.account_id, current__isnull=False)
    others = shown.exclude(pk=held.pk).exclude(period=period)
    return others.filter(period__overlap=period).order_by("period").first()


def _copied(version: InvoiceVersion, invoice: Invoice) -> InvoiceVersion:
    """What was typed, by whom and when, on another invoice."""
    made = copy.copy(version)
    made.pk, made._state.adding = None, True
    made.invoice, made.number, made.replaces = invoice, next_number(invoice), None
    made.save()
    judge_typed(invoice, made)
    return made


def _carry_payments(wrong: Invoice, version: InvoiceVersion, why: str, by: User) -> Decimal:
    """What was paid of the wrong one is paid of the right one, under a release that says so."""
    payments = Payment.objects.filter(release__invoice=wrong)
    paid: Decimal | None = payments.aggregate(n=Sum("amount"))["n"]
    if not paid:
        return Decimal(0)
    told = _("Payé sous une période saisie par erreur, du %(first)s au %(last)s : %(reason)s") % {
        "first": wrong.period.lower,
        "last": last_day(wrong.period.upper),
        "reason": why,
    }
    release = Release.objects.create(
        invoice=version.invoice,
        branch=version.invoice.branch,
        version=version,
        kind=ReleaseKind.PART,
        amount=paid,
        reason=told,
        released_by=by,
    )
    payments.update(release=release, branch=version.invoice.branch)
    return paid
