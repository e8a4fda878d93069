"""Months of bills written, dropped by those who would, read by the worker, then decided upon."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from celery import current_app, shared_task
from django.core.files.base import File
from django.db.models import Exists, OuterRef

from billing.actions.files import AlreadyImported, receive_bill_file
from billing.actions.payments import record_payment
from billing.actions.publishing import confirm_import
from billing.actions.releases import hold_invoice, release_invoice
from billing.actions.verification import dispute_invoice, verify_invoice
from billing.kinds import Awaited, ImportState, InvoiceState
from billing.models import BillFile, Gap, Import, Invoice, InvoiceVersion
from billing.months import MONTHS_SHOWN, earlier, run_of
from billing.specimens.layouts import Specimen, write_specimen
from billing.specimens.truth import Cycle
from members.models import Branch, Provider, ProviderAccount, User
from orders.models import LineVersion
from portal.clock import today

CITY = "Ville de Val-Boréal"
SCHOOL = "Centre de services scolaire des Trois-Épinettes"
LINES, UNKNOWN, USE = 5, "8195550999", 40
"""Lines billed of each account, one that no fleet has, records of use each month."""

HOLD = timedelta(days=30)
RECENT = 3
"""Months, the last of them, that people still work on; those before are released and paid."""
PAID_AFTER = timedelta(days=20)
"""From the end of a month to its payment."""
PART, HELD_BACK = Decimal("5.00"), "Une option de 5,00 $ n'a jamais été demandée : crédit attendu."
CONTESTED = "Un forfait est facturé plus cher qu'au contrat : crédit demandé au prestataire."
UNKNOWN_LINE = "Une ligne facturée n'est pas à notre parc : réponse de TELUS attendue."


@dataclass(slots=True)
class Stream:
    """What one person drops each month: in which layout, for whom, of which members' accounts."""

    sender: str
    layout: str
    provider: str
    members: tuple[str, ...]
    branch: str | None
    owed: dict[str, Decimal] = field(default_factory=dict)


def streams() -> tuple[Stream, ...]:
    """ITQ for both members, which gave it their mandate; each for its own accounts at Rogers."""
    city, school = "factu.ville@exemple.test", "factu.css@exemple.test"
    return (
        Stream("admin.itq@exemple.test", "telus_text_bill", "telus", (CITY, SCHOOL), None),
        Stream(city, "rogers_charges_breakdown", "rogers", (CITY,), CITY),
        Stream(city, "rogers_usage_breakdown", "rogers", (CITY,), CITY),
        Stream(school, "rogers_charges_breakdown", "rogers", (SCHOOL,), SCHOOL),
    )


@shared_task(name="billing.demonstrate")
def demonstrate(months: int = MONTHS_SHOWN) -> None:
    """Every month in its order, so that each invoice follows the one before; then what is decided.

    Cut, it begins again: what was dropped is known already.
    """
    run = run_of(earlier(today().replace(day=1), 1), months)
    users = {user.email: user for user in User.objects.select_related("person")}
    senders = streams()
    with tempfile.TemporaryDirectory() as folder:
        for rank, month in enumerate(run):
            is_last = rank == len(run) - 1
            for stream in senders:
                path = Path(folder) / _name(stream, month)
                _write(stream, path, month, is_last=is_last)
                _drop(stream, path, users[stream.sender], is_last=is_last)
    recent = run[-RECENT:]
    _decide(users["factu.ville@exemple.test"], CITY, recent)
    _decide(users["factu.css@exemple.test"], SCHOOL, recent)
    _pay(users["payeur.ville@exemple.test"], CITY, recent[0])


def _name(stream: Stream, month: date) -> str:
    """As a provider would name it."""
    ending = "zip" if stream.layout == "telus_text_bill" else "csv"
    what = "-utilisation" if stream.layout == "rogers_usage_breakdown" else ""
    return f"{stream.provider}{what}-{month:%Y-%m}.{ending}"


