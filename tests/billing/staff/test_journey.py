"""From a renamed column to published invoices: refused, followed, tried, served, read again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.actions.shipped import install_shipped_profiles
from billing.kinds import ImportState
from billing.models import BillFile, Import, Invoice
from billing.tasks import read_import
from tests.billing.staff.conftest import CYCLE, RENAMED
from tests.members.factories import (
    LONG_AGO,
    BillingMandateFactory,
    BranchFactory,
    ProviderAccountFactory,
)

pytestmark = pytest.mark.django_db


def page(name, *args):
    return reverse(f"billing:staff_{name}", args=args)


@pytest.fixture
def member(rogers, admin):
    """A member that gave ITQ its mandate, with the account of the file."""
    branch = BranchFactory()
    BillingMandateFactory(branch=branch)
    ProviderAccountFactory(
        branch=branch,
        provider=rogers,
        number=next(iter(CYCLE.accounts)),
        confirmed_at=LONG_AGO,
        confirmed_by=admin,
    )
    return branch


def test_a_renamed_column_is_followed_then_the_file_is_published(
    itq, admin, rogers, member, renamed
):
    install_shipped_profiles(by=admin)
    sent = {"provider": rogers.pk, "uploads": [SimpleUploadedFile("frais.csv", renamed)]}
    itq.post(page("bill_file_new"), sent)
    file = BillFile.objects.get()
    first = file.imports.get()
    read_import(import_id=first.pk)
    body = itq.get(page("bill_file_detail", file.pk)).content.decode()
    first.refresh_from_db()
    assert first.state == ImportState.REFUSED
    assert RENAMED[0] in first.refusal, first.refusal
    assert "est peut-être son nouveau nom" in body
    profile = first.profile_version.profile
    itq.post(page("version_new", profile.pk), {"fichier": file.pk})
    draft = profile.versions.first()
    itq.post(page("version_test", draft.pk), {"fichier": ""})
    itq.post(page("version_activate", draft.pk), {"acceptance": ""})
    itq.post(page("import_replay", first.pk))
    second = Import.objects.latest("pk")
    assert second.profile_version == draft
    read_import(import_id=second.pk)
    second.refresh_from_db()
    assert second.state == ImportState.PUBLISHED, second.refusal
    assert Invoice.objects.filter(branch=member, current__charge_import=second).exists()
    body = itq.get(page("bill_file_detail", file.pk)).content.decode()
    assert "Factures publiées" in body
