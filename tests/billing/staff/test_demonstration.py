"""The demonstration's bills are thirteen months that went through the import."""

import time

import pytest
from django.core.management import call_command

from billing import tasks
from billing.demonstration import load
from billing.demonstration.months import CITY, SCHOOL, demonstrate
from billing.kinds import Detail, ImportState, InvoiceState
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
    told = shown.values_list("branch__organisation__name", "account__provider__code")
    assert set(told) == {(name, code) for name in (CITY, SCHOOL) for code in ("telus", "rogers")}
    assert BillFile.objects.count() == 52


def test_its_pages_have_something_to_say(loaded):
    assert not Import.objects.filter(state=ImportState.REFUSED).exists()
    assert Import.objects.filter(state=ImportState.PREPARED).exists()
    assert Gap.objects.filter(number="8195550999").exists()
    assert set(Finding.objects.values_list("rule", flat=True)) >= {"B02", "B03"}
    assert Release.objects.filter(kind="held").exists()
    assert Invoice.objects.filter(state=InvoiceState.RELEASED).count() >= 10


def test_it_opens_on_a_year_in_which_only_the_last_months_are_open(loaded):
    months = sorted(set(Invoice.objects.values_list("period__startswith", flat=True)))
    older = Invoice.objects.filter(period__startswith__lt=months[-3])
    city, school = (
        older.filter(branch__organisation__name=CITY),
        older.exclude(branch__organisation__name=CITY),
    )
    assert set(city.values_list("state", flat=True)) == {InvoiceState.PAID}
    assert set(school.values_list("state", flat=True)) == {InvoiceState.RELEASED}
    recent = Invoice.objects.filter(period__startswith__gte=months[-3])
    assert recent.filter(state=InvoiceState.DISPUTED).exists()
    assert recent.filter(state=InvoiceState.TO_VERIFY, period__startswith=months[-1]).exists()
    assert not recent.filter(state=InvoiceState.PAID).exists()
    assert Release.objects.filter(kind="part", invoice__in=recent).exclude(reason="").exists()


def test_each_month_but_the_last_has_its_use_at_both_providers(loaded):
    months = sorted(set(Invoice.objects.values_list("period__startswith", flat=True)))
    shown = Invoice.objects.filter(current__detail=Detail.COMPLETE)
    for provider in ("telus", "rogers"):
        used = shown.filter(account__provider__code=provider)
        assert set(used.values_list("period__startswith", flat=True)) >= set(months[:-1])
    assert loaded < 50  # seconds of a worker, beside the launcher's patience


def test_again_it_changes_nothing(loaded):
    before = Import.objects.count(), Release.objects.count(), QueuedTask.objects.count()
    load()
    assert (Import.objects.count(), Release.objects.count(), QueuedTask.objects.count()) == before
