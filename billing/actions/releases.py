"""FACTU says what of an invoice may be paid: in full, in part, or nothing for now (F-52, G01)."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing import events
from billing.actions.verification import require_shown
from billing.kinds import InvoiceState, ReleaseKind
from billing.models import Invoice, InvoiceVersion, Release
from billing.queries.invoices import has_blockers
from billing.states import HOLD, RELEASE
from members.models import User
from members.permissions import perform, require
from members.roles import May
from portal.audit import record
from portal.commands import action
from portal.templatetags.portal import money
from portal.workflow import locked


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
    """Release a verified invoice: in full, or ``amount`` of it with the reason (F-52).

    With a blocker open it needs a written waiver (G01). Raises ValidationError.
    """
    released = perform(RELEASE, on=invoice, by=by, version=version.number)
    require_shown(released, version)
    due = version.due_amount
    is_part = amount is not None and amount != due
    faults = _faults(due, amount, reason.strip() if is_part else "-")
    if has_blockers(released) and not waiver.strip():
        faults["waiver"] = _(
            "Un contrôle bloquant est ouvert : écrivez pourquoi la facture peut être payée malgré "
            "lui, ou retenez-la."
        )
    if faults:
        raise ValidationError(faults)
    return Release.objects.create(
        invoice=released,
        branch=released.branch,
        version=version,
        kind=ReleaseKind.PART if is_part else ReleaseKind.FULL,
        amount=amount if amount is not None and is_part else due,
        reason=reason.strip(),
        waiver=waiver.strip(),
        released_by=by,
    )


@action
def hold_invoice(*, invoice: Invoice, version: InvoiceVersion, reason: str, by: User) -> Release:
    """Hold the payment of an invoice that is not paid, with the reason (F-52).

    One already released goes back to verified. Raises ValidationError.
    """
    hat = require(by, May.VERIFY_INVOICES, on=invoice)
    held = locked(invoice)
    require_shown(held, version)
    if held.state == InvoiceState.PAID:
        raise ValidationError(_("Cette facture est déjà payée : il n'y a plus rien à retenir."))
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi le paiement est retenu.")})
    if held.state == InvoiceState.RELEASED:
        perform(HOLD, on=held, by=by, reason=reason.strip())
    else:
        record(events.INVOICE_HELD, by=by, on=held, hat=hat, reason=reason.strip())
    return Release.objects.create(
        invoice=held,
        branch=held.branch,
        version=version,
        kind=ReleaseKind.HELD,
        amount=Decimal(0),
        reason=reason.strip(),
        released_by=by,
    )


def _faults(due: Decimal, amount: Decimal | None, reason: str) -> dict[str, str]:
    """What is wrong with an amount and its reason."""
    faults = {}
    if amount is not None and not 0 < amount <= max(due, Decimal(0)):
        faults["amount"] = _("Libérez plus de 0 $ et au plus le montant dû, %(due)s.") % {
            "due": money(due)
        }
    if not reason:
        faults["reason"] = _("Dites pourquoi la facture n'est pas payée en entier.")
    return faults
