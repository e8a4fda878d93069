"""What passes through INTRL (R-07)."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from members.actions.messages import (
    authorise_writing,
    end_authorisation,
    handle_message,
    see_copy,
    send_to_itq,
    write_to_member,
)
from members.permissions import Refused
from members.queries.inbox import inbox_items
from members.queries.messages import messages_of, writable_branches
from members.roles import Role
from members.tasks import send_message
from portal.models import QueuedTask
from tests.members.factories import (
    AdministeringBodyFactory,
    BranchFactory,
    OrganisationFactory,
    respondent_user,
    staff_user,
)
from tests.posting import post_mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


@pytest.fixture
def rcell(root):
    return respondent_user(Role.RCELL, root)


def written(by, branch, subject="Question"):
    return send_to_itq(branch=branch, subject=subject, body="Bonjour", by=by)


def titles(user):
    return {item.title for item in inbox_items(user)}


def test_a_representative_writes_only_when_authorised_and_copied(root, intrl, rcell):
    with pytest.raises(Refused, match="autorisé"):
        written(rcell, root)
    authorisation = authorise_writing(respondent=rcell.person.respondents.get(), by=intrl)
    message = written(rcell, root, "Une copie")
    assert "Une copie" in titles(intrl)
    see_copy(message=message, by=intrl)
    assert "Une copie" not in titles(intrl)
    end_authorisation(authorisation=authorisation, by=intrl)
    with pytest.raises(Refused, match="autorisé"):
        written(rcell, root)


def test_an_authorisation_over_the_root_covers_its_subdivisions(root, intrl, rcell):
    below = BranchFactory(organisation=root.organisation)
    other = respondent_user(Role.RCELL, below)
    authorise_writing(respondent=rcell.person.respondents.get(), by=intrl)
    assert set(writable_branches(rcell, root.organisation)) == {root, below}
    assert writable_branches(other, root.organisation) == []
    with pytest.raises(ValidationError, match="déjà autorisée"):
        authorise_writing(respondent=rcell.person.respondents.get(), by=intrl)


def test_nobody_else_is_authorised(root, intrl):
    factu = respondent_user(Role.FACTU, root)
    with pytest.raises(ValidationError, match="Seuls"):
        authorise_writing(respondent=factu.person.respondents.get(), by=intrl)


def test_itq_answers_and_the_answer_enters_the_interlocutor_s_inbox(root, intrl):
    AdministeringBodyFactory()
    agent = staff_user()
    message = written(intrl, root)
    assert "Question" in titles(agent)
    with pytest.raises(Refused):
        write_to_member(branch=root, subject="x", body="x", by=intrl)
    answer = write_to_member(
        branch=root, subject="RE : Question", body="Voici", in_reply_to=message, by=agent
    )
    message.refresh_from_db()
    assert message.handled_by == agent
    assert "RE : Question" in titles(intrl)
    handle_message(message=answer, by=intrl)
    assert "RE : Question" not in titles(intrl)
    with pytest.raises(ValidationError):
        handle_message(message=answer, by=intrl)


def test_a_representative_sees_their_own_messages_and_the_answers(root, intrl, rcell):
    authorise_writing(respondent=rcell.person.respondents.get(), by=intrl)
    hidden, mine = written(intrl, root), written(rcell, root)
    answer = write_to_member(branch=root, subject="RE", body="x", in_reply_to=mine, by=staff_user())
    assert set(messages_of(rcell, root.organisation)) == {mine, answer}
    assert set(messages_of(intrl, root.organisation)) == {hidden, mine, answer}


def test_addressees_are_told_by_mail_without_the_text(root, intrl):
    AdministeringBodyFactory()
    message = written(intrl, root)
    answer = write_to_member(branch=root, subject="Avis", body="Secret", by=staff_user())
    for row in (message, answer):
        send_message(message_id=row.pk)
    post_mails()
    assert [m.to for m in mail.outbox] == [["conseillers@example.test"], [intrl.email]]
    assert all("Secret" not in m.body and "Bonjour,\n" in m.body for m in mail.outbox)
    assert QueuedTask.objects.filter(task_name="members.send_message").count() == 2


def test_without_an_interlocutor_itq_is_told_and_nobody_is_mailed(root):
    agent = staff_user()
    assert "Organismes sans interlocuteur : 1" in titles(agent)
    answer = write_to_member(branch=root, subject="Avis", body="x", by=agent)
    send_message(message_id=answer.pk)
    post_mails()
    assert not mail.outbox
