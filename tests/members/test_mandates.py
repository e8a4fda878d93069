"""ITQ's mandate over a member's bills: given, dated, taken back, and read by the gate (R-44)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from members.actions.mandates import give_billing_mandate, revoke_billing_mandate
from members.models import Branch
from members.permissions import Refused, can, require, rights_of, visible
from members.roles import MANDATED, May, Role, StaffRole
from portal.clock import database_clock
from portal.models import AuditEvent
from tests.members.factories import (
    LONG_AGO,
    BillingMandateFactory,
    BranchFactory,
    OrganisationFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def agent():
    return staff_user(StaffRole.AGENT)


@pytest.fixture
def interlocutor(root):
    return respondent_user(Role.INTRL, root)


def fresh(user):
    """The rights, asked again."""
    return rights_of(user, fresh=True)


def test_a_mandate_opens_bills_until_it_is_revoked(root, agent, interlocutor):
    with pytest.raises(Refused):
        require(agent, May.IMPORT_BILLS, on=root)
    mandate = give_billing_mandate(branch=root, by=interlocutor)
    assert require(agent, May.IMPORT_BILLS, on=root) == "Agent d'ITQ, sous mandat de facturation"
    revoke_billing_mandate(mandate=mandate, by=interlocutor)
    with pytest.raises(Refused):
        require(agent, May.IMPORT_BILLS, on=root)
    told = AuditEvent.objects.filter(code__startswith="billing_mandate.", object_id=mandate.pk)
    codes = list(told.order_by("pk").values_list("code", flat=True))
    assert codes == ["billing_mandate.given", "billing_mandate.revoked"]


def test_the_root_s_mandate_reaches_subdivisions_and_a_subdivision_s_only_itself(root, agent):
    below = BranchFactory(organisation=root.organisation)
    mandate = BillingMandateFactory(branch=below)
    assert can(agent, May.SEE_INVOICES, on=below)
    assert not can(agent, May.SEE_INVOICES, on=root)
    mandate.delete()
    BillingMandateFactory(branch=root)
    fresh(agent)
    assert set(visible(agent, May.SEE_INVOICES, Branch.objects.all())) == {root, below}
    assert not can(agent, May.VERIFY_INVOICES, on=root)


@pytest.mark.parametrize(("start", "end"), [(-2, -1), (1, None)])
def test_a_mandate_that_ended_or_has_not_begun_opens_nothing(root, agent, start, end):
    now = database_clock()
    lower = now + timedelta(days=start)
    upper = None if end is None else now + timedelta(days=end)
    BillingMandateFactory(branch=root, period=DateTimeTZRange(lower, upper))
    assert all(not (right.permissions & MANDATED) for right in fresh(agent))


def test_the_gate_asks_no_more_queries_for_mandates(agent, django_assert_num_queries):
    for _ in range(3):
        BillingMandateFactory(branch=OrganisationFactory().branches.get())
    with django_assert_num_queries(2):
        assert len(fresh(agent)) == 2


def test_one_mandate_at_a_time_with_an_end_to_come(root, interlocutor):
    with pytest.raises(ValidationError, match="venir"):
        give_billing_mandate(branch=root, by=interlocutor, until=LONG_AGO)
    mandate = give_billing_mandate(branch=root, by=interlocutor)
    with pytest.raises(ValidationError, match="déjà"):
        give_billing_mandate(branch=root, by=interlocutor)
    revoke_billing_mandate(mandate=mandate, by=interlocutor)
    with pytest.raises(ValidationError, match="pris fin"):
        revoke_billing_mandate(mandate=mandate, by=interlocutor)


@pytest.mark.parametrize("role", [Role.FACTU, Role.RCELL, Role.PAYER])
def test_only_the_interlocutor_gives_it(root, role):
    with pytest.raises(Refused):
        give_billing_mandate(branch=root, by=respondent_user(role, root))


def test_itq_does_not_give_itself_a_mandate(root, agent):
    with pytest.raises(Refused):
        give_billing_mandate(branch=root, by=agent)
