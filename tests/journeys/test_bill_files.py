"""ITQ drops a month of both providers, follows it, and mends a profile from a refused file."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from billing.actions.shipped import install_shipped_profiles
from billing.demonstration import ADMINISTRATOR, MANDATES
from billing.models import Invoice
from billing.specimens.defects import SHAPES, Defect, spoiled
from billing.specimens.layouts import write_specimen
from billing.specimens.truth import Cycle
from members.actions.mandates import give_billing_mandate
from members.models import Branch, ProviderAccount, User
from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser
MONTH = date(2026, 1, 1)
LAYOUT = "rogers_charges_breakdown"
RENAMED = ("Charge Description", "Charge Descr. Text")
LONG = 120_000  # milliseconds for a million rows, on a busy machine
USE = 1_000_000
PROGRESS = re.compile(
    r"^[\d\s]+ lignes sur [\d\s]+ · [\d\s]+ lignes par seconde · encore \d+ (s|min)$"
)


@pytest.fixture
def served(portal):
    """The shipped profiles in service, and the members' mandates: no month yet."""
    install_shipped_profiles(by=User.objects.get(email=ADMINISTRATOR))
    for name, interlocutor in MANDATES:
        give_billing_mandate(
            branch=Branch.objects.get(organisation__name=name, is_root=True),
            by=User.objects.get(email=interlocutor),
        )
    return portal


def cycle_of(provider: str) -> Cycle:
    """Some lines of each account that ITQ may import."""
    numbers = ProviderAccount.objects.filter(
        provider__code=provider, confirmed_at__isnull=False
    ).exclude(number="")
    members = [name for name, _interlocutor in MANDATES]
    mine = numbers.filter(branch__organisation__name__in=members).order_by("number")
    return Cycle(
        {one.number: [f"418555{rank}{n:03}" for n in range(40)] for rank, one in enumerate(mine)},
        MONTH,
    )


def drop(page: Page, portal: str, provider: str, *files: Path) -> None:
    """Send files as ITQ does, for the whole group."""
    page.goto(f"{portal}/itq/facturation/fichiers/nouveaux/")
    form = page.locator("main form")
    form.get_by_label("Prestataire").select_option(label=provider)
    form.get_by_label("Fichiers").set_input_files(files)
    form.get_by_role("button", name="Déposer", exact=True).click()


def part(page: Page, name: str):
    """The section of one part of a file."""
    return page.locator("section", has=page.get_by_role("heading", name=name, exact=True))


