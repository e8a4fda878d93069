"""A file of charges made into versions of invoices, with totals and findings; none is shown."""

from collections.abc import Mapping

import polars as pl
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from billing.actions.comparing import detailed, differences, stated_json, unchanged
from billing.actions.controls import write_findings
from billing.actions.placing import placed
from billing.actions.rollups import write_totals
from billing.bills import Bill, bills_of, charged
from billing.kinds import Awaited, Detail
from billing.loading.accounts import accounts_for
from billing.loading.reading import Loaded
from billing.models import Import, Invoice, InvoiceVersion
from members.models import ProviderAccount

SHOWN = ("current__charge_import__storage", "current__charge_import__profile_version__profile")
"""Of an invoice that is shown: the rows it was made of, and the kind of their file."""


class Prepared:
    """What the preparation of a file came to: why it waits, what changes and of which imports' use,
    which accounts have no charges for their use, which period, how many rows it set aside.
    """

    def __init__(self) -> None:
        self.awaits: list[Awaited] = []
        self.differences: dict[str, list[str]] = {}
        self.compared_with: list[int] = []
        self.without_charges: list[str] = []
        self.period: DateRange | None = None
        self.is_unchanged = False
        self.set_aside = 0


def prepare_charges(bill_import: Import, loaded: Loaded) -> Prepared:
    """Make a version of each invoice whose content is new, with its totals and findings (D-40).

    Raises FormatRefused where nothing says which period the charges are of.
    """
    prepared = Prepared()
    rollup = charged(loaded.rollup)
    bills = bills_of(loaded.profile, loaded.facts, loaded.whole, rollup)
    accounts = {n: a for n, a in accounts_for(bill_import).items() if n in bills}
    bills = {number: bill for number, bill in bills.items() if number in accounts}
    if bills:
        ends = [bill.end for bill in bills.values()]
        prepared.period = DateRange(min(bill.start for bill in bills.values()), max(ends))
    invoices = _invoices(accounts, bills)
    shown = {n: invoice.current for n, invoice in invoices.items() if invoice.current}
    same = unchanged(bill_import, bills, shown) | detailed(bill_import, shown)
    bills = {number: bill for number, bill in bills.items() if number not in same}
    if not bills:
        prepared.is_unchanged = True
        return prepared
    _make_versions(bill_import, loaded, rollup, bills, accounts, invoices)
    prepared.differences = differences(InvoiceVersion.objects.filter(charge_import=bill_import))
    if prepared.differences:
        prepared.awaits.append(Awaited.DIFFERENCES)
    return prepared


def _make_versions(
    bill_import: Import,
    loaded: Loaded,
    rollup: pl.DataFrame,
    bills: Mapping[str, Bill],
    accounts: Mapping[str, ProviderAccount],
    invoices: Mapping[str, Invoice],
) -> None:
    versions = _versions(bill_import, bills, invoices)
    if not rollup.is_empty():
        rollup = rollup.filter(pl.col("account").is_in(list(bills)))
    days = {number: bill.day for number, bill in bills.items()}
    places = placed(rollup, accounts, days) if not rollup.is_empty() else pl.DataFrame()
    write_totals(rollup, places, versions)
    write_findings(bill_import, loaded, rollup, bills, versions, places)


def _invoices(
    accounts: Mapping[str, ProviderAccount], bills: Mapping[str, Bill]
) -> dict[str, Invoice]:
    """The register's rows of these bills, made where they are new; locked, in one order.

    They are locked, then read: what was published while one waited is seen.
    """
    Invoice.objects.bulk_create(
        (
            Invoice(
                branch=accounts[number].branch,
                account=accounts[number],
                period=DateRange(bill.start, bill.end),
            )
            for number, bill in sorted(bills.items())
        ),
        ignore_conflicts=True,
    )
    wanted = {(accounts[number].pk, bill.start, bill.end): number for number, bill in bills.items()}
    rows = Invoice.objects.filter(
        account__in=[a.pk for a in accounts.values()],
        period__in=[DateRange(bill.start, bill.end) for bill in bills.values()],
    ).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    found = {}
    for row in rows.select_related("account", *SHOWN):
        number = wanted.get((row.account_id, row.period.lower, row.period.upper))
        if number:
            found[number] = row
    return found


def _versions(
    bill_import: Import, bills: Mapping[str, Bill], invoices: Mapping[str, Invoice]
) -> dict[str, InvoiceVersion]:
    """A version of each bill, numbered after those that its invoice has."""
    told = InvoiceVersion.objects.filter(invoice__in=[i.pk for i in invoices.values()])
    last = dict(told.values("invoice").annotate(last=Max("number")).values_list("invoice", "last"))
    made = InvoiceVersion.objects.bulk_create(
        InvoiceVersion(
            invoice=invoices[number],
            number=last.get(invoices[number].pk, 0) + 1,
            replaces=invoices[number].current,
            charge_import=bill_import,
            detail=Detail.CHARGES,
            invoice_number=bill.invoice_number,
            issued_on=bill.issued_on,
            due_on=bill.due_on,
            previous_balance_amount=bill.previous_balance_amount,
            payments_amount=bill.payments_amount,
            adjustments_amount=bill.adjustments_amount,
            **bill.ours,
            stated=stated_json(bill),
            recorded_by=bill_import.bill_file.sent_by,
        )
        for number, bill in bills.items()
    )
    return dict(zip(bills, made, strict=True))
