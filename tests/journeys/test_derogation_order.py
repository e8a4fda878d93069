"""An order held for want of a derogation: asked from its line, sent by itself once it is signed."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Derogation
from derogations.states import SIGN
from orders.models import Draw, Order
from portal.audit import SYSTEM
from portal.clock import database_clock
from portal.queue import later
from portal.workflow import advance
from tests.derogations.factories import VersionFactory
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
RCELL = "rcell.ville@exemple.test"


def hold_an_order(page: Page) -> str:
    """A dear device, submitted: the order waits; return its number."""
    page.get_by_role("link", name="Commander").click()
    page.get_by_role("link", name="Appareil ou accessoire seul").click()
    devices = page.locator("#id_device")
    dear = devices.locator("optgroup[label*='TELUS, avec dérogation'] option").last
    devices.select_option(dear.get_attribute("value"))
    page.locator("#id_cost_centre").select_option(index=1)
    page.get_by_role("button", name="Ajouter à la commande").click()
    page.locator("#id_attested").check()
    page.get_by_role("button", name="Soumettre la commande").click()
    expect(page.get_by_text("Cette commande attend une dérogation")).to_be_visible()
    return re.search(r"C-\d{4}-\d{5}", page.url).group()


def sign(number: str) -> None:
    """What the last required signature writes, and what it promises (signing.md §3.5)."""
    with transaction.atomic():
        request = Derogation.objects.get(number=number)
        version = VersionFactory(derogation=request)
        Derogation.objects.filter(pk=request.pk).update(
            version=version, state=DerogationState.SUBMITTED
        )
        request.heads.update(decision=HeadDecision.SIGNED)
        advance(SIGN, on=request, by=SYSTEM, signed_at=database_clock())
        later("orders.draw_on_derogation", derogation_id=request.pk)


def wait_for(page: Page, text: str) -> None:
    """Reload until the worker has done its part."""
    for _ in range(60):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible()


def test_an_order_held_for_a_derogation_goes_out_once_it_is_signed(portal, page: Page, data_dir):
    sign_in(page, portal, RCELL)
    number = hold_an_order(page)
    order = Order.objects.get(number=number)
    order_url = page.url
    page.get_by_role("button", name="Demander la dérogation").click()
    expect(page.get_by_text("est ouverte et remplie").first).to_be_visible()
    request = Derogation.objects.latest("pk")
    device = order.lines.get().device
    assert (request.offer, request.quantity, request.external_reference) == (device, 1, number)
    expect(page.get_by_text(device.name).first).to_be_visible()
    page.goto(order_url)
    expect(page.get_by_role("link", name=request.number)).to_be_visible()
    assert page.get_by_role("button", name="Demander la dérogation").count() == 0
    sign(request.number)
    wait_for(page, "Commande transmise")
    expect(page.get_by_role("link", name=request.number)).to_be_visible()
    assert Draw.objects.get(order_line__order=order).derogation == request
    page.get_by_role("link", name=request.number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ce qui repose sur")
    expect(page.get_by_role("link", name=number)).to_be_visible()
    mails = [path.read_text() for path in (data_dir / "mail").iterdir()]
    assert len([text for text in mails if number in text]) == 1
