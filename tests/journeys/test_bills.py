"""A FACTU goes from home to the row of the file behind a charge, then verifies and releases."""

import time

import pytest
from playwright.sync_api import Page, expect

from billing.models import Invoice
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
FACTU = "factu.ville@exemple.test"
SECONDS = 90


def await_bills() -> None:
    """The worker reads the demonstration's files after the pages are there."""
    for _ in range(SECONDS * 2):
        if Invoice.objects.filter(current__isnull=False).exists():
            return
        time.sleep(0.5)
    raise AssertionError("the worker published no bill")


def test_from_home_to_the_row_of_the_file_in_four_clicks(portal, bills, page: Page):
    await_bills()
    sign_in(page, portal, FACTU)
    page.get_by_role("link", name="Factures", exact=True).first.click()
    page.locator("#invoices tbody a").first.click()
    expect(page.get_by_role("heading", name="Nos totaux et ceux du prestataire")).to_be_visible()
    page.get_by_role("link", name="Lignes", exact=True).last.click()
    page.locator("#lines tbody a").nth(1).click()
    expect(page.get_by_role("heading", name="Frais, tels que le fichier les donne")).to_be_visible()
    page.locator("a", has_text="Source de ce frais").first.click()
    expect(page.get_by_text("Lu avec")).to_be_visible()
