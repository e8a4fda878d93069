"""Designate, confirm, end, retract and hand over (R-01, R-02, R-06, F-05)."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from members.actions.designations import (
    designate_interlocutor,
    designate_someone,
)
from members.actions.respondents import (
    confirm_designation,
    designate,
    end_role,
    hand_over_interlocutor,
    retract_designation,
)
from members.models import Invitation, ProviderAccess, Respondent
from members.newcomers import NewPerson
from members.permissions import Refused, Unseen, can
from members.projection import drift
from members.roles import May, Role, StaffRole
from portal.clock import database_clock
from portal.models import AuditEvent, QueuedTask
from portal.uploads import Upload
from tests.members.factories import (
    InvitationFactory,
    OrganisationFactory,
    PersonFactory,
    ProviderAccessFactory,
    RespondentFactory,
    UserFactory,
    respondent_user,
    staff_user,
)

ACT = Upload(b"%PDF-1.4 acte", "acte.pdf", "application/pdf")


@pytest.fixture
def root(db):
    return OrganisationFactory().branches.get()


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


def test_an_interlocutor_gives_every_other_role(root, intrl):
    for role in set(Role) - {Role.INTRL}:
        row = designate(branch=root, person=PersonFactory(), role=role, by=intrl)
        assert row.recorded_by == intrl
    assert AuditEvent.objects.filter(code="respondent.designated").count() == len(Role) - 1
    assert not drift().missing


def test_an_interlocutor_never_gives_their_own_role_nor_dero_to_self(root, intrl):
    with pytest.raises(Refused):
        designate(branch=root, person=PersonFactory(), role=Role.INTRL, by=intrl)
    with pytest.raises(Refused, match="soi-même"):
        designate(branch=root, person=intrl.person, role=Role.DERO, by=intrl)


@pytest.mark.parametrize("role", [Role.RCELL, Role.MANDA, Role.FACTU, Role.DERO])
def test_nobody_else_gives_a_role(root, role):
    by = respondent_user(role, root)
    with pytest.raises((Refused, Unseen)):
        designate(branch=root, person=PersonFactory(), role=Role.FACTU, by=by)


def test_a_representative_names_a_reader_and_no_payer(root):
    rcell = respondent_user(Role.RCELL, root)
    assert designate(branch=root, person=PersonFactory(), role=Role.READER, by=rcell)
    with pytest.raises(Refused):
        designate(branch=root, person=PersonFactory(), role=Role.PAYER, by=rcell)


def test_itq_gives_interlocutor_only(root):
    admin = staff_user(StaffRole.ADMIN)
    assert designate(branch=root, person=PersonFactory(), role=Role.INTRL, by=admin)
    with pytest.raises(Refused):
        designate(branch=root, person=PersonFactory(), role=Role.RCELL, by=admin)
    with pytest.raises(Refused):
        designate(
            branch=root, person=PersonFactory(), role=Role.INTRL, by=staff_user(StaffRole.AGENT)
        )


def test_a_second_interlocutor_is_told_how_to_proceed(root, intrl):
    with pytest.raises(ValidationError, match="remettez plutôt"):
        designate(
            branch=root, person=PersonFactory(), role=Role.INTRL, by=staff_user(StaffRole.ADMIN)
        )


def test_a_signer_acts_once_a_second_person_confirmed(root, intrl):
    dero = UserFactory()
    row = designate(branch=root, person=dero.person, role=Role.DERO, by=intrl)
    assert not can(dero, May.SEE_CATALOGUE, on=root)
    manda = respondent_user(Role.MANDA, root)
    for wrong in (intrl, dero):
        with pytest.raises((Refused, Unseen)):
            confirm_designation(respondent=row, by=wrong)
    confirm_designation(respondent=row, by=manda)
    del dero._rights
    assert can(dero, May.SEE_CATALOGUE, on=root)
    with pytest.raises(ValidationError):
        confirm_designation(respondent=row, by=manda)


def test_the_recorder_never_confirms_even_as_mandatary(root, intrl):
    row = designate(branch=root, person=PersonFactory(), role=Role.DERO, by=intrl)
    RespondentFactory(person=intrl.person, branch=root, role=Role.MANDA)
    other_account = UserFactory(person=intrl.person)
    for account in (intrl, other_account):
        with pytest.raises(Refused):
            confirm_designation(respondent=row, by=account)


def test_ending_a_role_opens_revocations_and_withdraws_links(root, intrl):
    rcell = respondent_user(Role.RCELL, root)
    access = ProviderAccessFactory(branch=root, person=rcell.person)
    elsewhere = ProviderAccessFactory(person=rcell.person)
    link = InvitationFactory(branch=root, invited_by=rcell, role=Role.READER)
    row = rcell.person.respondents.get()
    end_role(respondent=row, by=intrl, reason="Départ")
    access.refresh_from_db()
    elsewhere.refresh_from_db()
    link.refresh_from_db()
    assert access.revocation_asked_on is not None
    assert elsewhere.revocation_asked_on is None
    assert link.revoked_at is not None
    assert not can(rcell, May.ORDER, on=root)
    with pytest.raises(ValidationError, match="pris fin"):
        end_role(respondent=row, by=intrl, reason="Encore")


def test_a_role_that_ends_later_shortens_its_links(root, intrl):
    rcell = respondent_user(Role.RCELL, root)
    link = InvitationFactory(branch=root, invited_by=rcell, role=Role.READER)
    later_on = database_clock() + timedelta(days=2)
    end_role(respondent=rcell.person.respondents.get(), by=intrl, reason="Congé", at=later_on)
    link.refresh_from_db()
    assert (link.revoked_at, link.expires_at) == (None, later_on)


def test_a_designation_to_come_is_retracted_not_ended(root, intrl):
    soon = database_clock() + timedelta(days=3)
    row = designate(branch=root, person=PersonFactory(), role=Role.FACTU, by=intrl, since=soon)
    with pytest.raises(ValidationError, match="pas commencé"):
        end_role(respondent=row, by=intrl, reason="Erreur")
    retract_designation(respondent=row, by=intrl, reason="Erreur")
    row.refresh_from_db()
    assert row.retracted_by == intrl
    held = designate(branch=root, person=PersonFactory(), role=Role.FACTU, by=intrl)
    with pytest.raises(ValidationError, match="commencé"):
        retract_designation(respondent=held, by=intrl, reason="Erreur")


def test_a_role_ends_after_it_begins(root, intrl):
    now = database_clock()
    with pytest.raises(ValidationError, match="suivre"):
        designate(
            branch=root,
            person=PersonFactory(),
            role=Role.FACTU,
            since=now,
            until=now - timedelta(days=1),
            by=intrl,
        )


def test_a_hand_over_leaves_no_gap_and_no_overlap(root, intrl):
    successor = UserFactory()
    row = intrl.person.respondents.get()
    next_one = hand_over_interlocutor(respondent=row, successor=successor.person, by=intrl)
    row.refresh_from_db()
    assert row.period.upper == next_one.period.lower
    assert can(successor, May.DESIGNATE, on=root)
    with pytest.raises(Unseen):
        designate(branch=root, person=PersonFactory(), role=Role.FACTU, by=intrl)


def test_only_the_holder_or_itq_hands_over(root, intrl):
    row = intrl.person.respondents.get()
    for by in (respondent_user(Role.RCELL, root), staff_user(StaffRole.AGENT)):
        with pytest.raises(Refused):
            hand_over_interlocutor(respondent=row, successor=PersonFactory(), by=by)
    with pytest.raises(ValidationError, match="autre personne"):
        hand_over_interlocutor(respondent=row, successor=intrl.person, by=intrl)


def test_itq_hands_over_on_written_designation_alone(root, intrl):
    row, admin = intrl.person.respondents.get(), staff_user(StaffRole.ADMIN)
    successor = UserFactory().person

    def hand_over(**act):
        return hand_over_interlocutor(respondent=row, successor=successor, by=admin, **act)

    for act, lacking in (
        ({}, {"act_reference", "act_file"}),
        ({"act_reference": "Lettre du 3 mai"}, {"act_file"}),
        ({"act_file": ACT}, {"act_reference"}),
        ({"act_reference": " ", "act_file": ACT}, {"act_reference"}),
    ):
        with pytest.raises(ValidationError, match="désignation écrite") as refused:
            hand_over(**act)
        assert set(refused.value.message_dict) == lacking
    assert list(Respondent.objects.effective().filter(role=Role.INTRL)) == [row]
    next_one = hand_over(act_reference="Lettre du 3 mai", act_file=ACT)
    assert (next_one.act_reference, next_one.recorded_by) == ("Lettre du 3 mai", admin)
    assert next_one.act_file.content_type == "application/pdf"


def test_itq_relieves_an_interlocutor_on_written_designation(root, intrl):
    admin = staff_user(StaffRole.ADMIN)
    newcomer = NewPerson("Ève", "Nouvelle", "eve@example.test")
    row = designate_interlocutor(
        branch=root, someone=newcomer, act_reference="Lettre du 3 mai", act_file=ACT, by=admin
    )
    assert row.act_file.content_type == "application/pdf"
    assert list(Respondent.objects.effective().filter(role=Role.INTRL)) == [row]
    assert Invitation.objects.get().email == "eve@example.test"


def test_a_new_person_is_invited_and_a_known_one_is_not(root, intrl):
    newcomer = NewPerson("Ève", "Nouvelle", "Eve@Example.test")
    row = designate_someone(branch=root, role=Role.RCELL, someone=newcomer, by=intrl)
    assert row.person.email == "eve@example.test"
    assert QueuedTask.objects.filter(task_name="members.send_invitation").count() == 1
    known = UserFactory().person
    designate_someone(branch=root, role=Role.RCELL, someone=known, by=intrl)
    assert Invitation.objects.count() == 1
    with pytest.raises(ValidationError, match="choisissez-la"):
        designate_someone(branch=root, role=Role.FACTU, someone=newcomer, by=intrl)


@pytest.mark.django_db(transaction=True)
def test_two_interlocutors_designated_at_once_make_one():
    branch = OrganisationFactory().branches.get()
    people = PersonFactory.create_batch(4)
    admin = staff_user(StaffRole.ADMIN)
    gate, said = threading.Barrier(len(people)), []

    def try_one(person):
        gate.wait()
        try:
            designate(branch=branch, person=person, role=Role.INTRL, by=admin)
            said.append("done")
        except ValidationError:
            said.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_one, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "refused", "refused", "refused"]
    assert Respondent.objects.filter(branch=branch).count() == 1


def test_the_database_itself_refuses_an_overlap(root, intrl):
    row = intrl.person.respondents.get()
    middle = row.period.lower + timedelta(days=5)
    with pytest.raises(Exception, match="one_interlocutor_at_any_instant"):
        RespondentFactory(branch=root, role=Role.INTRL, period=DateTimeTZRange(middle, None))


def test_a_revocation_of_a_root_role_reaches_the_subdivisions(root, intrl):
    below = root.organisation.branches.create(name="Police")
    rcell = respondent_user(Role.RCELL, root)
    ProviderAccessFactory(branch=below, person=rcell.person)
    end_role(respondent=rcell.person.respondents.get(), by=intrl, reason="Départ")
    assert ProviderAccess.objects.filter(revocation_asked_on=None).count() == 0
