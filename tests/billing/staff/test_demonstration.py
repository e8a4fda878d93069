"""The demonstration's bills are thirteen months that went through the import."""

import time

import pytest
from django.core.management import call_command

from billing import tasks
from billing.demonstration import load
from billing.demonstration.months import demonstrate
from billing.kinds import ImportState, InvoiceState
from billing.models import BillFile, Finding, Gap, Import, Invoice, Release
from portal.models import QueuedTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(settings):
    settings.DEMONSTRATION = True
    call_command("seed_demonstration")
    assert tasks.read_import.name == "billing.read_import"  # what a worker would know
    began = time.process_time()
    demonstrate()
    return time.process_time() - began


def test_thirteen_months_of_both_providers_are_shown(loaded):
    shown = Invoice.objects.filter(current__isnull=False)
    for account in shown.values_list("account", flat=True).distinct():
        assert shown.filter(account=account).count() == 13
    assert set(shown.values_list("account__provider__code", flat=True)) == {"telus", "rogers"}
    assert shown.values("branch__organisation").distinct().count() == 2
    assert BillFile.objects.count() == 26


def test_its_pages_have_something_to_say(loaded):
    assert not Import.objects.filter(state=ImportState.REFUSED).exists()
    assert Import.objects.filter(state=ImportState.PREPARED).exists()
    assert Gap.objects.filter(number="8195550999").exists()
    assert set(Finding.objects.values_list("rule", flat=True)) >= {"B02", "B03"}
    assert Release.objects.filter(kind="held").exists()
    assert Invoice.objects.filter(state=InvoiceState.RELEASED).count() >= 10


def test_again_it_changes_nothing(loaded):
    before = Import.objects.count(), Release.objects.count(), QueuedTask.objects.count()
    load()
    assert (Import.objects.count(), Release.objects.count(), QueuedTask.objects.count()) == before
