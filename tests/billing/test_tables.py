"""What the database itself refuses of profiles, files, imports, invoices and what hangs on them."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Subquery

from billing.formats.canonical import CODES, COLUMNS, Category, Entity
from billing.kinds import (
    Detail,
    GapState,
    ImportPart,
    ImportState,
    ProfileState,
    ProposalKind,
    ReleaseKind,
)
from billing.models import Charge, Import, Invoice, InvoiceVersion, ProfileVersion, Usage
from portal.clock import database_clock
from tests.billing.factories import (
    BillFileFactory,
    FormatProfileFactory,
    GapFactory,
    ImportFactory,
    InvoiceFactory,
    InvoiceVersionFactory,
    LineProposalFactory,
    PaymentFactory,
    ProfileVersionFactory,
    ReleaseFactory,
    RowStorageFactory,
)
from tests.members.factories import BranchFactory, UserFactory

pytestmark = pytest.mark.django_db


def refused(act, error=IntegrityError):
    with pytest.raises(error), transaction.atomic():
        act()


# -- profiles --


def test_a_profile_has_one_active_version():
    profile = FormatProfileFactory()
    ProfileVersionFactory(profile=profile, state=ProfileState.ACTIVE)
    ProfileVersionFactory(profile=profile, state=ProfileState.TESTED)
    refused(lambda: ProfileVersionFactory(profile=profile, state=ProfileState.ACTIVE))


@pytest.mark.parametrize("state", [ProfileState.ACTIVE, ProfileState.RETIRED])
def test_a_version_that_served_is_frozen(state):
    row = ProfileVersionFactory(state=state)
    rows = ProfileVersion.objects.filter(pk=row.pk)
    refused(lambda: rows.update(definition={"parts": []}), DatabaseError)
    refused(lambda: rows.update(state=ProfileState.DRAFT), DatabaseError)
    refused(lambda: rows.delete(), DatabaseError)
    rows.update(state=ProfileState.RETIRED)


def test_a_retired_version_does_not_come_back():
    row = ProfileVersionFactory(state=ProfileState.RETIRED)
    rows = ProfileVersion.objects.filter(pk=row.pk)
    refused(lambda: rows.update(state=ProfileState.ACTIVE), DatabaseError)


def test_a_draft_changes_and_goes():
    row = ProfileVersionFactory()
    ProfileVersion.objects.filter(pk=row.pk).update(definition={"parts": []})
    row.delete()


def test_blind_spots_are_accepted_in_writing_before_service():
    blind = {"state": ProfileState.ACTIVE, "blind_spots": ["rows"]}
    refused(lambda: ProfileVersionFactory(**blind))
    by = {"accepted_at": database_clock(), "accepted_by": UserFactory()}
    refused(lambda: ProfileVersionFactory(**blind, **by))
    ProfileVersionFactory(**blind, **by, acceptance="Le total est comparé à la main.")
    ProfileVersionFactory(state=ProfileState.TESTED, blind_spots=["rows"])


# -- files and imports --


@pytest.mark.parametrize("group", [True, False])
def test_the_same_bytes_are_sent_once_for_a_branch_and_once_for_the_group(group):
    branch = None if group else BranchFactory()
    sent = BillFileFactory(branch=branch)
    refused(lambda: BillFileFactory(branch=branch, file=sent.file))
    BillFileFactory(branch=BranchFactory(), file=sent.file)


def test_a_part_of_a_file_is_read_once_at_a_time():
    first = ImportFactory()
    same = {"bill_file": first.bill_file, "profile_version": first.profile_version}
    refused(lambda: ImportFactory(**same, part=first.part))
    ImportFactory(**same, part=ImportPart.USAGE)
    Import.objects.filter(pk=first.pk).update(state=ImportState.REFUSED, refusal="Tronqué.")
    ImportFactory(**same, part=first.part)


def test_a_refusal_says_why():
    row = ImportFactory()
    refused(lambda: Import.objects.filter(pk=row.pk).update(state=ImportState.REFUSED))


def test_a_month_has_one_shared_storage():
    first = RowStorageFactory(month="2020-01-01")
    again = {"provider": first.provider, "month": "2020-01-01"}
    refused(lambda: RowStorageFactory(**again))
    RowStorageFactory(provider=first.provider)
    RowStorageFactory(provider=first.provider)
    first.dropped_at = database_clock()
    first.save()
    RowStorageFactory(**again)


# -- the register --


def test_an_account_has_one_invoice_for_a_period():
    first = InvoiceFactory()
    refused(lambda: InvoiceFactory(branch=first.branch, account=first.account))


def test_an_invoice_s_version_is_frozen_but_for_its_use():
    bill = ImportFactory()
    version = InvoiceVersionFactory(detail=Detail.CHARGES, charge_import=bill)
    rows = InvoiceVersion.objects.filter(pk=version.pk)
    refused(lambda: rows.update(due_amount=Decimal("1.00")), DatabaseError)
    refused(lambda: rows.update(charge_import=ImportFactory()), DatabaseError)
    rows.update(detail=Detail.COMPLETE, usage_import=ImportFactory(part=ImportPart.USAGE))


def test_detail_comes_from_an_import_and_a_typed_invoice_has_none():
    refused(lambda: InvoiceVersionFactory(detail=Detail.CHARGES))
    refused(lambda: InvoiceVersionFactory(charge_import=ImportFactory()))


def test_publication_is_one_update(django_assert_num_queries):
    bill = ImportFactory()
    versions = [InvoiceVersionFactory(detail=Detail.CHARGES, charge_import=bill) for _ in range(3)]
    found = InvoiceVersion.objects.filter(charge_import=bill.pk, invoice=OuterRef("pk"))
    with django_assert_num_queries(1):
        Invoice.objects.filter(versions__charge_import=bill.pk).update(
            current=Subquery(found.values("pk"))
        )
    shown = Invoice.objects.filter(current=F("versions")).values_list("current", flat=True)
    assert set(shown) == {version.pk for version in versions}


def test_a_shown_version_is_not_deleted():
    version = InvoiceVersionFactory(shown=True)
    refused(version.delete)


def test_less_than_the_whole_says_why_and_a_held_invoice_pays_nothing():
    refused(lambda: ReleaseFactory(kind=ReleaseKind.PART))
    ReleaseFactory(kind=ReleaseKind.PART, reason="Un frais est contesté.", amount=Decimal("50.00"))
    held = {"kind": ReleaseKind.HELD, "reason": "Un frais est contesté."}
    refused(lambda: ReleaseFactory(**held, held_until=date(2020, 3, 1)))
    refused(lambda: ReleaseFactory(held_until=date(2020, 3, 1)))
    ReleaseFactory(**held, amount=0, held_until=date(2020, 3, 1))


def test_a_release_is_kept_as_given():
    payment = PaymentFactory()
    row = payment.release
    refused(lambda: type(row).objects.filter(pk=row.pk).update(amount=1), DatabaseError)


def test_a_settled_gap_says_how():
    line = {"settled_at": database_clock(), "settled_by": UserFactory()}
    refused(lambda: GapFactory(state=GapState.MATCHED, **line))
    refused(lambda: GapFactory(state=GapState.EXPLAINED, **line))
    GapFactory(state=GapState.EXPLAINED, reason="Essai du prestataire.", **line)


def test_a_proposal_to_change_names_its_line():
    refused(lambda: LineProposalFactory(kind=ProposalKind.CHANGE))


# -- rows --


@pytest.mark.parametrize(("model", "entity"), [(Charge, Entity.CHARGE), (Usage, Entity.USAGE)])
def test_a_row_holds_the_canonical_columns(model, entity):
    names = {field.column for field in model._meta.concrete_fields if field.column}
    assert names == {*COLUMNS[entity], "storage_id", "import_id", "line", "raw"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            [model._meta.db_table],
        )
        assert {row[0] for row in cursor.fetchall()} == names


def test_no_foreign_key_stands_on_rows_or_points_at_them():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND ("
            "conrelid IN ('billing_charge'::regclass, 'billing_usage'::regclass) OR "
            "confrelid IN ('billing_charge'::regclass, 'billing_usage'::regclass))"
        )
        assert cursor.fetchall() == []


def test_codes_fit_their_columns():
    totals = apps.get_model("billing.LineTotal")
    assert max(map(len, Category)) <= totals._meta.get_field("category").max_length
    use = apps.get_model("billing.LineUse")
    for name in ("kind", "roaming"):
        assert max(map(len, CODES[name])) <= use._meta.get_field(name).max_length
