"""The pages of the fleet, asked by people of every kind."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from members.roles import Role, StaffRole
from orders.models import LineVersion
from portal.clock import today
from tests.members.factories import (
    BranchFactory,
    CostCentreFactory,
    OrganisationFactory,
    respondent_user,
    staff_user,
)
from tests.orders.factories import (
    HolderFactory,
    LineVersionFactory,
    ServiceLineFactory,
)

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 1)
MOST_QUERIES = 15


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def below(root):
    return BranchFactory(organisation=root.organisation, name="Travaux publics")


@pytest.fixture
def line(root):
    holder = HolderFactory(branch=root, name="Éloïse Gagnon")
    return ServiceLineFactory(
        branch=root,
        version__valid=DateRange(SINCE, None),
        version__holder=holder,
        version__device_label="Téléphone fictif",
    )


def url(name, root, *args):
    return reverse(f"orders:{name}", args=[root.organisation.slug, *args])


def sign_in(client, user):
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def shown(client, *args, **query):
    answer = client.get(url(*args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_representative_sees_the_fleet_and_may_choose(client, root, line):
    sign_in(client, respondent_user(Role.RCELL, root))
    page = shown(client, "line_list", root)
    assert str(line) in page
    assert "Éloïse Gagnon" in page
    assert f'name="ligne" value="{line.pk}"' in page


@pytest.mark.parametrize("role", [Role.FACTU, Role.INTRL, Role.MANDA, Role.READER])
def test_others_see_lines_and_may_not_change_them(client, root, line, role):
    sign_in(client, respondent_user(role, root))
    assert str(line) in shown(client, "line_list", root)
    assert "Modifier la ligne" not in shown(client, "line_detail", root, line.pk)
    for name, args in (
        ("line_change", [line.pk]),
        ("line_bulk_change", []),
        ("holder_add", []),
        ("address_add", []),
    ):
        assert client.get(url(name, root, *args), {"ligne": line.pk}).status_code == 403


def test_a_role_that_sees_no_line_is_refused(client, root, line):
    sign_in(client, respondent_user(Role.DERO, root))
    assert client.get(url("line_list", root)).status_code == 403
    assert client.get(url("line_detail", root, line.pk)).status_code == 404


def test_another_member_s_line_does_not_exist(client, root, line):
    other = OrganisationFactory().branches.get()
    sign_in(client, respondent_user(Role.RCELL, other))
    for name, args in (("line_list", []), ("line_detail", [line.pk]), ("line_change", [line.pk])):
        assert client.get(url(name, root, *args)).status_code == 404
    assert client.get(url("line_detail", other, line.pk)).status_code == 404


def test_another_subdivision_s_line_does_not_exist(client, root, below, line):
    sister = BranchFactory(organisation=root.organisation)
    theirs = ServiceLineFactory(branch=sister)
    mine = ServiceLineFactory(branch=below)
    sign_in(client, respondent_user(Role.RCELL, below))
    page = shown(client, "line_list", root)
    assert str(mine) in page
    assert str(line) not in page
    assert str(theirs) not in page
    for hidden in (line, theirs):
        assert client.get(url("line_detail", root, hidden.pk)).status_code == 404
        assert client.post(url("line_change", root, hidden.pk)).status_code == 404


def test_staff_see_and_do_not_change(client, root, line):
    sign_in(client, staff_user(StaffRole.AGENT))
    assert str(line) in shown(client, "line_list", root)
    assert client.get(url("line_change", root, line.pk)).status_code == 403


def test_the_fleet_is_shown_on_any_day(client, root):
    line = ServiceLineFactory(branch=root, version=False)
    LineVersionFactory(
        service_line=line, valid=DateRange(SINCE, date(2026, 3, 1)), device_label="Ancien"
    )
    LineVersionFactory(
        service_line=line, valid=DateRange(date(2026, 3, 1), None), device_label="Nouveau"
    )
    sign_in(client, respondent_user(Role.RCELL, root))
    assert "Nouveau" in shown(client, "line_list", root)
    past = shown(client, "line_list", root, au="2026-02-28")
    assert "Ancien" in past
    assert "28 février 2026" in past
    assert 'name="ligne"' not in past
    assert "Aucune ligne" in shown(client, "line_list", root, au="2025-12-31")
    assert "Nouveau" in shown(client, "line_list", root, au="demain")
    assert "Nouveau" in shown(client, "line_list", root, au="2026-02-30")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "eloise"}, True),
        ({"q": "(418) 555"}, True),
        ({"q": "téléphone"}, True),
        ({"q": "absent"}, False),
        ({"origine": "reprise"}, True),
        ({"origine": "order"}, False),
        ({"forfait": "flexible"}, False),
        ({"etat": "suspended"}, False),
        ({"subvention": "30"}, True),
        ({"subvention": "30", "au": "2026-01-02"}, False),
    ],
)
def test_the_list_is_searched_and_filtered(client, root, line, query, found):
    line.versions.update(subsidy_ends_on=today() + timedelta(days=20))
    sign_in(client, respondent_user(Role.RCELL, root))
    page = shown(client, "line_list", root, **query)
    assert (f"lignes/{line.pk}/" in page) is found


def test_the_fleet_leaves_as_a_file(client, root, line):
    sign_in(client, respondent_user(Role.RCELL, root))
    answer = client.get(url("line_list", root), {"format": "csv"})
    text = b"".join(answer).decode()
    assert "Éloïse Gagnon" in text
    assert "IMEI" in text


def test_a_line_tells_its_dates_and_its_history(client, root, line):
    alice = respondent_user(Role.RCELL, root)
    sign_in(client, alice)
    line.versions.update(subsidy_ends_on=date(2027, 1, 1), commitment_ends_on=date(2027, 6, 1))
    centre = CostCentreFactory(branch=root, code="T-110", name="Voirie")
    answer = client.post(
        url("line_change", root, line.pk),
        posted(line, on="2026-05-01", reason="Réorganisation", cost_centre=centre.pk),
    )
    assert answer.status_code == 302, answer.context["form"].errors
    page = shown(client, "line_detail", root, line.pk)
    assert "Centre de coûts\u00a0: – → T-110 Voirie" in page
    assert "Réorganisation" in page
    assert str(alice.person) in page
    assert page.count("2027-06-01") >= 2


def posted(line, **changes):
    version = line.versions.get(valid__upper_inf=True)
    known = {
        "on": today().isoformat(),
        "holder": version.holder_id or "",
        "number": version.number,
        "device_label": version.device_label,
        "subsidy_ends_on": version.subsidy_ends_on or "",
        "commitment_ends_on": version.commitment_ends_on or "",
    }
    return known | changes


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Rien ne change"),
        ({"number": "12"}, "dix chiffres"),
        ({"imei": "123456789012345", "on": "2025-01-01"}, "a déjà changé"),
        ({"imei": "123456789012345"}, "IMEI"),
    ],
)
def test_a_refusal_is_told_on_the_form(client, root, line, changes, word):
    sign_in(client, respondent_user(Role.RCELL, root))
    answer = client.post(url("line_change", root, line.pk), posted(line, **changes))
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert line.versions.count() == 1


def test_another_branch_s_holder_is_no_choice(client, root, below, line):
    sign_in(client, respondent_user(Role.RCELL, root))
    theirs = HolderFactory(branch=BranchFactory())
    answer = client.post(url("line_change", root, line.pk), posted(line, holder=theirs.pk))
    assert answer.status_code == 422
    assert not theirs.line_versions.exists()


def test_several_lines_change_at_once(client, root, below, line):
    second = ServiceLineFactory(branch=root)
    centre = CostCentreFactory(branch=below)
    sign_in(client, respondent_user(Role.RCELL, root))
    page = client.get(url("line_bulk_change", root), {"ligne": [line.pk, second.pk]})
    assert "2 lignes choisies" in page.content.decode()
    answer = client.post(
        url("line_bulk_change", root),
        {
            "ligne": [line.pk, second.pk],
            "on": today().isoformat(),
            "branch": below.pk,
            "cost_centre": centre.pk,
        },
    )
    assert answer.status_code == 302
    moved = LineVersion.objects.filter(branch=below, cost_centre=centre, valid__upper_inf=True)
    assert moved.count() == 2


def test_a_mixed_choice_is_refused_whole(client, root, below, line):
    mine = ServiceLineFactory(branch=below)
    centre = CostCentreFactory(branch=below)
    sign_in(client, respondent_user(Role.RCELL, below))
    data = {"on": today().isoformat(), "cost_centre": centre.pk}
    for ids in ([mine.pk, line.pk], [mine.pk, 999_999], []):
        for ask in (client.get, client.post):
            answer = ask(url("line_bulk_change", root), {"ligne": ids, **data})
            assert answer.status_code == 404
    assert not LineVersion.objects.filter(cost_centre=centre).exists()


@pytest.mark.parametrize("name", ["line_list", "holder_list", "address_list"])
def test_a_list_costs_the_same_for_two_rows_and_for_twenty(
    client, root, below, name, django_assert_max_num_queries
):
    sign_in(client, respondent_user(Role.RCELL, root))
    counts = []
    for more in (2, 18):
        for number in range(more):
            branch = (root, below)[number % 2]
            holder = HolderFactory(branch=branch)
            centre = CostCentreFactory(branch=branch)
            ServiceLineFactory(branch=branch, version__holder=holder, version__cost_centre=centre)
        with django_assert_max_num_queries(MOST_QUERIES) as asked:
            shown(client, name, root)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_line_s_page_costs_little_however_long_its_history(
    client, root, django_assert_max_num_queries
):
    line = ServiceLineFactory(branch=root, version=False)
    for month in range(1, 11):
        upper = date(2026, month + 1, 1) if month < 10 else None
        LineVersionFactory(
            service_line=line,
            valid=DateRange(date(2026, month, 1), upper),
            holder=HolderFactory(branch=root),
        )
    sign_in(client, respondent_user(Role.RCELL, root))
    with django_assert_max_num_queries(MOST_QUERIES):
        shown(client, "line_detail", root, line.pk)
