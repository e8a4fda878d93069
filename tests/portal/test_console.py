"""ITQ's console: whom it opens to, that it only reads, and that every word is French."""

import pytest
from django.contrib.admin import ModelAdmin, site
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape

from catalogue.models import CatalogueVersion, Offer
from members.events import RESPONDENT_DESIGNATED
from members.models import Organisation
from members.powers import Capacity
from members.roles import Role, StaffRole
from portal.audit import SYSTEM, record
from portal.clock import database_clock
from portal.console import ConsoleSite, console
from portal.models import AuditEvent, QueuedTask
from portal.read_only import ReadOnlyAdmin
from portal.shown import is_named
from tests.catalogue.factories import OfferFactory
from tests.house.test_models import all_factories
from tests.matrix.walk import alike
from tests.members.factories import (
    OrganisationFactory,
    RespondentFactory,
    StaffAppointmentFactory,
    UserFactory,
)
from tests.portal.factories import QueuedTaskFactory

SECRETS = {
    *("password", "nonce", "token_sha256", "link_sha256", "lease", "key", "fingerprint"),
    *("is_superuser", "groups", "user_permissions", "session_sha256", "token", "proof"),
}
SHOWN = {
    "billing.Import": {"branch": None},
    "derogations.Signature": {"capacity": Capacity.HOLDER},
    "derogations.Withdrawal": {"capacity": Capacity.HOLDER},
}
TABLES = sorted(console._registry, key=lambda model: model._meta.label)
PAGES = [console._registry[model] for model in TABLES]


def ids(page):
    return page.model._meta.label if isinstance(page, ModelAdmin) else page._meta.label


def signed_in(client, role=None, **account):
    """An account of ITQ's, or of a member's, or of nobody's."""
    user = UserFactory(**account)
    if role in list(StaffRole):
        StaffAppointmentFactory(person=user.person, role=role)
    elif role:
        RespondentFactory(person=user.person, role=role)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return user


@pytest.fixture
def agent(client, db):
    return signed_in(client, StaffRole.AGENT)


@pytest.fixture
def admin(client, db):
    return signed_in(client, StaffRole.ADMIN)


def add_row(model):
    """A row that the console shows, and that each of its filters has a word for."""
    if model is AuditEvent:
        return record(RESPONDENT_DESIGNATED, by=SYSTEM, on=OrganisationFactory().branches.get())
    (factory, *_others) = [one for one in all_factories() if one._meta.model is model]
    return factory(**SHOWN.get(model._meta.label, {}))


def columns(page):
    """Every column that a page names: of its list, of its sheet and of its tables."""
    related = [(page.opts.get_field(t.accessor).related_model, t.columns) for t in page.tables]
    return [(page.model, name) for name in (*page.list_display, *page.fields)] + [
        (model, name) for model, names in related for name in names
    ]


