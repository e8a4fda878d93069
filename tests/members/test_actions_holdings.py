"""Memberships, accounts, accesses and cost centres: who writes them, and what is refused."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members.actions.accesses import grant_access, keep_access, record_access, revoke_access
from members.actions.accounts import (
    ask_account,
    close_account,
    confirm_account,
    name_account_manager,
    record_account,
)
from members.actions.cost_centres import (
    add_cost_centre,
    rename_cost_centre,
    restore_cost_centre,
    retire_cost_centre,
)
from members.actions.memberships import (
    confirm_authorisation,
    confirm_membership,
    file_authorisation,
    file_membership,
    waive_authorisation,
)
from members.models import AccountManager, Organisation, ProviderAccess
from members.permissions import Refused, Unseen
from members.queries import membership_verdict
from members.queries.holdings import accesses_of, accounts_to_confirm, memberships_to_settle
from members.roles import Role
from portal.uploads import Upload
from tests.members.factories import (
    ContractFactory,
    CostCentreFactory,
    JoiningRuleFactory,
    OrganisationFactory,
    ProviderAccessFactory,
    ProviderAccountFactory,
    ProviderFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
PAPER = Upload(b"%PDF-1.4 entente", "entente.pdf", "application/pdf")
DAY = date(2026, 5, 1)


@pytest.fixture
def organisation():
    return OrganisationFactory(status=Organisation.Status.JOINING)


@pytest.fixture
def root(organisation):
    return organisation.branches.get()


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


@pytest.fixture
def agent():
    return staff_user()


def filed(organisation, intrl, contract):
    return file_membership(
        organisation=organisation,
        contract=contract,
        agreement=PAPER,
        agreement_on=DAY,
        bound_by="La greffière",
        by=intrl,
    )


def test_a_large_municipality_joins_in_two_acts(organisation, intrl, agent):
    JoiningRuleFactory()
    contract = ContractFactory()
    membership = filed(organisation, intrl, contract)
    assert membership.authorisation == "not_required"
    assert not membership_verdict(organisation, contract, DAY).may_order
    assert list(memberships_to_settle(agent)) == [membership]
    confirm_membership(membership=membership, by=agent)
    organisation.refresh_from_db()
    assert organisation.status == Organisation.Status.ACTIVE
    assert membership_verdict(organisation, contract, DAY).may_order
    with pytest.raises(ValidationError, match="déjà au dossier"):
        filed(organisation, intrl, contract)


def test_a_village_waits_for_the_mamh_s_authorisation(organisation, intrl, agent):
    JoiningRuleFactory()
    Organisation.objects.update(population=2_000)
    organisation.refresh_from_db()
    contract = ContractFactory()
    membership = confirm_membership(membership=filed(organisation, intrl, contract), by=agent)
    organisation.refresh_from_db()
    assert organisation.status == Organisation.Status.JOINING
    with pytest.raises(ValidationError):
        confirm_authorisation(membership=membership, by=agent)
    file_authorisation(
        membership=membership,
        document=PAPER,
        reference="MAMH-1",
        resolution="2026-12",
        authorised_on=DAY,
        by=intrl,
    )
    assert not membership_verdict(organisation, contract, DAY).may_order
    confirm_authorisation(membership=membership, by=agent)
    assert membership_verdict(organisation, contract, DAY).may_order
    organisation.refresh_from_db()
    assert organisation.status == Organisation.Status.ACTIVE


def test_itq_waives_the_authorisation_with_a_reason(organisation, intrl, agent):
    JoiningRuleFactory()
    Organisation.objects.update(population=2_000)
    organisation.refresh_from_db()
    membership = filed(organisation, intrl, ContractFactory())
    with pytest.raises(Refused):
        waive_authorisation(membership=membership, reason="Non", by=intrl)
    waive_authorisation(membership=membership, reason="Loi modifiée", by=agent)
    membership.refresh_from_db()
    assert (membership.authorisation, membership.authorisation_reason) == (
        "not_required",
        "Loi modifiée",
    )


def test_only_the_interlocutor_files_and_only_itq_confirms(organisation, intrl, agent, root):
    contract = ContractFactory()
    with pytest.raises(Refused):
        filed(organisation, respondent_user(Role.RCELL, root), contract)
    with pytest.raises(Refused):
        filed(organisation, agent, contract)
    membership = filed(organisation, intrl, contract)
    with pytest.raises(Refused):
        confirm_membership(membership=membership, by=intrl)


def test_an_account_is_asked_opened_confirmed_and_closed(root, intrl, agent):
    telus = ProviderFactory()
    asked = ask_account(branch=root, provider=telus, asked_on=DAY, by=intrl)
    with pytest.raises(ValidationError, match="déjà demandée"):
        ask_account(branch=root, provider=telus, asked_on=DAY, by=intrl)
    with pytest.raises(ValidationError, match="numéro"):
        confirm_account(account=asked, by=agent)
    opened = record_account(
        branch=root, provider=telus, number="1234 567-8", opened_on=DAY, by=intrl
    )
    assert (opened.pk, opened.number) == (asked.pk, "12345678")
    assert list(accounts_to_confirm(agent)) == [opened]
    assert not accounts_to_confirm(intrl)
    with pytest.raises(Refused):
        confirm_account(account=opened, by=intrl)
    confirm_account(account=opened, by=agent)
    assert not accounts_to_confirm(agent)
    with pytest.raises(ValidationError, match="précéder"):
        close_account(account=opened, closed_on=date(2020, 1, 1), by=intrl)
    assert close_account(account=opened, closed_on=DAY, by=intrl).closed_on == DAY


@pytest.mark.parametrize(("number", "said"), [("12A4", "chiffres"), ("00000042", "déjà inscrit")])
def test_a_bad_or_taken_number_is_refused(root, intrl, number, said):
    taken = ProviderAccountFactory(number="00000042")
    with pytest.raises(ValidationError, match=said):
        record_account(branch=root, provider=taken.provider, number=number, opened_on=DAY, by=intrl)


def test_a_new_account_manager_relieves_the_one_before(root, intrl):
    telus = ProviderFactory()
    for name in ("Camille", "Dominique"):
        name_account_manager(branch=root, provider=telus, name=name, email="", phone="", by=intrl)
    assert [row.name for row in AccountManager.objects.in_force()] == ["Dominique"]
    assert AccountManager.objects.count() == 2


def test_a_representative_keeps_their_own_access_only(organisation, root, intrl):
    rcell = respondent_user(Role.RCELL, root)
    telus = ProviderFactory()
    mine = record_access(
        branch=root,
        provider=telus,
        person=rcell.person,
        scopes=["billing"],
        asked_on=DAY,
        by=rcell,
    )
    with pytest.raises(Refused):
        record_access(
            branch=root,
            provider=telus,
            person=intrl.person,
            scopes=["billing"],
            asked_on=DAY,
            by=rcell,
        )
    other = ProviderAccessFactory(branch=root)
    assert list(accesses_of(rcell, organisation)) == [mine]
    assert set(accesses_of(intrl, organisation)) == {mine, other}
    grant_access(access=mine, granted_on=DAY, by=rcell)
    with pytest.raises(ValidationError):
        grant_access(access=mine, granted_on=DAY, by=intrl)
    with pytest.raises(Refused):
        revoke_access(access=other, revoked_on=DAY, by=rcell)
    revoke_access(access=other, revoked_on=DAY, by=intrl)
    with pytest.raises(ValidationError):
        revoke_access(access=other, revoked_on=DAY, by=intrl)


def test_an_access_to_revoke_is_kept_only_while_a_role_lasts(root, intrl):
    rcell = respondent_user(Role.RCELL, root)
    held = ProviderAccessFactory(branch=root, person=rcell.person, revocation_asked_on=DAY)
    gone = ProviderAccessFactory(branch=root, revocation_asked_on=DAY)
    keep_access(access=held, reason="Garde un autre rôle", by=intrl)
    assert ProviderAccess.objects.get(pk=held.pk).revocation_asked_on is None
    with pytest.raises(ValidationError, match="n'a plus de rôle"):
        keep_access(access=gone, reason="Non", by=intrl)


def test_a_representative_keeps_the_cost_centres(root, intrl):
    rcell = respondent_user(Role.RCELL, root)
    centre = add_cost_centre(branch=root, code="100", name="Rue", by=rcell)
    with pytest.raises(ValidationError) as refusal:
        add_cost_centre(branch=root, code="100", name="Parc", by=rcell)
    assert "code" in refusal.value.message_dict
    rename_cost_centre(centre=centre, code="101", name="Rues", by=rcell)
    assert not retire_cost_centre(centre=centre, by=rcell).is_active
    assert restore_cost_centre(centre=centre, by=rcell).is_active
    for by, error in ((intrl, Refused), (respondent_user(Role.RCELL, other_root()), Unseen)):
        with pytest.raises(error):
            rename_cost_centre(centre=centre, code="1", name="x", by=by)
        with pytest.raises(error):
            retire_cost_centre(centre=CostCentreFactory(branch=root), by=by)


def other_root():
    return OrganisationFactory().branches.get()
