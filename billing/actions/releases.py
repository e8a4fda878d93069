"""FACTU says what of an invoice may be paid: in full, in part, or nothing for now (F-52, G01)."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing import events
from billing.actions.verification import require_shown
from billing.kinds import InvoiceState, ReleaseKind
from billing.models import Invoice, InvoiceVersion, Release
from billing.queries.invoices import has_blockers
from billing.queries.payments import PAYABLE, Owing, hold_end_fault, owing_of
from billing.states import HOLD, RELEASE, SETTLE
from members.models import User
from members.permissions import perform, require
from members.roles import May
from portal.audit import record
from portal.commands import action
from portal.templatetags.portal import money
from portal.workflow import advance, locked


@action
def release_invoice(
    *,
    invoice: Invoice,
    version: InvoiceVersion,
    by: User,
    amount: Decimal | None = None,
    reason: str = "",
    waiver: str = "",
) -> Release:
    """Release what is still owed of a verified invoice, or ``amount`` of it with the reason (F-52).

    What was paid on any version is owed no more; where nothing is, the invoice is settled without
    the payer. A part leaves a rest that is released later. With a blocker open it needs a written
    waiver (G01). Raises ValidationError.
    """
    hat = require(by, May.VERIFY_INVOICES, on=invoice)
    held = locked(invoice)
    require_shown(held, version)
    owing = owing_of(held, version.due_amount)
    if held.state in PAYABLE and owing.releasable <= 0:
        raise ValidationError(_("Tout ce qui est dû est déjà payé ou libéré : il ne reste rien."))
    step = RELEASE if owing.rest > 0 else SETTLE
    released = advance(step, on=held, by=by, hat=hat, version=version.number)
    is_part = amount is not None and amount != owing.releasable
    faults = _faults(owing, amount, reason.strip() if is_part else "-")
    if faults := {**faults, **_unwaived(released, waiver.strip())}:
        raise ValidationError(faults)
    return Release.objects.create(
        invoice=released,
        branch=released.branch,
        version=version,
        kind=ReleaseKind.PART if is_part else ReleaseKind.FULL,
        amount=owing.to_pay + amount if amount is not None else max(owing.rest, Decimal(0)),
        reason=reason.strip(),
        waiver=waiver.strip(),
        released_by=by,
    )


@action
def hold_invoice(
    *, invoice: Invoice, version: InvoiceVersion, reason: str, until: date, by: User
) -> Release:
    """Hold the payment of an invoice that is not paid, with the reason and an end (F-52).

    One already released goes back to verified. Raises ValidationError.
    """
    hat = require(by, May.VERIFY_INVOICES, on=invoice)
    held = locked(invoice)
    require_shown(held, version)
    if held.state == InvoiceState.PAID:
        raise ValidationError(
            _("Cette facture est déjà payée ou réglée : il n'y a plus rien à retenir.")
        )
    if faults := _hold_faults(reason.strip(), until):
        raise ValidationError(faults)
    why, end = reason.strip(), str(until)
    if held.state == InvoiceState.RELEASED:
        perform(HOLD, on=held, by=by, reason=why, until=end)
    else:
        record(events.INVOICE_HELD, by=by, on=held, hat=hat, reason=why, until=end)
    return Release.objects.create(
        invoice=held,
        branch=held.branch,
        version=version,
        kind=ReleaseKind.HELD,
        amount=Decimal(0),
        reason=why,
        held_until=until,
        released_by=by,
    )


def _hold_faults(reason: str, until: date) -> dict[str, str]:
    """What is wrong with a hold, field by field."""
    faults = {"until": hold_end_fault(until)}
    if not reason:
        faults["reason"] = _("Dites pourquoi le paiement est retenu.")
    return {name: fault for name, fault in faults.items() if fault}


def _unwaived(released: Invoice, waiver: str) -> dict[str, str]:
    """An open blocker asks for a written waiver."""
    if waiver or not has_blockers(released):
        return {}
    told = _(
        "Un contrôle bloquant est ouvert : écrivez pourquoi la facture peut être payée malgré lui, "
        "ou retenez-la."
    )
    return {"waiver": told}


def _faults(owing: Owing, amount: Decimal | None, reason: str) -> dict[str, str]:
    """What is wrong with an amount and its reason."""
    faults = {}
    if amount is not None and not 0 < amount <= owing.releasable:
        faults["amount"] = _(
            "Libérez plus de 0 $ et au plus ce qui reste à libérer, %(left)s : %(due)s dus, "
            "%(paid)s déjà payés, %(to_pay)s déjà libérés."
        ) % {
            "left": money(max(owing.releasable, Decimal(0))),
            "due": money(owing.due),
            "paid": money(owing.paid),
            "to_pay": money(owing.to_pay),
        }
    if not reason:
        faults["reason"] = _("Dites pourquoi la facture n'est pas payée en entier.")
    return faults
