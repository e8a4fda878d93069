"""Receive a list, then publish it whole or not at all (F-45)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from catalogue.actions.imports import publish_list, upload_list
from catalogue.models import CatalogueImport, CatalogueVersion, Offer
from catalogue.queries import offers_on
from members.permissions import Refused
from members.roles import StaffRole
from portal.exports import export_xlsx
from portal.files import path_of
from portal.models import AuditEvent
from portal.tabular import read_table
from portal.workflow import TransitionRefused
from tests.catalogue.lists import FLEXIBLE, PHONE, price_list
from tests.members.factories import ContractRankFactory, staff_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)


@pytest.fixture
def admin():
    return staff_user(StaffRole.ADMIN)


@pytest.fixture
def rank():
    return ContractRankFactory()


def upload(rank, by, content, day=DAY, **options):
    return upload_list(
        rank=rank,
        name="liste.csv",
        content=content,
        content_type="text/csv",
        effective_on=day,
        by=by,
        **options,
    )


def published(rank, by, *rows, day=DAY):
    return publish_list(catalogue_import=upload(rank, by, price_list(*rows), day), by=by)


def codes(kind="catalogue"):
    rows = AuditEvent.objects.filter(code__startswith=kind).order_by("pk")
    return list(rows.values_list("code", flat=True))


def test_every_error_is_told_at_once_and_nothing_is_offered(rank, admin):
    bad = price_list(PHONE | {"Prix unique": "x"}, PHONE, FLEXIBLE | {"Paliers": ""})
    received = upload(rank, admin, bad)
    assert received.state == CatalogueImport.State.REFUSED
    assert [(fault["line"], fault["column"]) for fault in received.faults] == [
        (2, "Prix unique"),
        (3, "Code du prestataire"),
        (4, "Paliers"),
    ]
    assert codes() == ["catalogue_import.received", "catalogue_import.refused"]
    with pytest.raises(TransitionRefused):
        publish_list(catalogue_import=received, by=admin)
    assert not CatalogueVersion.objects.exists()


def test_a_checked_list_is_published_with_its_tiers(rank, admin):
    received = upload(rank, admin, price_list(PHONE, FLEXIBLE), is_fictitious=True)
    assert received.state == CatalogueImport.State.CHECKED
    received.refresh_from_db()
    assert received.differences["added"] == [["F1", "Forfait flexible"], ["P1", "Téléphone"]]
    assert not Offer.objects.exists()
    version = publish_list(catalogue_import=received, by=admin)
    received.refresh_from_db()
    assert (received.state, received.version) == ("published", version)
    phone, plan = version.offers.order_by("-code")
    assert (phone.is_zero_cost, phone.is_fictitious, phone.label_en) == (True, True, "PHONE")
    assert list(plan.tiers.values_list("up_to_gb", "monthly_amount")) == [
        (Decimal(5), Decimal(0)),
        (Decimal(10_000), Decimal(900)),
    ]
    assert set(offers_on(rank, DAY)) == {phone, plan}
    assert not offers_on(rank, DAY - timedelta(days=1)).exists()


def test_differences_are_those_with_the_last_version(rank, admin):
    published(rank, admin, PHONE, FLEXIBLE)
    dearer = FLEXIBLE | {"Prix mensuel": "15,00", "Paliers": "5 = 0 | 10000 = 950"}
    new = PHONE | {"Code du prestataire": "P2", "Nom": "Nouveau"}
    received = upload(rank, admin, price_list(dearer, new), DAY + timedelta(days=1))
    received.refresh_from_db()
    assert received.differences == {
        "added": [["P2", "Nouveau"]],
        "removed": [["P1", "Téléphone"]],
        "changed": [
            {
                "code": "F1",
                "name": "Forfait flexible",
                "values": [
                    ["Prix mensuel", "14,00", "15,00"],
                    [
                        "Paliers",
                        "5,00 = 0,00 | 10000,00 = 900,00",
                        "5,00 = 0,00 | 10000,00 = 950,00",
                    ],
                ],
            }
        ],
        "unchanged": 0,
    }


def test_a_list_that_changes_nothing_says_so(rank, admin):
    published(rank, admin, PHONE, FLEXIBLE)
    again = price_list(PHONE, FLEXIBLE) + b"\r\n"
    received = upload(rank, admin, again, DAY + timedelta(days=30))
    assert received.differences == {"added": [], "removed": [], "changed": [], "unchanged": 2}


def test_a_workbook_is_imported_as_its_csv_would_be(rank, admin):
    read = read_table(price_list(PHONE, FLEXIBLE), "liste.csv")
    rows = [list(row.cells.values()) for row in read.rows]
    content = export_xlsx("liste", read.headers, rows).content
    version = publish_list(catalogue_import=upload(rank, admin, content), by=admin)
    assert version.offers.get(code="F1").tiers.count() == 2
    assert version.offers.get(code="P1").name == "Téléphone"


def test_the_version_before_stays_as_it_was(rank, admin):
    first = published(rank, admin, PHONE)
    second = published(rank, admin, PHONE | {"Nom": "Autre"}, day=DAY + timedelta(days=1))
    assert (first.number, second.number) == (1, 2)
    assert first.offers.get().name == "Téléphone"
    assert offers_on(rank, DAY).get().version == first
    assert offers_on(rank, DAY + timedelta(days=1)).get().version == second


def test_a_second_publication_of_the_same_list_is_refused(rank, admin):
    received = upload(rank, admin, price_list(PHONE))
    publish_list(catalogue_import=received, by=admin)
    with pytest.raises(TransitionRefused):
        publish_list(catalogue_import=received, by=admin)
    assert CatalogueVersion.objects.count() == 1


def test_a_list_checked_against_an_older_version_is_refused(rank, admin):
    late = upload(rank, admin, price_list(PHONE))
    published(rank, admin, FLEXIBLE)
    with pytest.raises(ValidationError, match="Une autre version"):
        publish_list(catalogue_import=late, by=admin)
    late.refresh_from_db()
    assert (late.state, CatalogueVersion.objects.count()) == ("checked", 1)


def test_the_file_in_force_is_not_received_again(rank, admin):
    published(rank, admin, PHONE)
    with pytest.raises(ValidationError, match="déjà publié"):
        upload(rank, admin, price_list(PHONE))


def test_a_list_takes_effect_no_sooner_than_the_last_one(rank, admin):
    published(rank, admin, PHONE)
    with pytest.raises(ValidationError) as refused:
        upload(rank, admin, price_list(FLEXIBLE), DAY - timedelta(days=1))
    assert "version 1" in refused.value.message_dict["effective_on"][0]


def test_a_list_takes_effect_within_its_contract(rank, admin):
    rank.contract.valid = DateRange(rank.contract.valid.lower, DAY)
    with pytest.raises(ValidationError) as refused:
        upload(rank, admin, price_list(PHONE))
    assert "contrat" in refused.value.message_dict["effective_on"][0]


def test_a_file_that_cannot_be_read_leaves_nothing(rank, admin):
    with pytest.raises(ValidationError, match="nul"):
        upload(rank, admin, b"Genre;Code\n\x00;1\n")
    assert not CatalogueImport.objects.exists()
    assert codes() == []


def test_a_failure_while_publishing_leaves_nothing(rank, admin, monkeypatch):
    received = upload(rank, admin, price_list(PHONE, FLEXIBLE))
    path_of(received.file.sha256).write_bytes(b"altered")
    with pytest.raises(ValueError, match="altered"):
        publish_list(catalogue_import=received, by=admin)
    received.refresh_from_db()
    assert (received.state, CatalogueVersion.objects.count()) == ("checked", 0)


def test_only_an_administrator_imports(rank):
    agent = staff_user(StaffRole.AGENT)
    with pytest.raises(Refused):
        upload(rank, agent, price_list(PHONE))


def test_publishing_asks_as_much_for_two_articles_as_for_two_hundred(
    rank, admin, django_assert_max_num_queries
):
    counts = []
    for many in (2, 200):
        rows = [PHONE | {"Code du prestataire": f"P{many}-{n}"} for n in range(many)]
        received = upload(rank, admin, price_list(*rows))
        with django_assert_max_num_queries(40) as asked:
            publish_list(catalogue_import=received, by=admin)
        counts.append(len(asked))
    assert counts[0] == counts[1]
