"""A fleet's file: every fault at once, then whole or not at all (F-45)."""

import sys
import time
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from members.models import CostCentre, Membership
from members.permissions import Refused, Unseen
from members.roles import Role
from orders.actions.submission import submit_order
from orders.actions.take_over import check_fleet_file, take_over_fleet
from orders.fleet_sheet import SCHEMA
from orders.kinds import OrderKind
from orders.models import FleetImport, Holder, LineVersion, ServiceLine
from orders.queries import inbox_items
from portal.models import AuditEvent
from tests.catalogue.factories import OfferFactory
from tests.members.factories import (
    BranchFactory,
    CostCentreFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    ProviderFactory,
    respondent_user,
)
from tests.orders.factories import HolderFactory, ServiceLineFactory

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 1)
HEADER = (
    "Numéro;Compte;Forfait;Appareil;IMEI;Fin de la subvention;Fin de l'engagement;"
    "Détenteur;Fonction;Matricule;Centre de coûts;Dérogation antérieure"
)
GOOD = (
    "418 555-0101;10203040;Voix et 10 Go;Téléphone A;490154203237518;2027-03-01;2027-03-01;"
    "Éloïse Gagnon;Contremaîtresse;10442;T-110;D-2023-014"
)


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def telus(root):
    provider = ProviderFactory()
    ProviderAccountFactory(branch=root, provider=provider, number="10203040")
    return provider


@pytest.fixture
def alice(root):
    return respondent_user(Role.RCELL, root)


@pytest.fixture
def check(root, telus, alice):
    """The dry run of some lines."""

    def run(*lines, header=HEADER, **changes):
        told = {
            "branch": root,
            "provider": telus,
            "starts_on": SINCE,
            "name": "parc.csv",
            "content": "\n".join([header, *lines]).encode(),
            "content_type": "text/csv",
            "by": alice,
        }
        return check_fleet_file(**told | changes)

    return run


def row(**changes):
    names = ("number", "account", "plan", "device", "imei", "subsidy_ends_on")
    names += ("commitment_ends_on", "holder_name", "holder_function", "employee_number")
    names += ("cost_centre", "earlier_derogation")
    return ";".join((dict(zip(names, GOOD.split(";"), strict=True)) | changes)[n] for n in names)


def told(received):
    return [(f["line"], f["column"], f["reason"]) for f in received.faults]


def test_a_dry_run_writes_nothing_and_tells_what_it_would_create(check, root, alice):
    HolderFactory(branch=root, name="Déjà connu", employee_number="7")
    received = check(
        GOOD, row(number="418 555-0102", imei="", employee_number="7", cost_centre="T-120")
    )
    assert received.state == "checked"
    assert received.summary == {
        "lines": 2,
        "new_holders": 1,
        "known_holders": 1,
        "new_cost_centres": ["T-110", "T-120"],
        "unknown_headers": [],
    }
    assert not ServiceLine.objects.exists()
    assert not CostCentre.objects.exists()
    (item,) = inbox_items(alice)
    assert item.url.endswith(f"/reprise/{received.pk}/")


@pytest.mark.parametrize(
    ("changes", "column", "word"),
    [
        ({"number": "418"}, "Numéro", "dix chiffres"),
        ({"number": ""}, "Numéro", "vide"),
        ({"account": "99999999"}, "Compte", "n'est pas inscrit"),
        ({"plan": ""}, "Forfait", "vide"),
        ({"imei": "123456789012345"}, "IMEI", "mal transcrit"),
        ({"imei": "4,90154E+14"}, "IMEI", "arrondi"),
        ({"subsidy_ends_on": "01/03/2027"}, "Fin de la subvention", "date"),
        ({"commitment_ends_on": "2027-02-30"}, "Fin de l'engagement", "date"),
        ({"holder_name": "", "holder_function": ""}, "Détenteur", "matricule"),
        ({"cost_centre": "RETIRÉ"}, "Centre de coûts", "retiré"),
        ({"number": "418 555-0199"}, "Numéro", "déjà en service"),
        ({"number": "418 555-0198"}, "Numéro", "déjà en service"),
    ],
)
def test_each_fault_is_told_with_its_line_and_column(check, root, changes, column, word):
    CostCentreFactory(branch=root, code="RETIRÉ", is_active=False)
    ServiceLineFactory(number="4185550199")
    later = DateRange(SINCE + timedelta(days=30), None)
    ServiceLineFactory(number="4185550198", version__valid=later)
    received = check(row(**changes))
    assert received.state == "refused"
    ((line, where, reason),) = told(received)
    assert (line, where) == (2, column)
    assert word in reason


def test_every_fault_is_told_at_once(check):
    received = check(
        GOOD,
        row(number="418 555-0101", imei="490154203237518"),
        row(number="418 555-0102", account="1111", imei="12", cost_centre="T-110"),
        row(number="418 555-0103", account="2222", imei="", employee_number="10442"),
        row(number="418 555-0104", imei="", holder_name="Bruno"),
    )
    assert [(line, column) for line, column, _reason in told(received)] == [
        (3, "Numéro"),
        (3, "IMEI"),
        (4, "IMEI"),
        (4, "Compte"),
        (5, "Compte"),
        (6, "Matricule"),
    ]
    assert received.row_count == 5


