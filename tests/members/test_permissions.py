"""The gate, verb by verb."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from guardian.shortcuts import assign_perm
from guardian.utils import get_user_obj_perms_model

from derogations.models import Derogation
from members.grants import BranchGrant
from members.models import Branch, Organisation, Respondent, User
from members.permissions import (
    Refused,
    Unseen,
    can,
    explain,
    granted,
    has_second_factor,
    held_in,
    organisations_of,
    require,
    require_granted,
    require_member,
    rights_of,
    visible,
)
from members.roles import SYSTEM_TABLE, May, PersonalMay, Role, StaffMay, StaffRole
from portal.audit import SYSTEM
from portal.clock import database_clock
from tests.derogations.factories import DerogationFactory
from tests.members.factories import (
    LONG_AGO,
    BillingMandateFactory,
    BranchFactory,
    OrganisationFactory,
    RespondentFactory,
    UserFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


def test_guardian_uses_the_direct_table():
    assert get_user_obj_perms_model(Branch) is BranchGrant


def test_a_representative_may_order_on_the_branch_and_below(root):
    below = BranchFactory(organisation=root.organisation)
    alice = respondent_user(Role.RCELL, root)
    for place in (root, below, root.organisation):
        assert can(alice, May.ORDER, on=place)
    assert require(alice, May.ORDER, on=below) == f"Représentant cellulaire, {root}"


def test_a_subdivision_s_representative_sees_neither_the_root_nor_the_sister(root):
    own, sister = BranchFactory.create_batch(2, organisation=root.organisation)
    bob = respondent_user(Role.RCELL, own)
    assert list(visible(bob, May.ORDER, Branch.objects.all())) == [own]
    for other in (root, sister):
        with pytest.raises(Unseen):
            require(bob, May.ORDER, on=other)


def test_another_member_is_not_seen(root):
    charlie = respondent_user(Role.RCELL, OrganisationFactory().branches.get())
    with pytest.raises(Unseen):
        require(charlie, May.SEE_ORDERS, on=root)
    assert root not in visible(charlie, May.SEE_ORDERS, Branch.objects.all())


def test_one_may_see_and_not_order(root):
    factu = respondent_user(Role.FACTU, root)
    assert can(factu, May.SEE_ORDERS, on=root)
    with pytest.raises(Refused, match="ne permet pas"):
        require(factu, May.ORDER, on=root)


def test_a_role_that_ended_refuses_even_while_its_grants_are_stored(root):
    alice = respondent_user(Role.RCELL, root)
    Respondent.objects.update(
        period=DateTimeTZRange(LONG_AGO, database_clock() - timedelta(seconds=1))
    )
    assert BranchGrant.objects.filter(user=alice).exists()
    with pytest.raises(Unseen):
        require(alice, May.ORDER, on=root)


def test_a_role_without_its_grants_refuses(root):
    alice = respondent_user(Role.RCELL, root)
    BranchGrant.objects.filter(user=alice, permission__codename="order").delete()
    with pytest.raises(Refused):
        require(alice, May.ORDER, on=root)


def test_the_grants_of_one_branch_open_no_other(root):
    """A role begins, and the sweep has not written its grants yet (D-02)."""
    alice, other = respondent_user(Role.RCELL, root), OrganisationFactory().branches.get()
    RespondentFactory(person=alice.person, role=Role.RCELL, branch=other)
    assert can(alice, May.ORDER, on=root)
    assert not can(alice, May.ORDER, on=other)


def test_a_grant_that_the_role_does_not_give_opens_nothing(root):
    """What another role left behind, until the sweep: it can refuse, never allow (D-02)."""
    factu = respondent_user(Role.FACTU, root)
    assign_perm(May.ORDER.value, factu, root)
    assert not can(factu, May.ORDER, on=root)


def test_a_role_that_asks_no_second_factor_needs_none(root):
    assert can(respondent_user(Role.RCELL, root, factor=False), May.ORDER, on=root)


@pytest.mark.parametrize(
    ("flaw", "opens"), [({}, True), ({"verified": False}, False), ({"is_active": False}, False)]
)
def test_a_request_opens_to_its_signer_alone_once_his_address_is_verified(flaw, opens):
    signer, (own, other) = UserFactory(**flaw), DerogationFactory.create_batch(2)
    EmailAddress.objects.create(user=signer, email="autre@example.test", verified=False)
    assign_perm(PersonalMay.SIGN_DEROGATION.value, signer, own)
    kind = ContentType.objects.get_for_model(Derogation)
    Permission.objects.create(codename="read", name="Lire", content_type=kind)
    assign_perm("read", signer, other)
    may = PersonalMay.SIGN_DEROGATION
    assert list(granted(signer, may, Derogation.objects.all())) == [own] * opens
    assert [opened(signer, may, one) for one in (own, other)] == [opens, False]


def opened(user, permission, on) -> bool:
    """Whether ``require_granted`` lets an action begin."""
    try:
        return bool(require_granted(user, permission, on))
    except Unseen:
        return False


@pytest.mark.parametrize(
    ("flaw", "role"),
    [
        ({"verified": False}, Role.RCELL),
        ({"is_active": False}, Role.RCELL),
        ({"factor": False}, Role.INTRL),
    ],
)
def test_identity_comes_first(root, flaw, role):
    flawed = respondent_user(role, root, **flaw)
    assert not can(flawed, May.SEE_ORDERS, on=root)
    with pytest.raises((Unseen, Refused)):
        require(flawed, May.SEE_ORDERS, on=root)


def test_staff_see_every_branch_and_order_on_none(root):
    agent = staff_user(StaffRole.AGENT)
    assert len(rights_of(agent)) == 1, "no member gave a mandate: nothing is held under one"
    assert list(visible(agent, May.SEE_ORDERS, Organisation.objects.all())) == [root.organisation]
    with pytest.raises(Refused):
        require(agent, May.ORDER, on=root)
    with pytest.raises(Refused):
        require(agent, StaffMay.MANAGE_CATALOGUE, on=None)


def test_members_are_those_where_a_hat_is_worn(root):
    other = OrganisationFactory().branches.get()
    alice, agent = respondent_user(Role.RCELL, root), staff_user(StaffRole.AGENT)
    assert (organisations_of(alice), organisations_of(agent)) == ([root.organisation], [])
    assert list(visible(alice, May.ORDER, Organisation.objects.all())) == [root.organisation]
    for user in (alice, agent):
        assert require_member(user, root.organisation.slug) == root.organisation
    assert require_member(agent, other.organisation.slug) == other.organisation
    with pytest.raises(Unseen):
        require_member(alice, other.organisation.slug)


def test_what_is_held_in_a_member_is_what_its_own_hats_open(root):
    other = OrganisationFactory().branches.get()
    here, there = root.organisation.slug, other.organisation.slug
    alice, agent = respondent_user(Role.RCELL, root), staff_user(StaffRole.AGENT)
    assert May.ORDER in held_in(alice, here)
    assert held_in(alice, there) == set()
    assert May.SEE_ORDERS in held_in(agent, there)
    assert held_in(respondent_user(Role.INTRL, root, factor=False), here) == set()


def test_buttons_ask_once_and_acts_again(root, django_assert_num_queries):
    alice = respondent_user(Role.RCELL, root)
    assert rights_of(alice)
    with django_assert_num_queries(0):
        assert can(alice, May.ORDER, on=root)
    Respondent.objects.all().delete()
    assert can(alice, May.ORDER, on=root)
    with pytest.raises(Unseen):
        require(alice, May.ORDER, on=root)


def test_nobody_has_no_right(root):
    for user in (AnonymousUser(), UserFactory(person=None)):
        assert not can(user, May.ORDER, on=root)
        assert not granted(user, PersonalMay.SIGN_DEROGATION, Derogation.objects.all())


def test_a_mandate_opens_bills_where_it_was_given_and_nowhere_else(root):
    below, sister = BranchFactory.create_batch(2, organisation=root.organisation)
    other = OrganisationFactory().branches.get()
    BillingMandateFactory(branch=below)
    agent = staff_user(StaffRole.AGENT)
    assert len(rights_of(agent)) == 2
    seen = [b for b in (root, below, sister, other) if can(agent, May.SEE_INVOICES, on=b)]
    assert seen == [below]
    BillingMandateFactory(branch=root)
    agent = User.objects.get(pk=agent.pk)
    seen = [b for b in (root, below, sister, other) if can(agent, May.SEE_INVOICES, on=b)]
    assert seen == [root, below, sister]
    assert held_in(agent, other.organisation.slug) < held_in(agent, root.organisation.slug)


@pytest.mark.parametrize("flaw", [{"verified": False}, {"factor": False}, {"is_active": False}])
def test_staff_too_are_verified_and_have_a_second_factor(root, flaw):
    BillingMandateFactory(branch=root)
    agent = staff_user(StaffRole.AGENT, **flaw)
    for may in (May.SEE_ORDERS, May.SEE_INVOICES):
        assert not can(agent, may, on=root)


def test_recovery_codes_are_no_second_factor(root, settings):
    intrl = respondent_user(Role.INTRL, root, factor=False)
    Authenticator.objects.create(user=intrl, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert not can(intrl, May.SEE_MEMBER, on=root)
    assert not has_second_factor(intrl)
    with pytest.raises(Refused, match="second facteur"):
        require(intrl, May.SEE_MEMBER, on=root)
    settings.DEMONSTRATION = True
    assert can(User.objects.get(pk=intrl.pk), May.SEE_MEMBER, on=root)


def test_the_system_begins_what_its_column_says(root):
    assert can(SYSTEM, May.ORDER, on=root) == (May.ORDER in SYSTEM_TABLE)
    for may in (*May, *StaffMay):
        if may in SYSTEM_TABLE:
            assert require(SYSTEM, may, on=root) == SYSTEM.audit_label
        else:
            with pytest.raises(Refused):
                require(SYSTEM, may, on=root)


def test_the_chain_is_explained(root):
    alice = respondent_user(Role.RCELL, root)
    (right,) = explain(alice, May.ORDER, root)
    assert (right.role, right.branch_id) == (Role.RCELL, root.pk)
