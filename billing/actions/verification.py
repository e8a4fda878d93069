"""FACTU verifies an invoice, or contests it (F-51)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceVersion
from billing.states import DISPUTE, VERIFY
from members.models import User
from members.permissions import perform
from portal.commands import action


@action
def verify_invoice(*, invoice: Invoice, version: InvoiceVersion, by: User) -> Invoice:
    """The invoice, as the person saw it, is held to be right; its blockers stay to be waived.

    Raises ValidationError when another version is shown since.
    """
    verified = perform(VERIFY, on=invoice, by=by, version=version.number)
    require_shown(verified, version)
    return verified


@action
def dispute_invoice(*, invoice: Invoice, version: InvoiceVersion, reason: str, by: User) -> Invoice:
    """The invoice is contested at its provider, with the reason; nothing of it is paid before a
    release says so.
    """
    disputed = perform(DISPUTE, on=invoice, by=by, version=version.number, reason=reason.strip())
    require_shown(disputed, version)
    if not reason.strip():
        raise ValidationError({"reason": _("Dites ce que vous contestez.")})
    return disputed


def require_shown(invoice: Invoice, version: InvoiceVersion) -> None:
    """Refuse what was decided over a version that a later file replaced."""
    if invoice.current_id != version.pk:
        raise ValidationError(
            _(
                "Cette facture vient d'être remplacée par une version plus récente : relisez-la, "
                "puis recommencez."
            )
        )
