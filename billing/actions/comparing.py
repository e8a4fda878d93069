"""A file against what is shown of the same invoices: what changed, in rows and in totals (X-13)."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from django.db import connection
from django.db.backends.postgresql.psycopg_any import sql
from django.db.models import QuerySet
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
LABELS = {**SUMS, **COUNTS}
TOTALS = tuple(LABELS)
MOST_LINES = 5
"""Lines told of each invoice that changes."""

LINES = """
SELECT * FROM (
    SELECT v.id, line.*, count(*) OVER (PARTITION BY v.id), row_number() OVER (
        PARTITION BY v.id ORDER BY abs(coalesce(will, 0) - coalesce(was, 0)) DESC, line.number
    ) AS rank
    FROM billing_invoiceversion v
    JOIN billing_invoiceversion r ON r.id = v.replaces_id AND r.charge_import_id IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT number, o.total AS was, n.total AS will
        FROM (SELECT number, line_amount + line_tax_amount AS total FROM billing_linetotal
            WHERE version_id = r.id AND line_amount IS NOT NULL) o
        FULL JOIN (SELECT number, line_amount + line_tax_amount AS total FROM billing_linetotal
            WHERE version_id = v.id AND line_amount IS NOT NULL) n USING (number)
    ) line
    WHERE v.id = ANY(%s) AND was IS DISTINCT FROM will
) moved WHERE rank <= %s ORDER BY 1, rank
"""
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


def differences(versions: QuerySet[InvoiceVersion]) -> dict[str, list[str]]:
    """For a person to confirm: what each version changes of what is shown, as it is and as it will
    be; and the accounts that what is replaced had and these have not.
    """
    compared = list(
        versions.filter(replaces__isnull=False)
        .select_related("invoice__account", "replaces")
        .order_by("invoice__account__number", "invoice__period")
    )
    lines = _lines([version.pk for version in compared])
    told: dict[str, list[str]] = {}
    for version in compared:
        place, moves = _place(version), [*_moves(version), *lines.get(version.pk, [])]
        told |= {f"{place} : {label}": [was, will] for label, was, will in moves}
        if not moves:
            told[place] = [_("mêmes totaux"), _("d'autres rangs ou un autre relevé")]
    told |= {
        _place(version): [_("publiée"), _("absente du fichier : ne change pas")]
        for version in _left(compared)
    }
    return told


def _moves(version: InvoiceVersion) -> Iterator[tuple[str, str, str]]:
    """Each total, date or number of the invoice that moves."""
    for name in (*TOTALS, *HEADER):
        was, will = getattr(version.replaces, name), getattr(version, name)
        if was != will:
            label = LABELS.get(name) or InvoiceVersion._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            yield str(label), _shown(was), _shown(will)


def _lines(versions: list[int]) -> dict[int, list[tuple[str, str, str]]]:
    """The lines whose total moves most, with taxes; by version."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LINES, [versions, MOST_LINES])
        for version, number, was, will, count, rank in cursor.fetchall():
            label = _("ligne %s, avec taxes") % number if number else _("frais du compte")
            found.setdefault(version, []).append((label, _shown(was), _shown(will)))
            if rank == MOST_LINES < count:
                more = _("autres lignes qui changent")
                found[version].append((more, "", str(count - rank)))
    return found


def _left(compared: list[InvoiceVersion]) -> QuerySet[InvoiceVersion]:
    """What is shown of the imports that are replaced, and is not replaced."""
    earlier = {version.replaces.charge_import_id for version in compared if version.replaces}
    return (
        InvoiceVersion.objects.filter(charge_import__in=earlier - {None}, shown_by__isnull=False)
        .exclude(pk__in=[version.replaces_id for version in compared])
        .select_related("invoice__account")
        .order_by("invoice__account__number", "invoice__period")
    )


def _place(version: InvoiceVersion) -> str:
    account, start = version.invoice.account.number, version.invoice.period.lower
    return _("Compte %(account)s, période du %(start)s") % {"account": account, "start": start}


def _same_header(bill: Bill, version: InvoiceVersion) -> bool:
    if version.stated != stated_json(bill):
        return False
    return all(getattr(version, name) == getattr(bill, name) for name in HEADER)


def stated_json(bill: Bill) -> dict[str, str | int]:
    """The provider's own totals as the register keeps them."""
    return {n: told if isinstance(told, int) else str(told) for n, told in bill.stated.items()}


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{figure(value)} $"
    return "" if value is None else str(value)
