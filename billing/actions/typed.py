"""A small member types its invoice with the provider's PDF: « saisie, sans détail »."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from billing import events
from billing.actions.neighbours import judge_again
from billing.actions.verification import require_shown
from billing.kinds import Detail, InvoiceState
from billing.models import Finding, Invoice, InvoiceVersion, Payment
from billing.rules import COUNTS, SUMS, Judged, judge_invoice
from billing.states import REOPEN
from members.models import ProviderAccount, User
from members.permissions import require
from members.roles import May
from portal.audit import record
from portal.commands import action
from portal.files import store
from portal.templatetags.portal import money
from portal.uploads import Upload
from portal.workflow import advance, locked

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class TypedTotals:
    """What the paper states; payments are negative, as the balance adds them."""

    charges_amount: Decimal
    tps_amount: Decimal
    tvq_amount: Decimal
    due_amount: Decimal
    other_taxes_amount: Decimal = Decimal(0)
    previous_balance_amount: Decimal = Decimal(0)
    payments_amount: Decimal = Decimal(0)
    adjustments_amount: Decimal = Decimal(0)

    @property
    def added_up(self) -> Decimal:
        """What the parts make."""
        return (
            self.previous_balance_amount
            + self.payments_amount
            + self.adjustments_amount
            + self.charges_amount
            + self.tps_amount
            + self.tvq_amount
            + self.other_taxes_amount
        )


@action
def type_invoice(
    *,
    account: ProviderAccount,
    starts_on: date,
    ends_on: date,
    totals: TypedTotals,
    document: Upload,
    by: User,
    invoice_number: str = "",
    issued_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """The totals of an account's period as its paper states them, under A07 to A10.

    Typed again, it makes a new version, to be verified again. Raises ValidationError: totals that
    do not add up, no PDF, or a period that a file gave already.
    """
    hat = require(by, May.IMPORT_BILLS, on=account)
    held = locked(account)
    if faults := _faults(starts_on, ends_on, totals, document):
        raise ValidationError(faults)
    invoice = _invoice(held, DateRange(starts_on, ends_on + timedelta(days=1)))
    version = InvoiceVersion.objects.create(
        invoice=invoice,
        number=next_number(invoice),
        detail=Detail.NONE,
        invoice_number=invoice_number.strip(),
        issued_on=issued_on,
        due_on=due_on,
        document=store(document.content, name=document.name, content_type=PDF),
        recorded_by=by,
        **asdict(totals),
    )
    judge_typed(invoice, version)
    invoice = show_version(invoice, version, by, hat)
    record(events.INVOICE_TYPED, by=by, on=invoice, hat=hat, version=version.number)
    return invoice


@action
def withdraw_typed_invoice(
    *, invoice: Invoice, version: InvoiceVersion, reason: str, by: User
) -> Invoice:
    """Show no more an invoice typed with a wrong account or period; the journal keeps why.

    Its period may then be typed again. Raises ValidationError: a file gave it, or some was paid.
    """
    hat = require(by, May.IMPORT_BILLS, on=invoice)
    held = locked(invoice)
    require_shown(held, version)
    if version.detail != Detail.NONE:
        raise ValidationError(
            _("Cette facture vient d'un fichier du prestataire : seule une saisie se retire.")
        )
    if Payment.objects.filter(release__invoice=held).exists():
        raise ValidationError(
            _(
                "Un paiement de cette facture est inscrit. Si sa période est fausse, choisissez "
                "« Corriger la période » ; si un montant l'est, saisissez-la de nouveau."
            )
        )
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi cette saisie est retirée.")})
    held = show_version(held, None, by, hat)
    number, why = version.number, reason.strip()
    record(events.INVOICE_WITHDRAWN, by=by, on=held, hat=hat, version=number, reason=why)
    return held


def next_number(invoice: Invoice) -> int:
    """Of its versions, after the highest."""
    return int(invoice.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def show_version(invoice: Invoice, version: InvoiceVersion | None, by: User, hat: str) -> Invoice:
    """Another version, or none, is what one sees; it is to be verified."""
    invoice.current = version
    invoice.save(update_fields=["current"])
    judge_again([invoice])
    if invoice.state == InvoiceState.TO_VERIFY:
        return invoice
    return advance(REOPEN, on=invoice, by=by, hat=hat)


def _faults(
    starts_on: date, ends_on: date, totals: TypedTotals, document: Upload
) -> dict[str, str]:
    """What the paper cannot say."""
    faults = {}
    if ends_on < starts_on:
        faults["ends_on"] = _("La période finit avant de commencer.")
    if totals.added_up != totals.due_amount:
        faults["due_amount"] = _(
            "Ces montants font %(sum)s, pas %(due)s : relisez-les sur la facture."
        ) % {"sum": money(totals.added_up), "due": money(totals.due_amount)}
    if document.content_type != PDF:
        faults["document"] = _("Joignez le PDF du prestataire.")
    return faults


def _invoice(account: ProviderAccount, period: DateRange) -> Invoice:
    """The register's row; raises ValidationError when a file, or another period, is in the way."""
    clash = Invoice.objects.filter(account=account, period__overlap=period, current__isnull=False)
    for other in clash.select_related("current"):
        if other.current and other.current.detail != Detail.NONE:
            raise ValidationError(
                {
                    "starts_on": _(
                        "Un fichier du prestataire donne déjà la facture de cette période. Si la "
                        "vôtre est saisie à d'autres jours, ouvrez-la et choisissez « Corriger la "
                        "période »."
                    )
                }
            )
        if other.period != period:
            told = _(
                "La période chevauche celle d'une facture déjà saisie : %(first)s au %(last)s. Si "
                "c'est elle qui est fausse, ouvrez-la et choisissez « Corriger la période », ou "
                "« Retirer cette saisie »."
            )
            days = {
                "first": other.period.lower.isoformat(),
                "last": (other.period.upper - timedelta(days=1)).isoformat(),
            }
            raise ValidationError({"starts_on": told % days})
    invoice, _made = Invoice.objects.get_or_create(
        account=account, period=period, defaults={"branch": account.branch}
    )
    return locked(invoice)


def judge_typed(invoice: Invoice, version: InvoiceVersion) -> None:
    """Write what A07 found: what is typed has no charge for the others to look at; A08 to A10
    follow as it is shown.
    """
    told = Judged(
        start=invoice.period.lower,
        end=invoice.period.upper,
        invoice_number=version.invoice_number,
        issued_on=version.issued_on,
        previous_balance=version.previous_balance_amount,
        ours={name: getattr(version, name) for name in (*SUMS, *COUNTS)},
        stated={},
    )
    Finding.objects.bulk_create(
        Finding(
            version=version,
            branch=invoice.branch,
            rule=one.rule,
            severity=one.severity,
            at_stake_amount=one.at_stake,
            evidence={"message": one.message},
        )
        for one in judge_invoice(told)
    )
