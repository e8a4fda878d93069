"""The payer records what was paid; a member may separate that from releasing (R-05, G06)."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing import events
from billing.models import Invoice, Payment, PaymentRule, Release
from billing.queries.payments import owing_of, separates_payment
from billing.states import PAY, PAY_PART
from members.models import Branch, User
from members.permissions import require
from members.roles import May
from portal.audit import record
from portal.clock import database_clock, today
from portal.commands import action
from portal.templatetags.portal import money
from portal.workflow import advance, locked


@action
def record_payment(
    *, invoice: Invoice, reference: str, paid_on: date, amount: Decimal, by: User
) -> Payment:
    """The reference and the date of a released invoice's payment (R-05).

    It stays released until all that was released is paid. Raises ValidationError: more than what
    is left to pay, a day to come, or a person who released it where the member separates the two
    (G06).
    """
    hat = require(by, May.RECORD_PAYMENT, on=invoice)
    held = locked(invoice)
    to_pay = owing_of(held, Decimal(0)).to_pay
    told = {"reference": reference.strip(), "amount": str(amount)}
    paid = advance(PAY_PART if amount < to_pay else PAY, on=held, by=by, hat=hat, **told)
    said = Release.objects.filter(version=paid.current_id)
    release = said.first()
    if release is None:
        raise ValidationError(_("Cette facture n'est pas libérée : rien ne peut être payé."))
    if said.filter(released_by__person=by.person_id).exists() and separates_payment(paid):
        raise ValidationError(
            _(
                "Vous avez libéré cette facture : votre organisme veut qu'une autre personne en "
                "inscrive le paiement."
            )
        )
    if faults := _faults(reference, paid_on, amount, to_pay):
        raise ValidationError(faults)
    return Payment.objects.create(
        release=release,
        branch=paid.branch,
        reference=reference.strip(),
        paid_on=paid_on,
        amount=amount,
        recorded_by=by,
    )


@action
def set_payment_rule(*, branch: Branch, is_separated: bool, by: User) -> PaymentRule:
    """INTRL says whether who releases an invoice may also record its payment (G06, F-51)."""
    hat = require(by, May.NAME_PAYER, on=branch)
    held = locked(branch)
    rule, _made = PaymentRule.objects.update_or_create(
        branch=held,
        defaults={
            "is_separated": is_separated,
            "decided_at": database_clock(),
            "decided_by": by,
        },
    )
    record(events.PAYMENT_RULE_SET, by=by, on=rule, hat=hat, is_separated=is_separated)
    return rule


def _faults(reference: str, paid_on: date, amount: Decimal, to_pay: Decimal) -> dict[str, str]:
    faults = {}
    if not reference.strip():
        faults["reference"] = _("Inscrivez la référence du paiement.")
    if paid_on > today():
        faults["paid_on"] = _(
            "Inscrivez le paiement une fois qu'il est fait : ce jour est à venir."
        )
    if not 0 < amount <= to_pay:
        faults["amount"] = _(
            "Le montant payé va de plus de 0 $ à %(to_pay)s, libérés et pas encore payés."
        ) % {"to_pay": money(to_pay)}
    return faults
