"""A member with one published invoice: rows in their tables, totals, a finding, a gap."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from billing.kinds import Detail, ImportPart, InvoiceState, RowKind, Severity
from billing.models import Gap, Import, Invoice, RowStorage
from billing.storage import attach_storage, index_storage, open_storage
from members.models import Branch, CostCentre, Organisation, ProviderAccount, User
from members.roles import Role
from orders.models import ServiceLine
from tests.billing.factories import (
    MONTH,
    CentreTotalFactory,
    CentreUseFactory,
    FindingFactory,
    GapFactory,
    ImportFactory,
    InvoiceFactory,
    InvoiceVersionFactory,
    LineTotalFactory,
    LineUseFactory,
    RowStorageFactory,
)
from tests.members.factories import (
    BranchFactory,
    CostCentreFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    respondent_user,
)
from tests.orders.factories import ServiceLineFactory

KNOWN, UNKNOWN = "4185550101", "4185550199"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PDF = b"%PDF-1.7 facture"


@dataclass
class Bills:
    """What the tests of pages speak of."""

    organisation: Organisation
    root: Branch
    below: Branch
    account: ProviderAccount
    line: ServiceLine
    centre: CostCentre
    invoice: Invoice
    gap: Gap
    people: dict[tuple[Role, int], User] = field(default_factory=dict)

    def person(self, role: Role, branch: Branch | None = None) -> User:
        """Who holds that role, at the root unless said otherwise."""
        key = (role, (branch or self.root).pk)
        if key not in self.people:
            self.people[key] = respondent_user(role, branch or self.root)
        return self.people[key]

    def url(self, name: str, *args: object) -> str:
        """An address under the member's name."""
        return reverse(f"billing:{name}", args=[self.organisation.slug, *args])

    def told(self) -> Invoice:
        """The invoice as it stands."""
        return Invoice.objects.select_related("current", "branch").get(pk=self.invoice.pk)


def signed_in(client: Any, user: User) -> Any:
    """The client, as that person."""
    client.force_login(user, BACKEND)
    return client


def make_bills() -> Bills:
    """Build it with plain rows."""
    organisation = OrganisationFactory(name="Ville de Val-Fictif", slug="val-fictif")
    root = organisation.branches.get()
    below = BranchFactory(organisation=organisation, name="Travaux publics")
    account = ProviderAccountFactory(branch=root, number="12345678")
    centre = CostCentreFactory(branch=root, code="T-110", name="Voirie")
    line = ServiceLineFactory(
        branch=root,
        provider=account.provider,
        number=KNOWN,
        version__number=KNOWN,
        version__account=account,
        version__cost_centre=centre,
        version__valid=DateRange(date(2019, 1, 1), None),
    )
    version = _published(account)
    _totals(version, root, line, centre)
    gap = GapFactory(version=version, branch=root, number=UNKNOWN, amount=Decimal("40.00"))
    FindingFactory(
        version=version,
        branch=root,
        rule="B02",
        severity=Severity.INFORMS,
        number=UNKNOWN,
        evidence={"message": "Cette ligne est facturée, mais n'est pas au parc.", "lines": [4]},
    )
    return Bills(organisation, root, below, account, line, centre, version.invoice, gap)


def _published(account: ProviderAccount) -> Any:
    """The version that is shown, of charges and use in their tables."""
    root = account.branch
    source = ImportFactory(
        branch=root, provider=account.provider, storage=opened(account, RowKind.CHARGE)
    )
    used = ImportFactory(
        branch=root,
        provider=account.provider,
        part=ImportPart.USAGE,
        storage=opened(account, RowKind.USAGE),
        bill_file=source.bill_file,
        profile_version=source.profile_version,
    )
    fill_charges(source, account)
    fill_usage(used, account)
    invoice = InvoiceFactory(branch=root, account=account, period=MONTH)
    return InvoiceVersionFactory(
        invoice=invoice,
        number=1,
        detail=Detail.COMPLETE,
        charge_import=source,
        usage_import=used,
        invoice_number="F-2020-01",
        due_on=date(2020, 2, 25),
        stated={"charges_amount": "100.00", "due_amount": "115.00", "line_count": 2},
        line_count=2,
        charge_count=3,
        shown=True,
    )


def block(bills: Bills) -> None:
    """A control blocks the invoice's release."""
    FindingFactory(
        version=bills.told().current,
        branch=bills.root,
        rule="A10",
        severity=Severity.BLOCKS,
        evidence={"message": "Le solde reporté diffère."},
    )


def in_state(bills: Bills, state: InvoiceState) -> Invoice:
    """The invoice, put in a state."""
    Invoice.objects.filter(pk=bills.invoice.pk).update(state=state)
    return bills.told()


def opened(account: ProviderAccount, kind: str) -> RowStorage:
    """A table for an account's rows."""
    storage = RowStorageFactory(kind=kind, provider=account.provider)
    open_storage(storage)
    return storage


def fill_charges(source: Import, account: ProviderAccount) -> None:
    """Two charges of the known line, one of the unknown, one of the account, at lines 2 to 5."""
    told = [
        (2, KNOWN, "Forfait 20 Go", "recurring_plan", "40.00"),
        (3, KNOWN, "Boîte vocale", "feature", "10.00"),
        (4, UNKNOWN, "Forfait 20 Go", "recurring_plan", "40.00"),
        (5, None, "Frais de compte", "one_time_fee", "10.00"),
    ]
    columns = "storage_id, import_id, account, line, number, label, category, amount"
    _fill(source, columns, [(account.number, *row) for row in told])


def fill_usage(used: Import, account: ProviderAccount) -> None:
    """Two records of the known line."""
    columns = (
        "storage_id, import_id, account, line, number, occurred_at, kind, roaming, quantity, unit"
    )
    told = [(n, KNOWN, f"2020-01-{n:02} 08:15", "data", "none", 10, "byte") for n in (2, 3)]
    _fill(used, columns, [(account.number, *row) for row in told])


def _fill(source: Import, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """The rows of an import, in its table, that may then be read."""
    storage = source.storage
    assert storage is not None
    statement = f"COPY {storage.table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((storage.pk, source.pk, *row))
    index_storage(storage)
    attach_storage(storage)


def _totals(version: Any, root: Branch, line: ServiceLine, centre: CostCentre) -> None:
    """What the import would have added up."""
    known = {"number": KNOWN, "service_line": line, "cost_centre": centre, "subscriber": "Garage"}
    placed = {"version": version, "branch": root}
    whole = {"line_tax_amount": Decimal("11.98"), "line_charge_count": 2}
    rest = {"line_amount": None, "line_tax_amount": None, "line_charge_count": None}
    feature = {"category": "feature", "amount": Decimal("10.00"), "line_amount": Decimal("50.00")}
    LineTotalFactory(**placed, **known, **feature, **whole)
    LineTotalFactory(**placed, **known, **rest)
    LineTotalFactory(**placed, number=UNKNOWN)
    LineTotalFactory(**placed, number="", category="one_time_fee", amount=Decimal("10.00"))
    CentreTotalFactory(**placed, cost_centre=centre)
    CentreTotalFactory(**placed, cost_centre=centre, category="feature", amount=Decimal("10.00"))
    CentreTotalFactory(**placed, amount=Decimal("40.00"))
    LineUseFactory(**placed, number=KNOWN, service_line=line, cost_centre=centre, quantity=20)
    CentreUseFactory(**placed, cost_centre=centre, quantity=2_000_000_000)
