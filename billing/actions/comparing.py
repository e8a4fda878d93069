"""A file against what is shown of the same invoices: what changed, in rows and in totals (X-13)."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import connection
from django.db.backends.postgresql.psycopg_any import sql
from django.utils.translation import gettext as _

from billing.bills import Bill
from billing.formats.canonical import COLUMNS, Entity
from billing.formats.faults import figure
from billing.kinds import FileKind, RowKind
from billing.models import Import, InvoiceVersion
from billing.rules import COUNTS, SUMS

Print = tuple[int, int]
"""How many rows an account has in an import, and the sum of a hash of each."""

HEADER = (
    *("invoice_number", "issued_on", "due_on"),
    *("previous_balance_amount", "payments_amount", "adjustments_amount"),
)
TOTALS = (*SUMS, *COUNTS)
_ENTITIES = {RowKind.CHARGE: Entity.CHARGE, RowKind.USAGE: Entity.USAGE}


def prints_of(bill_import: Import, accounts: Iterable[str]) -> dict[str, Print]:
    """The print of an import's rows by account: equal ones are the same rows, in any order."""
    storage = bill_import.storage
    if storage is None:
        return {}
    columns = [n for n in (*COLUMNS[_ENTITIES[RowKind(storage.kind)]], "raw") if n != "account"]
    statement = sql.SQL(
        "SELECT account, count(*), sum(hashtextextended(ROW({columns})::text, 0)::numeric)"
        " FROM {table} WHERE import_id = %s AND account = ANY(%s) GROUP BY account"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        table=sql.Identifier(storage.table),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [bill_import.pk, sorted(accounts)])
        return {account: (rows, int(told)) for account, rows, told in cursor.fetchall()}


def unchanged(
    bill_import: Import, bills: Mapping[str, Bill], shown: Mapping[str, InvoiceVersion]
) -> set[str]:
    """The accounts whose shown invoice has the same rows and the same statement."""
    alike = {a for a, version in shown.items() if _same_header(bills[a], version)}
    if not alike:
        return set()
    new = prints_of(bill_import, alike)
    by_import: dict[Import, list[str]] = {}
    for account in alike:
        if earlier := shown[account].charge_import:
            by_import.setdefault(earlier, []).append(account)
    same = set()
    for earlier, accounts in by_import.items():
        old = prints_of(earlier, accounts)
        same |= {account for account in accounts if old.get(account) == new.get(account)}
    return same


def detailed(bill_import: Import, shown: Mapping[str, InvoiceVersion]) -> set[str]:
    """The accounts whose shown invoice is in detail, where the file is a report by line.

    Such a report takes no detail away; it lacks what is charged to no line.
    """
    if not sums_up(bill_import):
        return set()
    return {a for a, v in shown.items() if v.charge_import and not sums_up(v.charge_import)}


def sums_up(bill_import: Import) -> bool:
    """Whether its file only has amounts by line."""
    return bill_import.profile_version.profile.kind == FileKind.SUMMARY


def differences(
    bills: Mapping[str, Bill], shown: Mapping[str, InvoiceVersion]
) -> dict[str, list[str]]:
    """For a person to confirm: each total that moves, as it is and as it will be."""
    told: dict[str, list[str]] = {}
    for account, version in sorted(shown.items()):
        told |= _changes(account, bills[account].start, version, bills[account].ours)
    return told


def differences_now(versions: Iterable[InvoiceVersion]) -> dict[str, list[str]]:
    """The same of versions that are made already, with what each would replace now."""
    told: dict[str, list[str]] = {}
    for version in versions:
        if version.replaces:
            invoice = version.invoice
            ours = {name: getattr(version, name) for name in TOTALS}
            told |= _changes(invoice.account.number, invoice.period.lower, version.replaces, ours)
    return told


def _changes(
    account: str, start: date, shown: InvoiceVersion, ours: Mapping[str, object]
) -> dict[str, list[str]]:
    """The totals of one invoice that move."""
    labels = {**SUMS, **COUNTS}
    place = _("Compte %(account)s, période du %(start)s") % {"account": account, "start": start}
    told = {
        f"{place} : {labels[name]}": [_shown(getattr(shown, name)), _shown(ours[name])]
        for name in TOTALS
        if getattr(shown, name) != ours[name]
    }
    return told or {place: [_("mêmes totaux"), _("d'autres rangs ou un autre relevé")]}


def _same_header(bill: Bill, version: InvoiceVersion) -> bool:
    if version.stated != stated_json(bill):
        return False
    return all(getattr(version, name) == getattr(bill, name) for name in HEADER)


def stated_json(bill: Bill) -> dict[str, str | int]:
    """The provider's own totals as the register keeps them."""
    return {n: told if isinstance(told, int) else str(told) for n, told in bill.stated.items()}


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int) else f"{figure(value)} $"  # type: ignore[arg-type]
