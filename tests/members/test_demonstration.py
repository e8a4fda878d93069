"""The demonstration loads once, through the actions, and stands."""

import pytest

from members.demonstration import CITY, SCHOOL, VILLAGE, load
from members.models import Contract, Invitation, Organisation, Respondent, User
from members.permissions import can, rights_of
from members.powers import DerogationKind
from members.projection import drift
from members.queries import membership_verdict
from members.queries.delegations import standing_powers
from members.queries.plans import lines_to_confirm
from members.roles import May
from portal.clock import database_clock, today
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(settings):
    settings.DEMONSTRATION = True
    return load()


def test_it_loads_once(accounts):
    counts = (User.objects.count(), Respondent.objects.count(), AuditEvent.objects.count())
    assert load() == accounts
    assert counts == (
        User.objects.count(),
        Respondent.objects.count(),
        AuditEvent.objects.count(),
    )


def test_each_account_signs_in_and_holds_its_role(accounts, client):
    for account in accounts:
        assert client.login(username=account["email"], password=account["password"])
        (right,) = rights_of(User.objects.get(email=account["email"]))
        assert right.permissions
    assert drift().missing == drift().extra == frozenset()


def test_two_members_may_order_and_the_village_waits_for_the_mamh(accounts):
    contract = Contract.objects.get(title__contains="2015-2025")
    verdicts = {
        name: membership_verdict(Organisation.objects.get(name=name), contract, today())
        for name in (CITY, SCHOOL, VILLAGE)
    }
    assert [verdicts[name].may_order for name in (CITY, SCHOOL, VILLAGE)] == [True, True, False]
    assert "MAMH" in verdicts[VILLAGE].sentence
    assert Organisation.objects.get(name=VILLAGE).status == Organisation.Status.JOINING


def test_representatives_order_and_signers_are_confirmed(accounts):
    rcell = User.objects.get(email="rcell.ville@exemple.test")
    root = Organisation.objects.get(name=CITY).branches.get(is_root=True)
    assert can(rcell, May.ORDER, root)
    deros = Respondent.objects.effective().filter(role="dero")
    assert deros.count() == 2
    roles_offered = Invitation.objects.filter(accepted_at=None, role__isnull=False)
    assert not roles_offered.exists()


def test_two_members_have_signers_and_the_village_s_council_resolves(accounts):
    signers = {}
    for name in (CITY, SCHOOL, VILLAGE):
        root = Organisation.objects.get(name=name).branches.get(is_root=True)
        powers = standing_powers(root, list(DerogationKind.values), database_clock())
        signers[name] = [(str(p.person), p.person.identity_attested_at is not None) for p in powers]
    assert signers == {
        CITY: [("Denis Roy", True)],
        SCHOOL: [("Diane Caron", True)],
        VILLAGE: [],
    }
    city = Organisation.objects.get(name=CITY)
    police = city.branches.get(name="Service de police")
    capacities = {p.capacity for p in standing_powers(police, ["network"], database_clock())}
    assert capacities == {"holder", "interim", "substitute"}
    manda = User.objects.get(email="manda.ville@exemple.test")
    assert [line.clause for line in lines_to_confirm(manda)] == ["4.4"]


def test_it_is_refused_outside_the_demonstration(settings):
    settings.DEMONSTRATION = False
    with pytest.raises(RuntimeError):
        load()