# -- To whom it opens


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(StaffRole))
def test_it_opens_to_itq_s_staff(client, role):
    signed_in(client, role)
    assert client.get("/console/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
def test_it_does_not_exist_for_anybody_else(client, role):
    signed_in(client, role)
    OrganisationFactory()
    missing = alike(client.get("/console/nothing/").content.decode())
    for page in ("/console/", *(page.address for page in PAGES)):
        response = client.get(page)
        assert response.status_code == 404
        assert alike(response.content.decode()) == missing


@pytest.mark.django_db
def test_staff_without_a_second_factor_does_not_see_it(client):
    signed_in(client, StaffRole.ADMIN, factor=False)
    assert client.get("/console/").status_code == 404


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_portal_s_own_sign_in(client):
    response = client.get("/console/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_it_has_no_sign_in_and_no_password_page_of_its_own():
    names = {getattr(pattern, "name", None) for pattern in console.get_urls()}
    assert not names & {"login", "logout", "password_change", "autocomplete", "jsi18n"}


# -- It only reads


def test_only_pages_that_read_may_be_registered():
    with pytest.raises(ImproperlyConfigured):
        ConsoleSite(name="other").register(Offer, ModelAdmin)
    assert all(isinstance(page, ReadOnlyAdmin) for page in PAGES)


def test_django_s_own_site_is_reachable_nowhere():
    """allauth and Django register pages that write on it."""
    assert site._registry
    for model in site._registry:
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("table", PAGES, ids=ids)
def test_a_table_has_no_address_that_writes(table):
    names = {pattern.name.removeprefix(f"{table.url_name}_") for pattern in table.get_urls()}
    assert names >= {"changelist", "change"}
    assert not names & {"add", "delete", "history"}
    may = (table.has_add_permission, table.has_change_permission, table.has_delete_permission)
    assert not any(asked(None) for asked in may)
    assert not table.actions


@pytest.mark.django_db
@pytest.mark.parametrize("table", PAGES, ids=ids)
def test_a_post_is_refused_and_changes_nothing(client, admin, table):
    before = AuditEvent.objects.count()
    forged = {"action": "delete_selected", "_selected_action": "1", "_save": "1", "post": "yes"}
    for address in (table.address, f"{table.address}1/", f"{table.address}1/delete/"):
        assert client.post(address, forged).status_code in {404, 405}
    assert AuditEvent.objects.count() == before


@pytest.mark.django_db
def test_reading_writes_nothing(client, admin):
    organisation = OrganisationFactory()
    with CaptureQueriesContext(connection) as seen:
        client.get("/console/")
        client.get(reverse("admin:members_organisation_changelist") + "?q=ville&status=active")
        client.get(reverse("admin:members_organisation_change", args=[organisation.pk]))
    assert {query["sql"].lstrip("(").split()[0] for query in seen} == {"SELECT"}


# -- What it shows


@pytest.mark.parametrize("table", PAGES, ids=ids)
def test_no_secret_is_a_column(table):
    assert not {name for _, name in columns(table)} & SECRETS


def test_a_member_s_accesses_to_providers_are_not_shown_row_by_row():
    """ITQ sees their totals only (R-06)."""
    assert "members.ProviderAccess" not in {model._meta.label for model in TABLES}


@pytest.mark.parametrize("table", PAGES, ids=ids)
def test_every_column_has_a_french_name(table):
    unnamed = []
    for model, name in columns(table):
        field = ReadOnlyAdmin(model, console).field(name)
        if field is not None and not is_named(field):
            unnamed.append(f"{model._meta.label}.{name}")
        elif field is None:
            assert str(getattr(table, name).short_description)
    assert unnamed == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", PAGES, ids=ids)
def test_a_list_opens_searches_and_exports(client, admin, table):
    listed = client.get(table.address, {"q": "é'%_"} if table.search_fields else {})
    assert listed.status_code == 200
    assert escape(str(table.nouns)) in listed.content.decode()
    exported = client.get(table.address, {"format": "csv"})
    head = b"".join(exported.streaming_content).decode().splitlines()[0]
    assert head.removeprefix("\ufeff").split(";") == [table.label(n) for n in table.list_display]


@pytest.mark.django_db
@pytest.mark.parametrize("table", PAGES, ids=ids)
def test_each_filter_narrows(client, admin, table):
    """Every row answers to some choice of a filter, and none to all of them."""
    add_row(table.model)
    listed = client.get(table.address)
    rows = listed.context["listed"].result_count
    assert rows
    for title, (_all, *choices) in listed.context["facets"]:
        answers = [client.get(table.address + choice["query_string"]) for choice in choices]
        found = [answer.context["listed"].result_count for answer in answers]
        assert sum(found) >= rows, title
        assert len(found) < 2 or min(found) < rows, title


@pytest.mark.django_db
def test_a_filter_that_does_not_exist_shows_the_whole_list(client, admin):
    address = reverse("admin:members_organisation_changelist")
    assert client.get(address, {"population": "beaucoup"})["Location"] == address


@pytest.mark.django_db
def test_a_search_ignores_accents_and_case(client, admin):
    OrganisationFactory(name="Ville de Sainte-Émélie")
    OrganisationFactory(name="Ville de Zut")
    address = reverse("admin:members_organisation_changelist")
    body = client.get(address, {"q": "EMELIE"}).content.decode()
    assert "Sainte-Émélie" in body
    assert "Zut" not in body


@pytest.mark.django_db
def test_what_the_gate_does_not_open_stays_hidden(client, agent, monkeypatch):
    """R-44: not on the front page, not by its address, not as a link from another row."""
    closed = console._registry[CatalogueVersion]
    offer = OfferFactory()
    sheet = reverse("admin:catalogue_offer_change", args=[offer.pk])
    link = f'href="{closed.address}{offer.version_id}/"'
    assert link in client.get(sheet).content.decode()
    monkeypatch.setattr(closed, "permission", "see_bills")
    offered = [url for _, tables in client.get("/console/").context["groups"] for _, url in tables]
    assert closed.address not in offered
    assert client.get(closed.address).status_code == 404
    assert client.get(f"{closed.address}{offer.version_id}/").status_code == 404
    assert link not in client.get(sheet).content.decode()


@pytest.mark.django_db
def test_a_sheet_tells_what_the_journal_says_of_its_row(client, admin):
    organisation = OrganisationFactory()
    AuditEvent.objects.create(
        code="organisation.recorded",
        actor_label="Camille",
        object_type=Organisation._meta.label_lower,
        object_id=organisation.pk,
        object_label=str(organisation),
    )
    sheet = client.get(reverse("admin:members_organisation_change", args=[organisation.pk]))
    assert "Camille" in sheet.content.decode()
    journal = client.get(sheet.context["journal_url"])
    assert journal.context["listed"].result_count == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["members_organisation", "members_respondent"])
def test_a_list_costs_the_same_for_two_rows_and_for_twenty(client, admin, name):
    address = reverse(f"admin:{name}_changelist")
    RespondentFactory.create_batch(2)
    with CaptureQueriesContext(connection) as two:
        client.get(address)
    RespondentFactory.create_batch(18)
    with CaptureQueriesContext(connection) as twenty:
        client.get(address)
    assert len(two) == len(twenty) <= 15


@pytest.mark.django_db
def test_the_front_page_counts_what_awaits(client, admin):
    QueuedTaskFactory(dead_at=database_clock())
    page = client.get("/console/")
    counted = {entry.url: count for entry, count in page.context["awaiting"]}
    assert counted[reverse("members:dead_letter_list")] == 1
    queue = {link["label"]: link["count"] for link in page.context["queue"]}
    assert queue["abandonnées"] == 1
    assert QueuedTask.objects.count() == 1


@pytest.mark.django_db
def test_an_agent_is_not_offered_what_only_an_administrator_may_do(client, agent):
    urls = {act.url for act in client.get("/console/").context["acts"]}
    assert reverse("orders:dispatch_mode_list") not in urls
    assert reverse("members:staff_message_write") in urls


@pytest.mark.django_db
def test_the_front_page_costs_fifteen_queries_at_most(client, admin):
    with CaptureQueriesContext(connection) as seen:
        client.get("/console/")
    assert len(seen) <= 15, "\n".join(query["sql"][:160] for query in seen)


@pytest.mark.django_db
def test_a_sheet_costs_the_same_for_two_rows_that_hang_on_it_and_for_twenty(client, admin):
    first = RespondentFactory()
    address = reverse("admin:members_branch_change", args=[first.branch_id])
    costs = []
    for more in (1, 18):
        RespondentFactory.create_batch(more, branch=first.branch)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 15
