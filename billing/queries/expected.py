"""The files that a member awaits of each provider, account and cycle, and what came (A06, A07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from billing.kinds import Detail, FileKind, ImportPart, ImportState
from billing.models import FormatProfile, Import, Invoice
from billing.months import earlier, month_of, next_month
from billing.queries.invoices import use_under_way
from members.models import Organisation, ProviderAccount, User
from members.permissions import visible
from members.roles import May
from portal.clock import day_of, midnight

CYCLES = 3
CHARGE_KINDS = {FileKind.PACKAGE, FileKind.CHARGES, FileKind.SUMMARY}
USAGE_KINDS = {FileKind.PACKAGE, FileKind.USAGE}


@dataclass(frozen=True, slots=True)
class Awaited:
    """One account's cycle: what each part is — received, typed, under way, awaited, or none."""

    account: ProviderAccount
    month: date
    charges: str
    usage: str
    inventory: str
    invoice_id: int | None = None


def awaited_files(user: User, organisation: Organisation, today: date) -> list[Awaited]:
    """The last three whole cycles of each account that ``user`` imports for. Four queries."""
    accounts = list(
        visible(
            user,
            May.IMPORT_BILLS,
            ProviderAccount.objects.filter(branch__organisation=organisation),
        )
        .exclude(number="")
        .select_related("provider", "branch")
        .order_by("provider", "number")
    )
    months = [earlier(today.replace(day=1), back) for back in range(1, CYCLES + 1)]
    kinds = _expected_kinds(accounts)
    invoices = _invoices(accounts, months)
    inventories = _inventories(accounts, months)
    return [
        _awaited(account, month, kinds.get(account.provider_id, set()), invoices, inventories)
        for month in months
        for account in accounts
        if _is_open(account, month)
    ]


def _awaited(
    account: ProviderAccount,
    month: date,
    kinds: set[str],
    invoices: dict[tuple[int, date], Any],
    inventories: set[tuple[int, date]],
) -> Awaited:
    invoice = invoices.get((account.pk, month))
    version = invoice.current if invoice else None
    usage = "none"
    if version and version.usage_import_id:
        usage = "received"
    elif kinds & USAGE_KINDS:
        usage = "under_way" if invoice and invoice.awaits_use else "awaited"
    received = (account.provider_id, month) in inventories
    expected = FileKind.INVENTORY in kinds
    return Awaited(
        account=account,
        month=month,
        charges=_charges(version, kinds),
        usage=usage,
        inventory="received" if received else "awaited" if expected else "none",
        invoice_id=invoice.pk if invoice else None,
    )


def _charges(version: Any, kinds: set[str]) -> str:
    """What the account's charges are."""
    if version is None:
        return "awaited" if kinds & CHARGE_KINDS or not kinds else "none"
    return "typed" if version.detail == Detail.NONE else "received"


def _expected_kinds(accounts: Sequence[ProviderAccount]) -> dict[int, set[str]]:
    """Provider → the kinds of file that its profiles await at each cycle."""
    providers = {account.provider_id for account in accounts}
    found: dict[int, set[str]] = {}
    rows = FormatProfile.objects.filter(provider__in=providers, is_expected=True).order_by()
    for provider, kind in rows.values_list("provider", "kind"):
        found.setdefault(provider, set()).add(kind)
    return found


def _invoices(
    accounts: Sequence[ProviderAccount], months: list[date]
) -> dict[tuple[int, date], Any]:
    rows = Invoice.objects.filter(
        account__in=accounts,
        current__isnull=False,
        period__endswith__gt=months[-1],
        period__endswith__lte=next_month(months[0]),
    )
    found = rows.select_related("current").annotate(awaits_use=use_under_way())
    return {(one.account_id, month_of(one.period)): one for one in found}


def _inventories(accounts: Sequence[ProviderAccount], months: list[date]) -> set[tuple[int, date]]:
    """The providers and months for which an inventory was read, told by its period or its day."""
    branches = {account.branch_id for account in accounts}
    rows = Import.objects.filter(
        Q(branch__in=branches) | Q(branch__isnull=True),
        part=ImportPart.INVENTORY,
        state=ImportState.PUBLISHED,
        recorded_at__gte=midnight(months[-1]),
    ).order_by()
    return {
        (provider, month_of(period) if period else day_of(recorded).replace(day=1))
        for provider, period, recorded in rows.values_list("provider", "period", "recorded_at")
    }


def _is_open(account: ProviderAccount, month: date) -> bool:
    """Whether the account could be billed in that month."""
    if account.closed_on and account.closed_on < month:
        return False
    return not (account.opened_on and account.opened_on >= next_month(month))
