"""A representative orders in the browser, down to the sheet sent by the worker."""

import re
import time

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from members.demonstration import CITY
from members.models import ContractRank, Respondent
from members.roles import Role
from orders.models import Order
from portal.files import store
from tests.journeys.conftest import fits, sign_in
from tests.orders.factories import OrderFactory

pytestmark = pytest.mark.browser
RCELL = "rcell.ville@exemple.test"
OTHER_RCELL = "rcell.css@exemple.test"
PHONE = pytest.param(
    "a phone without JavaScript",
    marks=pytest.mark.browser_context_args(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    ),
)


def choose(page: Page, name: str, index: int = 1) -> None:
    page.locator(f"#id_{name}").select_option(index=index)


def add_new_lines(page: Page, count: int, device: str | None = None) -> None:
    """From « De quoi avez-vous besoin ? » to the draft, for ``count`` holders."""
    page.get_by_role("link", name="Nouvelle ligne avec appareil").click()
    assert fits(page)
    devices = page.locator("#id_device")
    if device:
        devices.select_option(label=device)
    else:
        devices.select_option(index=1)
    plan = page.locator("#id_plan")
    plan.select_option(
        plan.locator("option", has_text="Voix et données").first.get_attribute("value")
    )
    for index in range(count):
        page.locator(f"#id_rows-{index}-holder").select_option(index=index + 1)
        page.locator(f"#id_rows-{index}-cost_centre").select_option(index=1)
    page.get_by_role("button", name="Ajouter à la commande").click()


@pytest.mark.parametrize("where", ["a desk", PHONE])
def test_three_zero_cost_phones_for_three_holders_reach_the_provider(
    portal, page: Page, data_dir, where
):
    sign_in(page, portal, RCELL)
    start = time.monotonic()
    page.get_by_role("link", name="Commander").click()
    assert fits(page)
    add_new_lines(page, 3)
    expect(page.get_by_role("heading", name="Nouvelle ligne avec appareil")).to_have_count(3)
    assert fits(page)
    page.get_by_role("button", name="Soumettre la commande").click()
    expect(page.locator(".error-summary")).to_contain_text("Cochez l'attestation")
    assert fits(page)
    page.locator("#id_attested").check()
    page.get_by_role("button", name="Soumettre la commande").click()
    expect(page.get_by_text("Commande enregistrée").first).to_be_visible()
    for _ in range(40):
        if page.get_by_text("Commande transmise").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(".alert__title", has_text="Commande transmise")).to_be_visible()
    assert fits(page)
    print(f"{where}, home to « Commande transmise »: {time.monotonic() - start:.1f} s")
    order = Order.objects.get(number=re.search(r"C-\d{4}-\d{5}", page.url).group())
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le bon de commande").click()
    with pikepdf.open(download.value.path()) as sheet:
        assert sheet.Root.Lang == "fr-CA"
        assert "/StructTreeRoot" in sheet.Root
    mails = [path.read_text() for path in (data_dir / "mail").iterdir()]
    about = [text for text in mails if order.number in text]
    assert len(about) == 1
    assert not any(line.holder.name in about[0] for line in order.lines.all())


def test_a_rogers_phone_and_a_dear_phone_say_what_each_needs(portal, page: Page):
    sign_in(page, portal, RCELL)
    page.get_by_role("link", name="Commander").click()
    page.get_by_role("link", name="Appareil ou accessoire seul").click()
    devices = page.locator("#id_device")
    dear = devices.locator("optgroup[label*='TELUS, avec dérogation'] option").first
    devices.select_option(dear.get_attribute("value"))
    choose(page, "cost_centre")
    page.get_by_role("button", name="Ajouter à la commande").click()
    expect(page.get_by_text("appareil à coût non nul").first).to_be_visible()
    page.get_by_text("Pourquoi ?").first.click()
    expect(page.get_by_text("question 13 (R-14)")).to_be_visible()
    page.get_by_role("link", name="Ajouter une ligne").click()
    page.get_by_role("link", name="Appareil ou accessoire seul").click()
    devices = page.locator("#id_device")
    rogers = devices.locator("optgroup[label='Rogers, avec dérogation'] option").first
    devices.select_option(rogers.get_attribute("value"))
    choose(page, "cost_centre")
    page.get_by_role("button", name="Ajouter à la commande").click()
    expect(page.get_by_text("autre prestataire").first).to_be_visible()
    expect(page.get_by_text("réseau ou technologique").first).to_be_visible()
    page.locator("#id_attested").check()
    page.get_by_role("button", name="Soumettre la commande").click()
    expect(page.get_by_text("Cette commande attend une dérogation")).to_be_visible()


def test_another_member_s_representative_gets_404_on_each_page(portal, page: Page):
    order = Order.objects.filter(branch__name=CITY).first()
    Order.objects.filter(pk=order.pk).update(
        sheet=store(b"%PDF", name="bon.pdf", content_type="application/pdf")
    )
    rogers = OrderFactory(branch=order.branch, rank=ContractRank.objects.filter(rank=2).first())
    holder = Respondent.objects.filter(branch=order.branch, role=Role.INTRL).first()
    sign_in(page, portal, OTHER_RCELL)
    root = f"{portal}/organismes/{order.branch.organisation.slug}"
    texts = set()
    for path in (
        "commandes/",
        f"commandes/{order.number}/",
        f"commandes/{order.number}/bon.pdf",
        f"commandes/{rogers.number}/",
        "commandes/C-1999-00001/",
        "commander/",
        f"repondants/{holder.pk}/remise/",
    ):
        answer = page.goto(f"{root}/{path}")
        assert answer.status == 404
        texts.add(page.locator("main").inner_text())
    assert len(texts) == 1
