"""INTRL invites a successor, who opens an account; then hands over in one act (R-01, F-05)."""

import re

import pytest
from playwright.sync_api import Page, expect

from members.demonstration import CITY, PASSWORD
from members.links import token_of
from members.models import Invitation, Respondent
from members.roles import Role
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
SUCCESSOR = "successeure@exemple.test"


def open_member(page: Page) -> None:
    page.get_by_role("navigation", name="Navigation principale").get_by_role(
        "link", name="Organisme", exact=True
    ).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(CITY)


def designate_successor(page: Page) -> None:
    """A new person receives a role and an invitation, before she receives the member."""
    open_member(page)
    page.get_by_role("link", name="Désigner un répondant").click()
    page.get_by_label("Rôle").select_option(label="Mandataire")
    page.get_by_label("Organisme ou subdivision").select_option(label=CITY)
    page.get_by_label("Prénom").fill("Aurore")
    page.get_by_label("Nom", exact=True).fill("Successeure")
    page.get_by_label("Courriel").fill(SUCCESSOR)
    page.get_by_role("button", name="Désigner").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Répondants")


def accept(page: Page, portal: str) -> None:
    """The link of the mail opens her account."""
    nonce = Invitation.objects.get(email=SUCCESSOR).nonce
    page.goto(f"{portal}/invitation/{token_of(nonce)}/")
    expect(page.get_by_text(SUCCESSOR)).to_be_visible()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mon compte")


def test_an_interlocutor_hands_over_to_a_successor(portal: str, page: Page, browser) -> None:
    sign_in(page, portal, "intrl.ville@exemple.test")
    designate_successor(page)
    other = browser.new_context(locale="fr-CA").new_page()
    accept(other, portal)

    open_member(page)
    page.get_by_role("link", name="Maïka Thériault").click()
    page.get_by_role("link", name="Remettre le rôle à un successeur").click()
    page.get_by_label("Successeur").select_option(label="Aurore Successeure")
    page.get_by_label("Référence de l'acte").fill("Résolution fictive 2026-11")
    page.get_by_role("button", name="Remettre le rôle").click()

    # The former INTRL is in the member no more; the successor is its interlocutor.
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ce qui m'attend")
    assert page.goto(f"{portal}/organismes/ville-de-val-boreal/").status == 404
    other.goto(f"{portal}/organismes/ville-de-val-boreal/repondants/")
    row = other.get_by_role("row", name=re.compile("Aurore Successeure.*Interlocuteur"))
    expect(row).to_contain_text("En vigueur")
    expect(other.get_by_role("link", name="Désigner", exact=True)).to_be_visible()
    rows = Respondent.objects.filter(role=Role.INTRL, branch__name=CITY).order_by("period")
    before, after = rows
    assert before.period.upper == after.period.lower
    other.context.close()
