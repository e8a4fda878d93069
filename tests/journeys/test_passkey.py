"""A person adds a passkey to her account, then signs in with it alone (D-24)."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from members.demonstration import PASSWORD
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
RCELL = "rcell.ville@exemple.test"


def plug_in_authenticator(page: Page, *, verified: bool = True) -> CDPSession:
    """A virtual authenticator of Chromium: resident keys, and user verification or not."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def add_passkey(page: Page, portal: str) -> None:
    """Adding a factor asks for the password again."""
    page.goto(f"{portal}/compte/2fa/webauthn/add/")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_label("Nom de la clé").fill("Téléphone du bureau")
    page.get_by_label("Me connecter avec cette clé").check()
    page.get_by_role("button", name="Ajouter la clé").click()


def sign_out(page: Page) -> None:
    page.locator(".menu--person summary").click()
    page.get_by_role("button", name="Se déconnecter").click()


def test_a_passkey_added_to_the_account_signs_in_without_a_password(
    portal: str, page: Page
) -> None:
    sign_in(page, portal, RCELL)
    plug_in_authenticator(page)
    add_passkey(page, portal)
    expect(page.get_by_role("status")).to_contain_text("La clé d'accès est ajoutée.")
    assert Authenticator.objects.filter(user__email=RCELL, type="webauthn").count() == 1

    sign_out(page)
    page.goto(f"{portal}/compte/login/")
    page.get_by_role("button", name="Se connecter avec une clé d'accès").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ce qui m'attend")


def test_an_authenticator_that_verifies_nobody_is_refused_with_a_sentence(
    portal: str, page: Page
) -> None:
    sign_in(page, portal, RCELL)
    plug_in_authenticator(page, verified=False)
    add_passkey(page, portal)
    expect(page.locator("#passkey-error")).to_be_visible()
    assert not Authenticator.objects.filter(user__email=RCELL, type="webauthn").exists()
