"""A08 to A10, judged wherever an account's invoices change: each rests on the others shown."""

from collections import Counter
from collections.abc import Collection

from django.db.backends.postgresql.psycopg_any import DateRange

from billing.actions.asking import ask_of_lines
from billing.models import Finding, Invoice, InvoiceVersion
from billing.rules import Found, Judged, Neighbour, judge_neighbours

RULES = ("A08", "A09", "A10")

REACH = 3
"""Invoices of an account on each side of one that changed that may rest on it."""


def judge_again(invoices: Collection[Invoice]) -> None:
    """Rewrite what the shown invoices of these accounts owe to one another (billing.md §4), and
    ask of the lines that they bill and nobody knows (F-41).
    """
    shown = (
        InvoiceVersion.objects.filter(
            shown_by__isnull=False, invoice__account__in={i.account_id for i in invoices}
        )
        .select_related("invoice")
        .order_by("invoice__account", "invoice__period")
    )
    by_account: dict[int, list[InvoiceVersion]] = {}
    for version in shown:
        by_account.setdefault(version.invoice.account_id, []).append(version)
    changed: dict[int, list[DateRange]] = {}
    for invoice in invoices:
        changed.setdefault(invoice.account_id, []).append(invoice.period)
    doubled = set(
        Finding.objects.filter(rule="A08", version__in=shown.order_by()).values_list("version")
    )
    judged = {
        version: _found(version, versions)
        for account, versions in by_account.items()
        for version in _near(versions, changed[account], doubled)
    }
    _write(judged)
    ask_of_lines(invoices)


def _near(
    versions: list[InvoiceVersion], periods: list[DateRange], doubled: Collection[tuple[int]]
) -> list[InvoiceVersion]:
    """Those that changed and the few around them, in the order of their periods; and, however far,
    those of one number, now or until now.
    """
    numbers = Counter(version.invoice_number for version in versions if version.invoice_number)
    places = {n for n, v in enumerate(versions) for p in periods if _touches(v.invoice.period, p)}
    kept = {n + step for n in places for step in range(-REACH, REACH + 1)}
    return [
        version
        for n, version in enumerate(versions)
        if n in kept or numbers[version.invoice_number] > 1 or (version.pk,) in doubled
    ]


def _touches(one: DateRange, other: DateRange) -> bool:
    return bool(one.lower <= other.upper and other.lower <= one.upper)


def _found(version: InvoiceVersion, versions: list[InvoiceVersion]) -> list[Found]:
    period = version.invoice.period
    told = Judged(
        start=period.lower,
        end=period.upper,
        invoice_number=version.invoice_number,
        issued_on=version.issued_on,
        previous_balance=version.previous_balance_amount,
        ours={},
        stated={},
        neighbours=[
            Neighbour(
                other.invoice.period.lower,
                other.invoice.period.upper,
                other.invoice_number,
                other.due_amount,
            )
            for other in versions
            if other.pk != version.pk
        ],
    )
    return judge_neighbours(told)


def _write(judged: dict[InvoiceVersion, list[Found]]) -> None:
    """Take away what is no longer so, add what is now."""
    told = Finding.objects.filter(version__in=[version.pk for version in judged])
    kept = {
        (finding.version_id, finding.rule, finding.evidence.get("message")): finding.pk
        for finding in told.filter(rule__in=RULES)
    }
    now = {(v.pk, one.rule, one.message) for v, found in judged.items() for one in found}
    gone = [pk for key, pk in kept.items() if key not in now]
    Finding.objects.filter(pk__in=gone).delete()
    Finding.objects.bulk_create(
        Finding(
            version=version,
            branch_id=version.invoice.branch_id,
            rule=one.rule,
            severity=one.severity,
            at_stake_amount=one.at_stake,
            evidence={"message": one.message, "import": version.charge_import_id, "lines": []},
        )
        for version, found in judged.items()
        for one in found
        if (version.pk, one.rule, one.message) not in kept
    )