def test_a_number_free_again_may_be_taken_over(check):
    ended = ServiceLineFactory(number="4185550101", version__status="cancelled")
    assert check(GOOD).state == "checked"
    ended.versions.update(status="active", valid=DateRange(date(2020, 1, 1), SINCE))
    assert check(GOOD).state == "checked"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"starts_on": date(9999, 1, 1)}, "date passée"),
        ({"content": b"PK\x03\x04 not a workbook"}, "classeur"),
        ({"content": b""}, "vide"),
    ],
)
def test_an_unreadable_file_leaves_no_trace(check, changes, word):
    with pytest.raises(ValidationError, match=word):
        check(GOOD, **changes)
    assert not FleetImport.objects.exists()


def test_a_file_too_long_for_one_request_is_refused(check, monkeypatch):
    monkeypatch.setattr("orders.actions.take_over.MOST_LINES", 1)
    with pytest.raises(ValidationError, match="séparez"):
        check(GOOD, GOOD)


def test_a_file_without_its_columns_says_which(check):
    received = check("4185550101", header="Numéro")
    assert {column for _line, column, _reason in told(received)} == {"Compte", "Forfait"}


def test_a_checked_file_puts_every_line_in_service(check, root, alice):
    received = check(
        GOOD,
        row(number="418 555-0102", imei="", holder_name="", employee_number="", cost_centre=""),
    )
    applied = take_over_fleet(fleet_import=received, by=alice)
    assert (applied.state, applied.applied_by) == ("applied", alice)
    first, second = LineVersion.objects.order_by("number").select_related("service_line")
    assert (first.number, first.service_line.origin) == ("4185550101", "reprise")
    assert (first.device_label, first.plan_label) == ("Téléphone A", "Voix et 10 Go")
    assert first.valid == DateRange(SINCE, None)
    assert first.subsidy_ends_on == date(2027, 3, 1)
    assert first.service_line.earlier_derogation == "D-2023-014"
    assert (first.holder.name, first.holder.employee_number) == ("Éloïse Gagnon", "10442")
    assert str(first.cost_centre) == "T-110 À nommer"
    assert (second.holder.name, second.cost_centre) == ("Contremaîtresse", None)
    event = AuditEvent.objects.get(code="fleet.taken_over")
    assert event.data["lines"] == 2
    assert event.data["sha256"] == received.file.sha256
    assert event.branch_id == root.pk


def test_one_person_holds_several_lines(check, alice):
    received = check(GOOD, row(number="418 555-0102", imei="", holder_name="ELOISE  GAGNON"))
    take_over_fleet(fleet_import=received, by=alice)
    assert Holder.objects.get().line_versions.count() == 2


def test_applying_twice_does_it_once(check, alice):
    received = check(GOOD)
    for _time in range(2):
        assert take_over_fleet(fleet_import=received, by=alice).state == "applied"
    assert ServiceLine.objects.count() == 1
    assert AuditEvent.objects.filter(code="fleet.taken_over").count() == 1


def test_what_changed_since_the_dry_run_refuses_it_whole(check, alice):
    received = check(GOOD, row(number="418 555-0102", imei=""))
    taken = ServiceLineFactory(number="4185550102")
    refused = take_over_fleet(fleet_import=received, by=alice)
    assert refused.state == "refused"
    assert told(refused)[0][:2] == (3, "Numéro")
    assert list(ServiceLine.objects.all()) == [taken]
    assert not Holder.objects.exists()


def test_an_offer_of_the_list_is_linked(check, alice, telus):
    offer = OfferFactory(
        kind="plan", name="Voix et 10 Go", is_flexible=True, version__rank__provider=telus
    )
    take_over_fleet(fleet_import=check(GOOD), by=alice)
    version = LineVersion.objects.get()
    assert (version.plan, version.is_flexible) == (offer, True)


def test_a_member_taken_over_is_marked_and_keeps_its_lines(check, world):
    """R-03, last sentence."""
    provider = world.phone.version.rank.provider
    world.organisation.memberships.update(confirmed_at=None, confirmed_by=None)
    account = world.root.provider_accounts.get(provider=provider)
    received = check(
        row(account=account.number), branch=world.root, provider=provider, by=world.alice
    )
    take_over_fleet(fleet_import=received, by=world.alice)
    assert Membership.objects.get().taken_over
    upgrade = world.line(
        kind=OrderKind.UPGRADE, plan=None, sim_kind="", service_line=ServiceLine.objects.get()
    )
    assert submit_order(order=world.draft(upgrade), by=world.alice, attested=True).submitted_at
    with pytest.raises(ValidationError, match="confirmation d'ITQ"):
        submit_order(order=world.draft(), by=world.alice, attested=True)


def test_only_the_branch_s_representative_takes_over(check, root):
    for role in (Role.INTRL, Role.FACTU):
        with pytest.raises(Refused):
            check(GOOD, by=respondent_user(role, root))
    bob = respondent_user(Role.RCELL, BranchFactory(organisation=root.organisation))
    with pytest.raises(Unseen):
        check(GOOD, by=bob)
    with pytest.raises(Unseen):
        take_over_fleet(fleet_import=check(GOOD), by=bob)


