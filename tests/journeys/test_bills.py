"""A FACTU goes from home to the row of the file behind a charge, in four clicks at most."""

import re
import time
from typing import Any

import pytest
from django.db.models import QuerySet
from playwright.sync_api import Locator, Page, expect

from billing.demonstration.months import CITY
from billing.models import Finding, Invoice
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
FACTU = "factu.ville@exemple.test"
SECONDS = 90
MOST_CLICKS = 4


class Clicks:
    """Every click of a journey, counted."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, place: Locator) -> None:
        self.count += 1
        place.click()


def await_rows(rows: QuerySet[Any]) -> Any:
    """The first of the rows, once the worker has read the demonstration's file that gives them."""
    for _ in range(SECONDS * 2):
        if (found := rows.first()) is not None:
            return found
        time.sleep(0.5)
    raise AssertionError("the worker published no such bill")


def await_bills() -> None:
    """The worker reads the demonstration's files after the pages are there."""
    await_rows(Invoice.objects.filter(current__isnull=False))


def open_invoices(page: Page, clicks: Clicks) -> None:
    """By what awaits FACTU at home: an invoice to verify, or the list of them all."""
    clicks.on(
        page.locator(".inbox a", has_text=re.compile("Factures? à vérifier|Vérifier la")).first
    )
    expect(page.get_by_role("heading", level=1, name=re.compile("Facture"))).to_be_visible()


def expect_source(page: Page, clicks: Clicks) -> None:
    """The row of the file, with the file, and the profile and version that read it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Ligne \d+ du fichier"))
    expect(page.get_by_text("Lu avec")).to_be_visible()
    assert clicks.count <= MOST_CLICKS, clicks.count


def test_from_home_to_the_row_of_the_dearest_line(portal, bills, page: Page):
    await_bills()
    sign_in(page, portal, FACTU)
    clicks = Clicks()
    open_invoices(page, clicks)
    if page.locator("#invoices").count():
        clicks.on(page.locator("#invoices tbody a").first)
    expect(page.get_by_role("heading", name="Nos totaux et ceux du prestataire")).to_be_visible()
    dearest = page.get_by_role("region", name="Lignes les plus chères")
    clicks.on(dearest.locator("tbody a").first)
    expect(page.get_by_role("heading", name="Frais, tels que le fichier les donne")).to_be_visible()
    clicks.on(page.locator("a", has_text="Source de ce frais").first)
    expect_source(page, clicks)


def test_from_home_to_the_row_of_a_doubtful_line(portal, bills, page: Page):
    """A finding leads to the row by itself: one click less."""
    shown = Finding.objects.filter(rule="B02", version__shown_by__isnull=False)
    doubtful = await_rows(shown.filter(branch__organisation__name=CITY))
    sign_in(page, portal, FACTU)
    clicks = Clicks()
    open_invoices(page, clicks)
    if page.locator("#invoices").count():
        clicks.on(page.locator(f'#invoices a[href$="/{doubtful.version.invoice_id}/"]'))
    found = page.get_by_role("row", name=re.compile("B02")).first
    clicks.on(found.get_by_role("link", name=re.compile(r"^ligne \d")).first)
    expect_source(page, clicks)
    assert clicks.count <= MOST_CLICKS - 1