def _write(stream: Stream, path: Path, month: date, *, is_last: bool) -> Specimen:
    """The month of the accounts' own lines; the last has one that nobody knows, and lacks one."""
    accounts = {
        account.number: _numbers(account, month)
        for account in ProviderAccount.objects.filter(
            branch__organisation__name__in=stream.members, provider__code=stream.provider
        ).order_by("pk")
    }
    billed = {account: numbers for account, numbers in accounts.items() if numbers}
    if is_last and stream.branch is None:
        first = next(iter(billed))
        billed[first] = [*billed[first][:-1], UNKNOWN]
    seed = month.year * 12 + month.month
    specimen = write_specimen(
        stream.layout, path, Cycle(billed, month, seed, dict(stream.owed)), usage_rows=USE
    )
    if "group_summary" in specimen.rows:
        told = specimen.rows["group_summary"].select("account", "total_due_amount")
        stream.owed = dict(told.iter_rows())
    return specimen


def _numbers(account: ProviderAccount, month: date) -> list[str]:
    """Some of the account's lines in service that month; those of the month's last day."""
    day = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    lines = LineVersion.objects.filter(account=account, valid__contains=day)
    return list(lines.order_by("number").values_list("number", flat=True)[:LINES])


def _drop(stream: Stream, path: Path, sender: User, *, is_last: bool) -> None:
    """Sent, read at once in this worker, and its use confirmed but for the last month's."""
    branch = Branch.objects.get(name=stream.branch) if stream.branch else None
    try:
        with path.open("rb") as opened:
            received = receive_bill_file(
                upload=File(opened, name=path.name),
                provider=Provider.objects.get(code=stream.provider),
                branch=branch,
                by=sender,
            )
    except AlreadyImported as known:
        received = known.bill_file
    for one in _imports(received):
        if one.state in (ImportState.RECEIVED, ImportState.READING):
            current_app.tasks["billing.read_import"].run(import_id=one.pk)
    for one in _imports(received):
        waits = one.state == ImportState.PREPARED and Awaited.CHARGES not in one.awaits
        if waits and not is_last:
            confirm_import(bill_import=one, by=sender)


def _imports(received: BillFile) -> Sequence[Import]:
    """The imports of a file, charges first."""
    return list(received.imports.order_by("pk"))


def _decide(factu: User, member: str, recent: Sequence[date]) -> None:
    """What is older is released; then a part, what is contested, and what waits for an answer."""
    shown = Invoice.objects.filter(branch__organisation__name=member, current__isnull=False)
    gaps = Gap.objects.filter(version=OuterRef("current"))
    rows = shown.select_related("current").annotate(has_gap=Exists(gaps))
    seen: set[date] = set()
    for invoice in rows.order_by("period", "account"):
        month = invoice.period.lower
        is_first = month not in seen
        seen.add(month)
        if invoice.state != InvoiceState.TO_VERIFY:
            continue
        if month >= recent[-1]:
            if invoice.has_gap:
                hold_invoice(
                    invoice=invoice,
                    version=_version(invoice),
                    reason=UNKNOWN_LINE,
                    until=today() + HOLD,
                    by=factu,
                )
        elif month == recent[1] and is_first:
            dispute_invoice(invoice=invoice, version=_version(invoice), reason=CONTESTED, by=factu)
        else:
            _release(invoice, factu, is_part=month == recent[0] and is_first)


def _release(invoice: Invoice, factu: User, *, is_part: bool) -> None:
    """Verified, then released: whole, or but for what is not owed."""
    version = _version(invoice)
    verified = verify_invoice(invoice=invoice, version=version, by=factu)
    told = {"amount": version.due_amount - PART, "reason": HELD_BACK} if is_part else {}
    release_invoice(invoice=verified, version=version, by=factu, **told)


def _pay(payer: User, member: str, before: date) -> None:
    """What was released of the months before is paid, each with its reference."""
    released = Invoice.objects.filter(
        branch__organisation__name=member,
        state=InvoiceState.RELEASED,
        period__startswith__lt=before,
    )
    for invoice in released.select_related("current", "account").order_by("period", "account"):
        record_payment(
            invoice=invoice,
            reference=f"SAGIR-{invoice.period.lower:%Y%m}-{invoice.account.number[-4:]}",
            paid_on=invoice.period.upper + PAID_AFTER,
            amount=_version(invoice).due_amount,
            by=payer,
        )


def _version(invoice: Invoice) -> InvoiceVersion:
    """The version of an invoice that is shown."""
    assert invoice.current is not None
    return invoice.current
