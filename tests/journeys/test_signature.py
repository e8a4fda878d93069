"""A delegated signer opens the mail's link on a phone and signs, without any role (signing.md)."""

import re
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect

from derogations.emails import signing_link
from derogations.kinds import SignatureLevel
from derogations.models import Derogation, Signature
from tests.derogations.signing_world import (
    BROWSER_ROOM,
    PASSWORD,
    SigningWorld,
    code_now,
    signing_world,
)
from tests.journeys.conftest import fits
from tests.journeys.test_passkey import plug_in_authenticator

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def world(processes, transactional_db, data_dir) -> SigningWorld:
    """A request that awaits its signer, who holds a line of the plan and no role."""
    return signing_world()


def follow_mail(page: Page, address: str, world: SigningWorld) -> None:
    """The mail's link asks who one is, then shows the request."""
    page.goto(address + urlsplit(signing_link(world.derogation)).path)
    page.locator("main [name=login]").fill(world.signer.email)
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.derogation.number)


def enrol(page: Page) -> None:
    """A first-time signer adds a passkey and comes back to the request."""
    page.get_by_role("link", name="Ajouter une clé d'accès").click()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_role("link", name="Lire le document")).to_be_visible()


def test_a_first_time_signer_enrols_a_passkey_and_signs_on_a_phone(
    processes: str, world: SigningWorld, page: Page
) -> None:
    Authenticator.objects.filter(user=world.signer).delete()
    page.set_viewport_size(PHONE)
    plug_in_authenticator(page)
    follow_mail(page, processes, world)
    enrol(page)
    assert fits(page)

    began = time.monotonic()
    expect(page.get_by_text("en vertu de la ligne 4.2 du plan du")).to_be_visible()
    page.get_by_role("button", name="Passer à la signature").click()
    box = page.get_by_role("checkbox")
    expect(box).not_to_be_checked()
    assert fits(page)
    box.check()
    number = world.derogation.number
    page.get_by_role("button", name=f"Signer la demande {number}", exact=True).click()
    expect(page.get_by_text(f"La demande {number} est signée.")).to_be_visible()
    print(f"signed in {time.monotonic() - began:.1f} s, 2 pages")

    signature = Signature.objects.get()
    assert signature.level == SignatureLevel.PASSKEY
    assert Derogation.objects.get().state == "signed"
    expect(page.get_by_text(re.compile("Signé par Alice"))).to_be_visible()


def test_a_password_and_a_code_sign_without_javascript(
    processes: str, world: SigningWorld, browser: Browser
) -> None:
    context = browser.new_context(locale="fr-CA", viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    follow_mail(page, processes, world)
    page.get_by_role("button", name="Passer à la signature").click()
    page.get_by_role("checkbox").check()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Code de l'application").fill(code_now(room=BROWSER_ROOM))
    page.get_by_role("button", name=re.compile("avec le code$")).click()
    expect(page.get_by_text(f"La demande {world.derogation.number} est signée.")).to_be_visible()
    assert Signature.objects.get().level == SignatureLevel.PASSWORD_TOTP
    context.close()
