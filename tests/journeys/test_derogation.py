"""A derogation from an empty plan to the order that goes out, in five people's hands (signing.md).

INTRL records the plan and a line, MANDA confirms; RCELL's order is held; the signer follows the
mail to a phone and signs; the worker seals; the order leaves by itself.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from email import message_from_string, policy
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from derogations.kinds import SignatureLevel
from derogations.models import Signature
from members.demonstration import PASSWORD, SCHOOL
from members.models import Branch, DelegationPlan, Provider, User
from orders.actions.dispatch_modes import set_dispatch_mode
from orders.kinds import SendingMode
from orders.models import Draw, Order
from portal.clock import today
from tests.derogations.signing_world import BROWSER_ROOM, SECRET, code_now
from tests.journeys.conftest import fits, sign_in
from tests.journeys.processes import AUTHORITY, ROOT, SETTINGS, as_application
from tests.journeys.test_passkey import plug_in_authenticator

pytestmark = pytest.mark.browser
INTRL, MANDA, RCELL, SIGNER = (
    f"{role}.css@exemple.test" for role in ("intrl", "manda", "rcell", "dero")
)
PHONE = {"width": 390, "height": 844}
LINK = re.compile(r"https?://\S+/signature/D-\d{4}-\d{5}/")


@pytest.fixture
def planless(monkeypatch) -> None:
    """The demonstration's school keeps no plan."""
    monkeypatch.setattr("members.demonstration.record_school_plan", lambda *args: None)


@pytest.fixture
def unplanned(planless, portal) -> str:
    """The server; the school has no plan yet, its signer no factor, and the second rank an address.

    The demonstration types Rogers' orders in Rogers' own portal; here they leave by mail.
    """
    branch = Branch.objects.get(organisation__name=SCHOOL)
    assert not DelegationPlan.objects.filter(organisation=branch.organisation).exists()
    rogers = Provider.objects.get(code="rogers")
    set_dispatch_mode(
        provider=rogers,
        mode=SendingMode.EMAIL,
        email="commandes.rogers@exemple.test",
        since=today(),
        by=User.objects.get(email="admin.itq@exemple.test"),
    )
    Authenticator.objects.filter(user__email=SIGNER).delete()
    return portal


@pytest.fixture
def people(browser: Browser):
    """A browser for each person, opened on demand and signed in."""
    contexts = []

    def arrive(address: str, email: str) -> Page:
        contexts.append(
            browser.new_context(locale="fr-CA", viewport={"width": 1280, "height": 900})
        )
        page = contexts[-1].new_page()
        sign_in(page, address, email)
        return page

    yield arrive
    for context in contexts:
        context.close()


def plan_page(page: Page, address: str) -> None:
    slug = Branch.objects.get(name=SCHOOL).organisation.slug
    page.goto(f"{address}/organismes/{slug}/delegations/")


def record_plan(page: Page, address: str, folder: Path) -> None:
    """INTRL opens the plan with its act, and records one line."""
    plan_page(page, address)
    expect(page.get_by_text("Aucun plan de délégation n'est inscrit")).to_be_visible()
    page.get_by_role("link", name="Ouvrir le plan de délégation").click()
    act = folder / "reglement.pdf"
    act.write_bytes(b"%PDF-1.4\n% Reglement fictif 2026-09\n%%EOF\n")
    page.locator("#id_approved_on").fill("2024-02-12")
    page.locator("#id_act_reference").fill("Règlement fictif 2026-09")
    page.locator("#id_act_file").set_input_files(act)
    page.get_by_role("button", name="Ouvrir la version").click()
    page.get_by_role("link", name="Inscrire une ligne").click()
    page.locator("#id_clause").fill("4.2")
    page.locator("#id_post").fill("Directrice générale")
    page.locator("#id_person").select_option(label="Diane Caron")
    page.get_by_label("Réseau").check()
    page.get_by_label("Technologique").check()
    page.locator("#id_ceiling_amount").fill("25000")
    page.locator("#id_beyond_fiscal_year").check()
    page.get_by_role("button", name="Inscrire la ligne").click()
    expect(page.get_by_text("Attend le mandataire ou ITQ")).to_be_visible()


def confirm_line(page: Page, address: str) -> None:
    """MANDA compares the line with its act, and confirms."""
    plan_page(page, address)
    page.get_by_role("link", name="4.2 Directrice générale").click()
    page.get_by_role("button", name="Confirmer la ligne").click()
    expect(page.get_by_role("rowheader", name="Diane Caron")).to_be_visible()