def test_a_month_of_both_providers_is_followed_until_it_is_published(served, page: Page, tmp_path):
    telus, rogers = tmp_path / "telus-2026-01.zip", tmp_path / "rogers-2026-01.zip"
    write_specimen("telus_text_bill", telus, cycle_of("telus"), usage_rows=USE)
    write_specimen("rogers_wireless_zip", rogers, cycle_of("rogers"))
    sign_in(page, served, ADMINISTRATOR)
    drop(page, served, "TELUS", telus)
    use = part(page, "Utilisation")
    expect(use.locator(".progress__line .muted")).to_have_text(PROGRESS, timeout=LONG)
    expect(part(page, "Frais").get_by_text("Publié", exact=True)).to_be_visible()
    expect(use.get_by_text("Ce fichier attend votre décision")).to_be_visible(timeout=LONG)
    use.get_by_role("button", name="Publier").click()
    expect(use.get_by_text("Publié", exact=True)).to_be_visible(timeout=LONG)
    drop(page, served, "Rogers", rogers)
    charges = part(page, "Frais")
    expect(charges.get_by_text("Ses contrôles ne voient pas tout")).to_be_visible(timeout=LONG)
    charges.get_by_role("button", name="Publier").click()
    expect(charges.get_by_text("Publié", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Factures publiées")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("2026-01-01 au 2026-01-31")).first
    ).to_be_visible()
    shown = Invoice.objects.filter(period__startswith=MONTH, current__isnull=False)
    assert set(shown.values_list("account__provider__code", flat=True)) == {"telus", "rogers"}


def one_cent_more(data: bytes) -> bytes:
    """The file with its total of amounts off by 0,01 $."""
    rows, total, last = data.rpartition(b"\nTotal")
    cells = last.split(b";")
    dollars, cents = cells[9].split(b",")
    cells[9] = dollars + f",{(int(cents) + 1) % 100:02}".encode()
    return rows + total + b";".join(cells)


ENCODING = (
    "Le fichier est en utf-16, que le profil n'admet pas : redemandez-le en utf-8-sig, cp1252, "
    "ou admettez cet encodage dans une nouvelle version du profil."
)
COLUMN = (
    "La colonne « Charge Description » manque. « Charge Descr. Text » est peut-être son nouveau "
    "nom : ajoutez-le aux en-têtes acceptés dans une nouvelle version du profil."
)
REFUSALS = {
    "encodage.csv": (lambda data: data.decode("cp1252").encode("utf-16"), ENCODING),
    "coupe.csv": (
        lambda data: spoiled(data, SHAPES[LAYOUT], Defect.CUT, 4),
        "la dernière, n'est pas terminée : le fichier semble coupé. Déposez le fichier entier.",
    ),
    "total.csv": (one_cent_more, "redemandez le fichier au prestataire, sans le retoucher."),
    "colonne.csv": (lambda data: data.replace(*(name.encode() for name in RENAMED)), COLUMN),
}
"""How each file is damaged, and the sentence that tells how to mend it."""


def test_four_damaged_files_are_refused_and_a_renamed_column_is_mended(
    served, page: Page, tmp_path
):
    write_specimen(LAYOUT, tmp_path / "clean.csv", cycle_of("rogers"))
    clean = (tmp_path / "clean.csv").read_bytes()
    for name, (damage, _sentence) in REFUSALS.items():
        (tmp_path / name).write_bytes(damage(clean))
    sign_in(page, served, ADMINISTRATOR)
    drop(page, served, "Rogers", *(tmp_path / name for name in REFUSALS))
    listed = f"{served}/itq/facturation/"
    expect(page).to_have_url(listed)
    for name, (_damage, sentence) in REFUSALS.items():
        page.goto(listed)
        page.get_by_role("link", name=name).click()
        refused = page.locator(".alert", has_text="Fichier refusé : rien n'en est montré")
        expect(refused).to_contain_text(sentence, timeout=LONG)
    assert not Invoice.objects.filter(current__isnull=False).exists()
    expect(page.get_by_role("heading", level=1)).to_have_text("colonne.csv")
    refusal = page.url
    mend_the_profile(page)
    page.goto(refusal)
    page.get_by_role("button", name="Relire ce fichier").click()
    expect(part(page, "Frais").get_by_text("Publié", exact=True)).to_be_visible(timeout=LONG)
    expect(part(page, "Frais").get_by_text("version 2")).to_be_visible()
    assert Invoice.objects.filter(period__startswith=MONTH, current__isnull=False).exists()


def mend_the_profile(page: Page) -> None:
    """A new version from the file that was refused: tried, compared, put in service."""
    page.get_by_role("button", name="Nouvelle version du profil d'après ce fichier").click()
    expect(page.locator("pre")).to_contain_text(RENAMED[1])
    page.get_by_role("link", name="Essayer sur un fichier").click()
    expect(page.get_by_text("Ce fichier se lit, et ses contrôles tiennent")).to_be_visible()
    page.get_by_role("link", name="Comparaison").click()
    expect(page.get_by_role("table", name="Ce que chaque version y lit")).to_be_visible()
    only = page.locator(".alert", has_text="Seulement sous l'autre")
    expect(only).to_contain_text("La colonne « Charge Description » manque.")
    page.get_by_role("link", name="Essai à blanc").click()
    page.get_by_role("button", name="Tenir la version pour essayée").click()
    page.get_by_role("link", name="Mettre en service").click()
    page.get_by_role("button", name="Mettre en service").click()
    expect(
        page.get_by_text("Version en service : les prochains fichiers la suivent.")
    ).to_be_visible()
