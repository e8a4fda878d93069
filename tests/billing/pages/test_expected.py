"""The checklists of files, a member's and the group's: what came, what waits, what is missing."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from billing.kinds import Detail, FileKind, ImportPart, ImportState, ProfileState
from billing.models import Import
from billing.months import earlier, next_month
from billing.queries.expected import awaited_files
from billing.queries.staff_expected import expected_of_group
from members.models import ProviderAccount
from members.roles import Role, StaffRole
from portal.clock import today
from portal.models import ClockTimestamp
from tests.billing.factories import (
    FormatProfileFactory,
    ImportFactory,
    InvoiceFactory,
    InvoiceVersionFactory,
    ProfileVersionFactory,
    QuarantinedRowFactory,
)
from tests.billing.pages.world import signed_in
from tests.members.factories import (
    BillingMandateFactory,
    BranchFactory,
    ProviderAccountFactory,
    staff_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def month():
    return earlier(today().replace(day=1), 1)


@pytest.fixture(autouse=True)
def profiles(bills):
    """Charges, use and inventory are asked for at each cycle."""
    return {kind: profile(bills, kind) for kind in ("charges", "usage", "inventory")}


def profile(bills, kind, state=ProfileState.ACTIVE):
    asked = FormatProfileFactory(
        provider=bills.account.provider, kind=FileKind(kind), is_expected=True
    )
    return ProfileVersionFactory(profile=asked, state=state)


def told(bills, month, account=None):
    """What the member's checklist and the group's say of an account, which is the same."""
    account = account or bills.account
    factu = bills.person(Role.FACTU)
    (own,) = [
        one
        for one in awaited_files(factu, bills.organisation, today())
        if (one.pk, one.month) == (account.pk, month)
    ]
    group = expected_of_group(staff_user(StaffRole.AGENT), month).get(pk=account.pk)
    parts = own.charges, own.usage, own.inventory
    assert parts == (group.charges, group.usage, group.inventory)
    return parts


def invoice(bills, month, charges=None, **facts):
    """The account's invoice of a month, of a file's import or typed."""
    period = DateRange(month, next_month(month))
    return InvoiceVersionFactory(
        invoice=InvoiceFactory(account=bills.account, branch=bills.root, period=period),
        charge_import=charges,
        detail=Detail.CHARGES if charges else Detail.NONE,
        **facts,
    )


def imported(bills, state, branch="root", **facts):
    facts.setdefault("period", None)
    return ImportFactory(
        branch=bills.root if branch == "root" else branch,
        provider=bills.account.provider,
        state=state,
        refusal="Coupé." if state == ImportState.REFUSED else "",
        **facts,
    )


def confirm(account):
    by = staff_user(StaffRole.AGENT)
    told = {"confirmed_at": ClockTimestamp(), "confirmed_by": by}
    ProviderAccount.objects.filter(pk=account.pk).update(**told)


def test_charges_that_wait_or_were_refused_say_so_and_lead_to_their_file(client, bills, month):
    assert told(bills, month)[0] == "awaited"
    refused = imported(bills, ImportState.REFUSED)
    assert told(bills, month)[0] == "refused"
    page = signed_in(client, bills.person(Role.FACTU)).get(bills.url("expected_files"))
    url = bills.url("bill_file_detail", refused.bill_file_id)
    assert f'<a href="{url}">' in page.content.decode()
    waiting = imported(bills, ImportState.PREPARED)
    invoice(bills, month, waiting)
    assert told(bills, month)[0] == "to_confirm"
    page = client.get(bills.url("expected_files")).content.decode()
    assert f'<a href="{bills.url("bill_file_detail", waiting.bill_file_id)}">' in page
    assert "À confirmer" in page
    assert told(bills, earlier(month, 1))[0] == "awaited"


def test_the_group_s_checklist_leads_only_to_files_that_itq_may_open(client, bills, month):
    own = imported(bills, ImportState.REFUSED)
    itq = signed_in(client, staff_user(StaffRole.AGENT))
    url = reverse("billing:staff_expected_list")
    assert "Refusé" in (page := itq.get(url, {"manquants": "on"}).content.decode())
    link = f'href="{reverse("billing:staff_bill_file_detail", args=[own.bill_file_id])}"'
    assert link not in page
    BillingMandateFactory(branch=bills.root)
    assert link in itq.get(url).content.decode()


def test_a_typed_invoice_awaits_no_use(bills, month):
    assert told(bills, month)[1] == "awaited"
    invoice(bills, month, shown=True)
    assert told(bills, month)[:2] == ("typed", "typed")


def test_a_retired_profile_is_no_longer_awaited(bills, month, profiles):
    assert told(bills, month)[2] == "awaited"
    inventory = profiles["inventory"]
    type(inventory).objects.filter(pk=inventory.pk).update(state=ProfileState.RETIRED)
    assert told(bills, month)[2] == "none"


def test_an_inventory_counts_only_for_the_accounts_that_it_could_take(bills, month):
    """The group's: confirmed accounts under a mandate that it did not set aside (R-44)."""
    read = imported(
        bills,
        ImportState.PUBLISHED,
        branch=None,
        part=ImportPart.INVENTORY,
        period=DateRange(month, next_month(month)),
    )
    assert told(bills, month)[2] == "awaited"
    BillingMandateFactory(branch=bills.root)
    assert told(bills, month)[2] == "awaited"
    confirm(bills.account)
    assert told(bills, month)[2] == "received"
    QuarantinedRowFactory(bill_import=read, account=bills.account.number)
    assert told(bills, month)[2] == "awaited"
    below = ProviderAccountFactory(
        branch=bills.below, provider=bills.account.provider, number="87654321"
    )
    Import.objects.filter(pk=read.pk).update(branch=bills.below)
    assert told(bills, month)[2] == "awaited"
    assert told(bills, month, below)[2] == "received"
    Import.objects.filter(pk=read.pk).update(branch=BranchFactory())
    assert told(bills, month, below)[2] == "awaited"


def test_a_refusal_of_long_ago_is_of_another_cycle(bills, month):
    old = imported(bills, ImportState.REFUSED)
    Import.objects.filter(pk=old.pk).update(recorded_at=old.recorded_at - timedelta(days=40))
    assert told(bills, month)[0] == "awaited"