def attest(page: Page) -> None:
    """ITQ attests the signer whom INTRL, who invites too, recorded (E2, R-21)."""
    page.get_by_role("link", name="Attester l'identité de Diane Caron, signataire").click()
    page.locator("#id_method").fill("Appel vidéo, pièce d'identité montrée (fictif)")
    page.get_by_role("button", name="Attester l'identité").click()
    expect(page.get_by_text("Identité attestée.")).to_be_visible()


def hold_an_order(page: Page) -> str:
    """A phone of the second rank, submitted: the order waits; return its number."""
    page.get_by_role("link", name="Commander").click()
    page.get_by_role("link", name="Appareil ou accessoire seul").click()
    devices = page.locator("#id_device")
    phone = devices.locator("optgroup[label^='Rogers'] option", has_text="Sonim XP10").first
    devices.select_option(phone.get_attribute("value"))
    page.locator("#id_cost_centre").select_option(index=1)
    page.get_by_role("button", name="Ajouter à la commande").click()
    page.get_by_label("J'atteste").check()
    page.get_by_role("button", name="Soumettre la commande").click()
    expect(page.get_by_text("Cette commande attend une dérogation")).to_be_visible()
    found = re.search(r"C-\d{4}-\d{5}", page.url)
    assert found
    return found.group()


def edit(page: Page, part: str) -> None:
    """Open the page of a part of the request."""
    page.get_by_role("link", name=f"Modifier : {part}").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".error-summary")).to_have_count(0)


def ask(page: Page) -> str:
    """From the held order to the request submitted; return its number."""
    page.get_by_role("button", name="Demander la dérogation : réseau").click()
    expect(page.get_by_text("est ouverte et remplie").first).to_be_visible()
    expect(page.get_by_text("Sonim XP10").first).to_be_visible()
    edit(page, "Le besoin")
    page.locator("#id_need").fill("Joindre le chauffeur d'autobus du rang 9 (fictif).")
    page.locator("#id_insufficiency").fill("Aucun signal du premier rang sur neuf kilomètres.")
    save(page)
    edit(page, "Les dates et les coûts")
    page.locator("#id_wanted_on").fill(f"{today()}")
    page.locator("#id_ends_on").fill(f"{today() + timedelta(days=365)}")
    save(page)
    edit(page, "Le réseau")
    page.locator("#id_network_nature").select_option(index=1)
    page.locator("#id_ticket_answer").fill("Le soutien confirme l'absence de couverture (fictif).")
    save(page)
    page.get_by_role("link", name="Ajouter un lieu").click()
    page.locator("#id_address").fill("Rang 9, pont couvert")
    page.locator("#id_municipality").fill("Val-Boréal")
    page.locator("#id_administrative_region").select_option(label="Abitibi-Témiscamingue")
    page.locator("main form.form button[type=submit]").first.click()
    page.get_by_role("link", name="Relire et soumettre").click()
    expect(page.get_by_text("Directrice générale").first).to_be_visible()
    page.get_by_role("button", name="Soumettre à la signature").click()
    expect(
        page.get_by_text("Le document figé se prépare").or_(
            page.get_by_text("La demande attend une signature")
        )
    ).to_be_visible()
    found = re.search(r"D-\d{4}-\d{5}", page.url)
    assert found
    return found.group()


def mailed_link(folder: Path, number: str) -> str:
    """The address in the mail that the worker sent to the signer, and to nobody else."""
    for _ in range(120):
        for path in folder.glob("mail/*"):
            for text in path.read_text().split("-" * 79):
                mail = message_from_string(text.strip(), policy=policy.default)
                if number in str(mail["Subject"]) and mail["Subject"].startswith("À signer"):
                    assert mail["To"] == SIGNER
                    return LINK.search(mail.get_content()).group()
        time.sleep(0.25)
    raise AssertionError(f"no mail about {number}")


def enrol(page: Page) -> None:
    """A first-time signer adds a passkey and comes back to the request."""
    page.get_by_role("link", name="Ajouter une clé d'accès").click()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_role("link", name="Lire le document")).to_be_visible()


