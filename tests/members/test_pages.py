"""Every page of the members opens for those who may, over the demonstration's rows."""

import re

import pytest
from django.urls import reverse

from members.demonstration import CITY, load
from members.models import (
    CostCentre,
    ItqMessage,
    Organisation,
    ProviderAccess,
    ProviderAccount,
    Respondent,
    User,
)
from members.roles import Role
from tests.members.factories import respondent_user

pytestmark = pytest.mark.django_db
BUDGET = 15


@pytest.fixture
def world(settings, django_user_model):
    settings.DEMONSTRATION = True
    load()
    return Organisation.objects.get(name=CITY)


def signed_in(client, email):
    client.force_login(User.objects.get(email=email))
    return client


MEMBER_PAGES = (
    *("member_home", "respondent_list", "respondent_designate", "invitation_list"),
    *("membership_list", "account_list", "account_ask", "account_record", "manager_name"),
    *("access_list", "access_record", "message_list", "message_write", "cost_centre_list"),
    "member_journal",
)


@pytest.mark.parametrize("name", MEMBER_PAGES)
def test_an_interlocutor_opens_each_page_within_the_budget(
    world, client, name, django_assert_max_num_queries
):
    url = reverse(f"members:{name}", args=[world.slug])
    signed_in(client, "intrl.ville@exemple.test")
    with django_assert_max_num_queries(BUDGET):
        response = client.get(url)
    assert response.status_code == 200, name
    assert world.name in response.content.decode()


STAFF_PAGES = (
    *("staff_organisation_list", "staff_organisation_create", "staff_membership_list"),
    *("staff_account_list", "staff_message_list", "staff_message_write", "staff_journal"),
    *("staff_list", "staff_appoint", "factor_reset_list"),
)


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_itq_opens_each_page_within_the_budget(world, client, name, django_assert_max_num_queries):
    url = reverse(f"members:{name}")
    signed_in(client, "admin.itq@exemple.test")
    with django_assert_max_num_queries(BUDGET):
        response = client.get(url)
    assert response.status_code == 200, name


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_a_member_is_refused_at_itq_s_pages(world, client, name):
    response = signed_in(client, "intrl.ville@exemple.test").get(reverse(f"members:{name}"))
    assert response.status_code == 403


def test_each_object_has_its_page(world, client):
    root = world.branches.get(is_root=True)
    intrl = Respondent.objects.get(branch=root, role=Role.INTRL)
    rcell = Respondent.objects.effective().get(branch=root, role=Role.RCELL)
    access = ProviderAccess.objects.get()
    message = ItqMessage.objects.get()
    account = ProviderAccount.objects.filter(branch=root).first()
    pages = [
        ("respondent_detail", rcell.pk),
        ("respondent_end", rcell.pk),
        ("respondent_invite", rcell.pk),
        ("respondent_attest", rcell.pk),
        ("respondent_detail", intrl.pk),
        ("respondent_hand_over", intrl.pk),
        ("person_access", rcell.person_id),
        ("access_detail", access.pk),
        ("access_grant", access.pk),
        ("access_revoke", access.pk),
        ("access_keep", access.pk),
        ("message_detail", message.pk),
        ("writer_authorise", rcell.pk),
        ("account_close", account.pk),
    ]
    signed_in(client, "intrl.ville@exemple.test")
    for name, pk in pages:
        response = client.get(reverse(f"members:{name}", args=[world.slug, pk]))
        assert response.status_code == 200, name
    signed_in(client, "rcell.ville@exemple.test")
    centre = CostCentre.objects.filter(branch=root).first()
    url = reverse("members:cost_centre_rename", args=[world.slug, centre.pk])
    assert client.get(url).status_code == 200


def test_everyone_reads_their_account_the_roles_and_why(world, client):
    signed_in(client, "rcell.ville@exemple.test")
    root = world.branches.get(is_root=True)
    for url in (
        reverse("members:my_account"),
        reverse("members:my_name"),
        reverse("members:role_table"),
        reverse("members:access_explain", args=["branch", root.pk]),
        reverse("portal:home"),
    ):
        assert client.get(url).status_code == 200, url
    page = client.get(reverse("members:access_explain", args=["organisation", world.pk]))
    assert "Représentant cellulaire, Ville de Val-Boréal" in page.content.decode()
    assert "R-10" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "place"),
    [("member_home", "root"), ("member_home", "subdivision"), ("membership_list", "root")],
)
def test_the_organisation_and_its_membership_say_why_they_are_seen(world, client, name, place):
    branch = world.branches.filter(is_root=place == "root").first()
    client.force_login(respondent_user(Role.RCELL, branch))
    page = client.get(reverse(f"members:{name}", args=[world.slug])).content.decode()
    (why,) = re.findall(r'href="(/acces/[^"]+)"', page)
    assert "Représentant cellulaire" in client.get(why).content.decode()


def test_what_is_not_mine_is_not_explained(world, client):
    signed_in(client, "rcell.css@exemple.test")
    for kind, pk in (("organisation", world.pk), ("organisation", 999_999), ("nothing", 1)):
        url = reverse("members:access_explain", args=[kind, pk])
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["member_journal", "invitation_list", "respondent_designate"])
def test_a_billing_contact_sees_the_member_and_not_these_pages(world, client, name):
    signed_in(client, "factu.ville@exemple.test")
    assert client.get(reverse("members:respondent_list", args=[world.slug])).status_code == 200
    assert client.get(reverse(f"members:{name}", args=[world.slug])).status_code == 403


def test_the_demonstration_page_shows_codes_and_mails(world, client):
    page = client.get(reverse("members:demonstration"))
    assert page.status_code == 200
    assert "dero.ville@exemple.test" in page.content.decode()


def test_itq_reads_a_message_and_a_member_s_file(world, client):
    signed_in(client, "admin.itq@exemple.test")
    message = ItqMessage.objects.get()
    for url in (
        reverse("members:staff_message_detail", args=[message.pk]),
        reverse("members:staff_organisation_detail", args=[world.slug]),
        reverse("members:staff_interlocutor_designate", args=[world.slug]),
        reverse("members:staff_subdivision_add", args=[world.slug]),
        reverse("members:member_home", args=[world.slug]),
        reverse("members:member_journal", args=[world.slug]),
    ):
        assert client.get(url).status_code == 200, url
