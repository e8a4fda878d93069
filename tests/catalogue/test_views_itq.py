"""ITQ's pages: versions, upload, dry run, publication, and the dated parameters."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalogue.imports import SCHEMA
from catalogue.models import CatalogueImport, CatalogueVersion, TaxRate
from catalogue.queries import tax_rates
from members.models import Contract, ContractPhase
from portal.clock import today
from portal.tabular import read_table
from tests.catalogue.factories import CatalogueVersionFactory, OfferFactory
from tests.catalogue.lists import FLEXIBLE, PHONE, price_list
from tests.members.factories import ProviderFactory


@pytest.fixture
def admin(world, client):
    client.force_login(world.admin)
    return client


def page(name, *args):
    return reverse(f"catalogue:{name}", args=args)


def upload(client, world, content, **changes):
    typed = {
        "rank": world.first.rank.pk,
        "effective_on": today().isoformat(),
        "file": SimpleUploadedFile("liste.csv", content, "text/csv"),
    }
    return client.post(page("import_new"), typed | changes)


def test_a_list_with_errors_shows_them_all_then_the_mended_one_is_published(world, admin):
    bad = price_list(PHONE | {"Genre": "gadget", "Prix unique": "x"}, FLEXIBLE | {"Paliers": "x"})
    shown = admin.get(upload(admin, world, bad).url).content.decode()
    assert "3 erreurs à corriger" in shown
    assert "Publier la liste" not in shown
    received = upload(admin, world, price_list(PHONE, FLEXIBLE))
    assert "Publier la liste" in admin.get(received.url).content.decode()
    answer = admin.post(f"{received.url}publier/", follow=True)
    assert "Version" in answer.content.decode()
    version = CatalogueVersion.objects.get(rank=world.first.rank, number=world.first.number + 1)
    assert version.offers.count() == 2


def test_publishing_twice_is_told_and_changes_nothing(world, admin):
    received = upload(admin, world, price_list(PHONE)).url
    admin.post(f"{received}publier/")
    again = admin.post(f"{received}publier/")
    assert again.status_code == 409
    assert "plus possible" in again.content.decode()
    assert CatalogueVersion.objects.filter(rank=world.first.rank).count() == 2


def test_publishing_after_another_version_shows_why_not(world, admin):
    received = upload(admin, world, price_list(PHONE)).url
    CatalogueVersionFactory(rank=world.first.rank, number=999)
    answer = admin.post(f"{received}publier/")
    assert answer.status_code == 409
    assert "Une autre version" in answer.content.decode()


def test_a_file_that_cannot_be_read_is_told_on_the_form(world, admin):
    answer = upload(admin, world, b"nom\n\x00\n")
    assert answer.status_code == 422
    assert "caractère nul" in answer.content.decode()
    assert not CatalogueImport.objects.exists()


def test_a_file_too_heavy_is_refused_by_its_size(world, admin, monkeypatch):
    monkeypatch.setattr("catalogue.forms.imports.MAX_BYTES", 10)
    assert "20\u00a0Mo" in upload(admin, world, b"x" * 11).content.decode()


def test_a_day_before_the_version_is_told_beside_the_field(world, admin):
    early = (world.first.effective_on - timedelta(days=1)).isoformat()
    answer = upload(admin, world, price_list(PHONE), effective_on=early)
    assert "effective_on" in answer.context["form"].errors


def test_the_template_and_the_received_file_are_downloaded(world, admin):
    content = admin.get(page("import_template")).getvalue()
    found = SCHEMA.read(read_table(content, "modele.csv"))
    assert (len(found.rows), found.faults, found.unknown) == (1, [], [])
    received = upload(admin, world, price_list(PHONE)).url
    file = admin.get(f"{received}fichier/")
    assert file.getvalue() == price_list(PHONE)
    assert file["Content-Disposition"].startswith("attachment")


def test_hundreds_of_errors_turn_pages(world, admin):
    rows = [PHONE | {"Code du prestataire": f"P{n}", "Genre": "x"} for n in range(150)]
    received = upload(admin, world, price_list(*rows)).url
    assert "Ligne 102<" not in admin.get(received).content.decode()
    assert "Ligne 102<" in admin.get(received, {"page": 2}).content.decode()


@pytest.mark.parametrize("who", ["agent", "alice"])
@pytest.mark.parametrize(
    "name", ["version_list", "import_list", "import_new", "import_template", "parameter_list"]
)
def test_these_pages_are_the_administrator_s(world, client, who, name):
    client.force_login(getattr(world, who))
    assert client.get(page(name)).status_code == 403


@pytest.mark.parametrize("name", ["version_list", "import_list"])
def test_the_lists_cost_the_same_for_two_rows_and_for_twenty(
    world, admin, django_assert_max_num_queries, name
):
    counts = []
    upload(admin, world, price_list(PHONE))
    for _ in range(2):
        with django_assert_max_num_queries(15) as made:
            admin.get(page(name))
        counts.append(len(made))
        CatalogueVersionFactory.create_batch(9, rank=world.first.rank)
        for n in range(9):
            upload(admin, world, price_list(PHONE | {"Nom": f"Nom {n}"}))
    assert counts[0] == counts[1]


def test_a_version_s_articles_are_searched_and_exported(world, admin):
    OfferFactory(version=world.first, name="Étui")
    address = page("version_detail", world.first.pk)
    found = admin.get(address, {"q": "etui"}).context["listing"].page
    assert [offer.name for offer in found] == ["Étui"]
    assert "Étui" in admin.get(address, {"format": "csv"}).getvalue().decode()


def test_the_footer_does_not_take_a_list_s_version_for_the_portal_s(world, admin):
    answer = admin.get(page("version_detail", world.first.pk)).content.decode()
    footer = answer[answer.index('<footer class="site-footer">') :]
    assert "version" not in footer
    assert str(world.first) not in footer


def test_the_version_in_force_and_the_one_to_come_are_told_apart(world, admin):
    CatalogueVersionFactory(
        rank=world.first.rank, number=900, effective_on=today() + timedelta(days=10)
    )
    lists = admin.get(page("version_list")).context["lists"]
    assert lists[0].current == world.first
    assert "À venir" in admin.get(page("version_list")).content.decode()


def test_a_rate_is_fixed_from_a_day_and_the_one_before_ends(world, admin):
    for percent, since in (("9,5", "2012-01-01"), ("9,975", "2013-01-01")):
        typed = {"code": "tvq", "percent": percent, "since": since}
        assert admin.post(page("tax_new"), typed).status_code == 302
    assert str(tax_rates(date(2012, 12, 31))["tvq"]) == "0.09500"
    assert str(tax_rates(date(2013, 1, 1))["tvq"]) == "0.09975"
    assert "9,975\u00a0%" in admin.get(page("parameter_list")).content.decode()
    late = admin.post(page("tax_new"), {"code": "tvq", "percent": "9", "since": "2012-06-01"})
    assert "since" in late.context["form"].errors
    assert TaxRate.objects.count() == 2


def test_a_successor_contract_is_recorded_with_its_phase(world, admin):
    typed = {
        "title": "Successeur",
        "since": "2030-01-01",
        "first_provider": world.second.rank.provider.pk,
        "first_number": "111",
        "second_provider": world.first.rank.provider.pk,
        "second_number": "222",
    }
    assert admin.post(page("contract_new"), typed).status_code == 302
    contract = Contract.objects.get(title="Successeur")
    ranks = list(contract.ranks.values_list("rank", "number"))
    assert ranks == [(1, "111"), (2, "222")]
    phase = {"kind": "firm", "since": "2030-01-01", "order_kinds": ["new_line"]}
    address = page("phase_new", contract.pk)
    assert admin.post(address, phase).status_code == 302
    overlapping = admin.post(address, phase | {"kind": "exit"})
    assert overlapping.status_code == 422
    assert "couvre déjà" in overlapping.content.decode()
    assert ContractPhase.objects.get(contract=contract).order_kinds == ["new_line"]
    shown = admin.get(page("parameter_list")).content.decode()
    assert "Nouvelle ligne avec appareil" in shown


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": "2029-01-01"}, "until"),
        ({"second_number": "222"}, "second_number"),
        ({"second_provider": "same"}, "second_provider"),
    ],
)
def test_a_contract_that_contradicts_itself_is_told(world, admin, changes, field):
    provider = ProviderFactory()
    typed = {
        "title": "Successeur",
        "since": "2030-01-01",
        "first_provider": provider.pk,
        "first_number": "111",
    }
    if changes.get("second_provider"):
        changes = {"second_provider": provider.pk, "second_number": "222"}
    answer = admin.post(page("contract_new"), typed | changes)
    assert field in answer.context["form"].errors
    assert not Contract.objects.filter(title="Successeur").exists()


def test_a_contract_number_already_taken_is_told(world, admin):
    typed = {
        "title": "Successeur",
        "since": "2030-01-01",
        "first_provider": world.first.rank.provider.pk,
        "first_number": world.first.rank.number,
    }
    answer = admin.post(page("contract_new"), typed)
    assert answer.status_code == 422
    assert "déjà pris" in answer.content.decode()
