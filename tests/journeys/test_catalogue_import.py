"""ITQ imports a provider's list with three errors, sees all three, mends, publishes (F-45)."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from catalogue import demonstration
from catalogue.models import CatalogueVersion
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
GOOD = (Path(demonstration.__file__).parent / "telus.csv").read_text(encoding="utf-8")
DEARER = GOOD.replace("329,00", "333,00")
BAD = (
    DEARER.replace("appareil;T-A36-128", "gadget;T-A36-128")
    .replace("333,00", "333,xx")
    .replace("T-S25U-512", "T-S25-256")
)


def choose(page, text):
    """Put a file in the form and have it checked."""
    file = {"name": "telus.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("Liste du prestataire").set_input_files(files=[file])
    page.get_by_role("button", name="Vérifier la liste").click()


def test_itq_sees_the_three_errors_mends_them_and_publishes(portal, page):
    sign_in(page, portal, "admin.itq@exemple.test")
    page.get_by_role("link", name="Catalogue", exact=True).click()
    page.get_by_role("link", name="Téléverser une liste").click()
    choose(page, BAD)

    expect(page.get_by_role("heading", name="3 erreurs à corriger")).to_be_visible()
    errors = page.get_by_role("table", name="Toutes les erreurs du fichier").locator("tbody tr")
    expect(errors).to_have_count(3)
    expect(errors.nth(0)).to_contain_text("Ligne 3")
    expect(errors.nth(0)).to_contain_text("« gadget » n'est pas reconnu")
    expect(errors.nth(1)).to_contain_text("Ligne 11")
    expect(errors.nth(1)).to_contain_text("Prix unique")
    expect(errors.nth(2)).to_contain_text("Ligne 14")
    expect(errors.nth(2)).to_contain_text("déjà à la ligne 13")
    expect(page.get_by_role("button", name="Publier la liste")).to_have_count(0)
    assert CatalogueVersion.objects.count() == 2

    page.get_by_role("link", name="Téléverser le fichier corrigé").click()
    choose(page, DEARER)
    changed = page.get_by_role("table", name="Articles modifiés").locator("tbody tr")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("329,00")
    expect(changed).to_contain_text("333,00")
    page.get_by_role("button", name="Publier la liste").click()
    expect(page.get_by_role("status")).to_contain_text("Version 2 publiée")
    version = CatalogueVersion.objects.get(rank__number="999726687", number=2)
    assert version.offers.count() == GOOD.count("\n") - 1


def test_a_member_finds_the_article_and_reads_how_it_is_ordered(portal, page):
    sign_in(page, portal, "rcell.village@exemple.test")
    page.get_by_role("link", name="Catalogue", exact=True).first.click()
    page.get_by_label("Rechercher").fill("protecteur ecran")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("link", name="Protecteur d'écran en verre trempé")).to_be_visible()
    page.get_by_label("Rechercher").fill("pixel 9")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_role("link", name="Google Pixel 9").click()
    needed = page.locator(".rule__title", has_text="Demande une dérogation pour un appareil")
    expect(needed).to_be_visible()
    expect(page.get_by_text("Rogers")).to_have_count(0)
