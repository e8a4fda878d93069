"""Dead letters: who sees them, how they get a new life, and what the journal keeps of it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.actions.console import replay_tasks
from members.permissions import Refused
from members.queries.console import dead_letters
from members.roles import Role, StaffRole
from portal.clock import database_clock
from portal.models import AuditEvent, QueuedTask
from tests.members.factories import RespondentFactory, StaffAppointmentFactory, UserFactory
from tests.portal.factories import QueuedTaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    user = UserFactory()
    StaffAppointmentFactory(person=user.person, role=StaffRole.AGENT)
    return user


@pytest.fixture
def page(client, agent):
    client.force_login(agent, "allauth.account.auth_backends.AuthenticationBackend")
    return reverse("members:dead_letter_list")


def dead(**fields):
    return QueuedTaskFactory(
        dead_at=database_clock(), attempts=5, last_error="ValueError('mauvais')", **fields
    )


def test_a_dead_letter_gets_five_more_attempts_and_the_journal_says_who_gave_them(agent):
    letter = dead(kwargs={"order_id": 12})
    replay_tasks(tasks=[letter], by=agent)
    letter.refresh_from_db()
    assert (letter.dead_at, letter.attempts) == (None, 0)
    event = AuditEvent.objects.get(code="task.replayed")
    assert event.actor_id == agent.pk
    assert event.object_id == letter.pk
    assert event.data == {
        "task": "portal.ping",
        "attempts": 5,
        "error": "ValueError('mauvais')",
    }


def test_one_task_that_is_no_longer_dead_refuses_the_whole(agent):
    letter, alive = dead(), QueuedTaskFactory()
    with pytest.raises(ValidationError, match="Une autre personne"):
        replay_tasks(tasks=[letter, alive], by=agent)
    letter.refresh_from_db()
    assert letter.dead_at is not None
    assert not AuditEvent.objects.filter(code="task.replayed").exists()


def test_nothing_ticked_is_said(agent):
    with pytest.raises(ValidationError, match="Cochez"):
        replay_tasks(tasks=[], by=agent)


def test_a_representative_neither_sees_nor_replays_them():
    user = RespondentFactory(role=Role.RCELL).person
    account = UserFactory(person=user)
    with pytest.raises(Refused):
        dead_letters(account)
    with pytest.raises(Refused):
        replay_tasks(tasks=[dead()], by=account)


def test_the_page_shows_each_with_its_error_and_nothing_else(client, page):
    dead(kwargs={"order_id": 12})
    QueuedTaskFactory(task_name="members.sweep_grants")
    body = client.get(page).content.decode()
    assert "mauvais" in body
    assert "order_id 12" in body
    assert "members.sweep_grants" not in body


def test_those_ticked_are_replayed_from_the_page(client, page):
    ticked, left = dead(), dead()
    response = client.post(page, {"tasks": [ticked.pk]}, follow=True)
    assert "Tâches relancées\u00a0: 1." in response.content.decode()
    assert list(QueuedTask.objects.filter(dead_at__isnull=False)) == [left]


def test_the_page_says_what_to_do_when_nothing_is_ticked(client, page):
    dead()
    response = client.post(page, {})
    assert response.status_code == 422
    assert "Cochez au moins une tâche" in response.content.decode()


def test_a_task_that_is_alive_is_refused_by_the_page(client, page):
    letter, alive = dead(), QueuedTaskFactory()
    response = client.post(page, {"tasks": [letter.pk, alive.pk]})
    assert response.status_code == 422
    letter.refresh_from_db()
    assert letter.dead_at is not None
