"""Holders and delivery addresses: kept by RCELL, confirmed by INTRL."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.permissions import Refused, Unseen
from members.roles import Role
from orders.actions.holders import (
    add_address,
    add_holder,
    change_holder,
    confirm_address,
    restore_holder,
    retire_address,
    retire_holder,
)
from orders.models import DeliveryAddress, Holder
from orders.queries import inbox_items
from portal.models import AuditEvent
from tests.members.factories import BranchFactory, OrganisationFactory, respondent_user
from tests.orders.factories import DeliveryAddressFactory, HolderFactory, ServiceLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def alice(root):
    return respondent_user(Role.RCELL, root)


def codes():
    return list(AuditEvent.objects.order_by("pk").values_list("code", flat=True))


def test_a_holder_is_added_changed_retired_and_taken_back(root, alice):
    holder = add_holder(branch=root, name="Éloïse", function="", employee_number="", by=alice)
    change_holder(holder=holder, name="Éloïse", function="Greffière", employee_number="", by=alice)
    change_holder(holder=holder, name="Éloïse", function="Greffière", employee_number="", by=alice)
    assert retire_holder(holder=holder, by=alice).is_active is False
    assert restore_holder(holder=holder, by=alice).is_active is True
    assert Holder.objects.get().function == "Greffière"
    assert codes() == ["holder.added", "holder.changed", "holder.retired", "holder.restored"]


def test_a_holder_who_carries_a_line_is_not_retired(root, alice):
    holder = HolderFactory(branch=root)
    line = ServiceLineFactory(branch=root, version__holder=holder)
    with pytest.raises(ValidationError, match="porte encore 1 ligne"):
        retire_holder(holder=holder, by=alice)
    line.versions.update(status="cancelled")
    retire_holder(holder=holder, by=alice)


def test_an_address_is_confirmed_by_the_interlocutor_only(root, alice):
    address = add_address(
        branch=root, label="Garage", street="1, rue A", city="B", postal_code="G1A 1A1", by=alice
    )
    with pytest.raises(Refused):
        confirm_address(address=address, by=alice)
    interlocutor = respondent_user(Role.INTRL, root)
    (item,) = inbox_items(interlocutor)
    assert "Garage" in item.title
    assert not [item for item in inbox_items(alice) if "Garage" in item.title]
    assert confirm_address(address=address, by=interlocutor).confirmed_by == interlocutor
    confirm_address(address=address, by=interlocutor)
    assert inbox_items(interlocutor) == []
    assert codes() == ["address.added", "address.confirmed"]


def test_a_retired_address_awaits_nobody(root, alice):
    address = DeliveryAddressFactory(branch=root)
    retire_address(address=address, by=alice)
    retire_address(address=address, by=alice)
    assert inbox_items(respondent_user(Role.INTRL, root)) == []
    assert codes() == ["address.retired"]


def test_nobody_keeps_another_branch_s_holders_nor_addresses(root):
    below = BranchFactory(organisation=root.organisation)
    bob = respondent_user(Role.RCELL, below)
    holder, address = HolderFactory(branch=root), DeliveryAddressFactory(branch=root)
    acts = (
        lambda: retire_holder(holder=holder, by=bob),
        lambda: restore_holder(holder=holder, by=bob),
        lambda: change_holder(holder=holder, name="X", function="", employee_number="", by=bob),
        lambda: retire_address(address=address, by=bob),
        lambda: confirm_address(address=address, by=respondent_user(Role.INTRL, below)),
        lambda: add_holder(branch=root, name="X", function="", employee_number="", by=bob),
    )
    for act in acts:
        with pytest.raises(Unseen):
            act()
    assert codes() == []


# The pages.


def url(name, root, *args):
    return reverse(f"orders:{name}", args=[root.organisation.slug, *args])


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_holder_is_added_from_the_page(signed_in, root):
    page = signed_in.get(url("holder_add", root)).content.decode()
    assert "Organisme ou subdivision" not in page
    answer = signed_in.post(url("holder_add", root), {"name": "Poste 4"})
    assert (answer.status_code, answer.url) == (302, url("holder_list", root))
    assert Holder.objects.get().branch == root
    assert "Poste 4" in signed_in.get(url("holder_list", root)).content.decode()


def test_the_branch_is_asked_when_there_are_several(signed_in, root):
    below = BranchFactory(organisation=root.organisation)
    foreign = BranchFactory()
    for branch, status in (("", 422), (foreign.pk, 422), (below.pk, 302)):
        data = {"name": "Poste 4", "branch": branch}
        assert signed_in.post(url("holder_add", root), data).status_code == status
    assert Holder.objects.get().branch == below


def test_a_holder_is_edited_retired_and_restored_from_the_page(signed_in, root):
    holder = HolderFactory(branch=root)
    edit = url("holder_edit", root, holder.pk)
    assert signed_in.post(edit, {"name": ""}).status_code == 422
    assert signed_in.post(edit, {"name": "Nouveau nom"}).status_code == 302
    assert signed_in.post(url("holder_retire", root, holder.pk)).status_code == 302
    holder.refresh_from_db()
    assert (holder.name, holder.is_active) == ("Nouveau nom", False)
    assert "Remettre en fonction" in signed_in.get(edit).content.decode()
    signed_in.post(url("holder_restore", root, holder.pk))
    holder.refresh_from_db()
    assert holder.is_active


def test_a_retirement_that_is_refused_says_why(signed_in, root):
    holder = HolderFactory(branch=root)
    ServiceLineFactory(branch=root, version__holder=holder)
    answer = signed_in.post(url("holder_retire", root, holder.pk), follow=True)
    assert "porte encore" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 2), ({"etat": "retires"}, 1), ({"q": "eloise"}, 1), ({"format": "csv"}, 2)],
)
def test_holders_are_listed_searched_and_exported(signed_in, root, query, count):
    HolderFactory(branch=root, name="Éloïse")
    HolderFactory(branch=root, name="Bruno", is_active=False)
    HolderFactory(name="Étranger")
    answer = signed_in.get(url("holder_list", root), query)
    text = b"".join(answer).decode()
    assert sum(name in text for name in ("Éloïse", "Bruno")) == count
    assert "Étranger" not in text


def test_an_address_is_added_and_written_properly(signed_in, root):
    data = {"label": "Garage", "street": "1, rue A", "city": "B", "postal_code": "g1a1a1"}
    wrong = signed_in.post(url("address_add", root), data | {"postal_code": "12345"})
    assert wrong.status_code == 422
    assert "G1R 5H1" in wrong.content.decode()
    assert signed_in.post(url("address_add", root), data).status_code == 302
    assert DeliveryAddress.objects.get().postal_code == "G1A 1A1"


def test_buttons_of_an_address_are_those_of_the_role(client, root, alice):
    address = DeliveryAddressFactory(branch=root)
    for user, kept, confirmed in (
        (alice, True, False),
        (respondent_user(Role.INTRL, root), False, True),
        (respondent_user(Role.FACTU, root), False, False),
    ):
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        page = client.get(url("address_list", root)).content.decode()
        assert (url("address_retire", root, address.pk) in page) is kept
        assert (url("address_confirm", root, address.pk) in page) is confirmed
        status = client.post(url("address_confirm", root, address.pk)).status_code
        assert status == (302 if confirmed else 403)
    client.force_login(alice, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(url("address_retire", root, address.pk)).status_code == 302


def test_a_reader_sees_no_address(client, root):
    reader = respondent_user(Role.READER, root)
    client.force_login(reader, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(url("address_list", root)).status_code == 403