def test_nine_thousand_lines_are_taken_over_in_a_request_s_time(check, alice, capsys):
    lines = [
        row(
            number=f"{418 if n < 5000 else 581}{555 + n // 10_000}{n:04}",
            imei="",
            holder_name=f"Personne {n}",
            employee_number=str(n),
            cost_centre=f"C-{n % 40}",
        )
        for n in range(9000)
    ]
    begun = time.perf_counter()
    received = check(*lines)
    checked = time.perf_counter()
    assert told(received) == []
    take_over_fleet(fleet_import=received, by=alice)
    applied = time.perf_counter()
    assert LineVersion.objects.count() == 9000
    with capsys.disabled():
        told_times = f"dry run {checked - begun:.1f} s, take-over {applied - checked:.1f} s"
        sys.stdout.write(f"\n9 000 lines: {told_times}\n")


# The pages.


def url(name, root, *args):
    return reverse(f"orders:fleet_import_{name}", args=[root.organisation.slug, *args])


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def upload(client, root, telus, *lines, **changes):
    content = "\n".join([HEADER, *lines]).encode()
    data = {
        "provider": telus.pk,
        "starts_on": "2026-01-01",
        "file": SimpleUploadedFile("parc.csv", content, "text/csv"),
    }
    return client.post(url("add", root), data | changes)


def test_a_fleet_is_taken_over_from_the_page(signed_in, root, telus):
    answer = upload(signed_in, root, telus, GOOD)
    received = FleetImport.objects.get()
    assert (answer.status_code, answer.url) == (302, url("detail", root, received.pk))
    page = signed_in.get(answer.url).content.decode()
    assert "Reprendre ce parc" in page
    assert "T-110" in page
    for _time in range(2):
        answer = signed_in.post(url("apply", root, received.pk), follow=True)
        assert "1 ligne reprise" in answer.content.decode()
    assert "Repris" in signed_in.get(url("list", root)).content.decode()
    assert "Ce parc est repris" in signed_in.get(url("detail", root, received.pk)).content.decode()
    file = signed_in.get(url("file", root, received.pk))
    assert b"".join(file).startswith(HEADER.encode())


def test_every_fault_is_shown_and_leaves_as_a_file(signed_in, root, telus):
    upload(signed_in, root, telus, row(imei="12"), row(number="418 555-0102", account="1111"))
    received = FleetImport.objects.get()
    page = signed_in.get(url("detail", root, received.pk)).content.decode()
    assert "2 erreurs à corriger" in page
    assert "Reprendre ce parc" not in page
    exported = b"".join(signed_in.get(url("detail", root, received.pk), {"format": "csv"}))
    assert exported.decode().count("\n") == 3


def test_what_cannot_be_read_is_told_on_the_form(signed_in, root, telus):
    answer = upload(signed_in, root, telus, GOOD, starts_on="9999-01-01")
    assert answer.status_code == 422
    assert "date passée" in answer.content.decode()
    empty = SimpleUploadedFile("parc.xlsx", b"PK\x03\x04", "application/zip")
    assert upload(signed_in, root, telus, file=empty).status_code == 422


def test_a_file_that_no_longer_holds_is_told(signed_in, root, telus):
    upload(signed_in, root, telus, GOOD)
    ServiceLineFactory(number="4185550101")
    received = FleetImport.objects.get()
    answer = signed_in.post(url("apply", root, received.pk), follow=True)
    assert "le parc a changé" in answer.content.decode()
    assert "1 erreur à corriger" in answer.content.decode()


def test_the_template_holds_every_column_and_can_be_read_back(signed_in, root, telus):
    text = b"".join(signed_in.get(url("template", root))).decode()
    assert all(str(column.label) in text for column in SCHEMA.columns)
    file = SimpleUploadedFile("modele.csv", text.encode(), "text/csv")
    upload(signed_in, root, telus, file=file)
    assert FleetImport.objects.get().state == "checked"


def test_a_file_is_the_branch_s_own(client, root, telus, check):
    received = check(GOOD)
    for user, page, status in (
        (respondent_user(Role.FACTU, root), "list", 403),
        (respondent_user(Role.FACTU, root), "detail", 404),
        (respondent_user(Role.RCELL, BranchFactory(organisation=root.organisation)), "apply", 404),
        (respondent_user(Role.RCELL, OrganisationFactory().branches.get()), "list", 404),
    ):
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        args = [] if page == "list" else [received.pk]
        ask = client.post if page == "apply" else client.get
        assert ask(url(page, root, *args)).status_code == status
    assert not ServiceLine.objects.exists()


def test_the_list_of_files_costs_the_same_for_two_and_for_twenty(
    signed_in, root, check, django_assert_max_num_queries
):
    counts = []
    for more in (2, 18):
        for _number in range(more):
            check(GOOD)
        with django_assert_max_num_queries(15) as asked:
            signed_in.get(url("list", root))
        counts.append(len(asked))
    assert counts[0] == counts[1]