def follow(page: Page, link: str) -> None:
    """The mail's link asks who one is, then shows the request."""
    page.goto(link)
    type_password(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Demande")


def type_password(page: Page) -> None:
    page.locator("main [name=login]").fill(SIGNER)
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Se connecter", exact=True).click()


def sign_with_code(page: Page, number: str) -> None:
    """The fallback: the password again, and the code that the application shows now."""
    page.get_by_role("button", name="Passer à la signature").click()
    page.get_by_role("checkbox").check()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Code de l'application").fill(code_now(room=BROWSER_ROOM))
    page.get_by_role("button", name=re.compile("avec le code$")).click()
    expect(page.get_by_text(f"La demande {number} est signée.")).to_be_visible()


def sign_with_key(page: Page, number: str) -> None:
    page.get_by_role("button", name="Passer à la signature").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=f"Signer la demande {number}", exact=True).click()
    expect(page.get_by_text(f"La demande {number} est signée.")).to_be_visible()


def wait_for(page: Page, text: str) -> None:
    """Reload until the worker has done its part."""
    for _ in range(120):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible()


def sealed_document(page: Page, address: str, number: str) -> Path:
    """What RCELL downloads from the request's page once the worker has sealed."""
    slug = Branch.objects.get(name=SCHOOL).organisation.slug
    page.goto(f"{address}/organismes/{slug}/derogations/{number}/")
    wait_for(page, "Document signé et scellé (PDF)")
    with page.expect_download() as download:
        page.get_by_role("link", name="Document signé et scellé (PDF)").click()
    return Path(download.value.path())


def test_from_an_empty_plan_to_the_order_that_goes_out(unplanned, people, page, data_dir, tmp_path):
    record_plan(people(unplanned, INTRL), unplanned, tmp_path)
    confirm_line(people(unplanned, MANDA), unplanned)
    attest(people(unplanned, "agent.itq@exemple.test"))
    rcell = people(unplanned, RCELL)
    order = hold_an_order(rcell)
    order_url = rcell.url
    number = ask(rcell)

    page.set_viewport_size(PHONE)
    plug_in_authenticator(page)
    link = mailed_link(data_dir, number)
    began = time.monotonic()
    follow(page, link)
    assert fits(page)
    enrol(page)
    enrolled = time.monotonic()
    sign_with_key(page, number)
    signed = time.monotonic()
    print(f"link to key: {enrolled - began:.1f} s; to signed: {signed - enrolled:.1f} s, 2 pages")
    assert fits(page)
    signature = Signature.objects.get(version__derogation__number=number)
    assert (signature.level, signature.delegation.clause) == (SignatureLevel.PASSKEY, "4.2")

    rcell.goto(order_url)
    wait_for(rcell, "Commande transmise")
    sent = Order.objects.get(number=order)
    assert sent.sent_at > signature.signed_at
    assert Draw.objects.get(order_line__order=sent).derogation.number == number
    check_sealed(sealed_document(rcell, unplanned, number), number, data_dir)
    print(f"signed to sealed document checked: {time.monotonic() - signed:.1f} s")


def check_sealed(paper: Path, number: str, folder: Path) -> None:
    """The command that anyone runs says that the file is whole, and the register that it is ours.

    As a process of its own: Playwright's loop runs in this one.
    """
    root = folder / AUTHORITY / "root.pem"
    command = [sys.executable, "manage.py", "verify_derogation", str(paper), "--root", str(root)]
    environment = os.environ | {
        "DATABASE_URL": as_application(connection.settings_dict["NAME"]),
        "DJANGO_SETTINGS_MODULE": SETTINGS,
    }
    environment.pop("PORTAL_DATABASE_ROLE", None)
    told = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert f"valide : {number}" in told.stdout
    assert "base ne répond pas" not in told.stderr
    if kept := os.environ.get("KEEP_SEALED"):
        shutil.copy(paper, kept)


def test_the_same_signed_with_a_password_and_a_code(unplanned, people, page, data_dir, tmp_path):
    record_plan(people(unplanned, INTRL), unplanned, tmp_path)
    confirm_line(people(unplanned, MANDA), unplanned)
    attest(people(unplanned, "agent.itq@exemple.test"))
    rcell = people(unplanned, RCELL)
    hold_an_order(rcell)
    order_url = rcell.url
    number = ask(rcell)
    page.set_viewport_size(PHONE)
    follow(page, mailed_link(data_dir, number))
    TOTP.activate(User.objects.get(email=SIGNER), SECRET)
    page.reload()
    sign_with_code(page, number)
    signature = Signature.objects.get(version__derogation__number=number)
    assert signature.level == SignatureLevel.PASSWORD_TOTP
    rcell.goto(order_url)
    wait_for(rcell, "Commande transmise")
    check_sealed(sealed_document(rcell, unplanned, number), number, data_dir)
