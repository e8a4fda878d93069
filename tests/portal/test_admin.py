"""The console over the ground: the journal in French, its chain, the queue's filters."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.events import TASK_REPLAYED
from members.roles import StaffRole
from portal.audit import SYSTEM, record
from portal.clock import database_clock
from portal.journal import chain_events, write_head
from portal.journal_check import chain_tail
from portal.models import AuditEvent, ClockTimestamp, JournalLink
from portal.queue import LATE, queue_state
from tests.members.factories import OrganisationFactory, StaffAppointmentFactory, UserFactory
from tests.portal.factories import QueuedTaskFactory

pytestmark = pytest.mark.django_db
CHAIN = "admin:portal_auditevent_chain"
RENAMED = (
    "portal_auditevent",
    "UPDATE portal_auditevent SET actor_label = 'Autre' WHERE id = %s",
)


@pytest.fixture
def agent(client):
    user = UserFactory()
    StaffAppointmentFactory(person=user.person, role=StaffRole.AGENT)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return user


@pytest.fixture
def tamper():
    """Change a row as the owner, past the trigger that protects it."""

    def change(table, sql, *values):
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql, values)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute("SET ROLE portal_app")

    return change


def events(number):
    organisation = OrganisationFactory()
    return [record(TASK_REPLAYED, by=SYSTEM, on=organisation, n=n) for n in range(number)]


def test_a_whole_chain_says_so(client, agent):
    events(3)
    chain_events()
    body = client.get(reverse(CHAIN)).content.decode()
    assert "La fin de la chaîne est entière" in body
    assert "1 à 3" in body


def test_an_altered_event_shows(client, agent, tamper):
    altered = events(3)[1]
    chain_events()
    tamper(*RENAMED, altered.pk)
    body = client.get(reverse(CHAIN)).content.decode()
    assert "Le journal a été altéré" in body
    assert f"événement {altered.pk} altéré (position 2)" in body


def test_a_cut_tail_shows_against_the_head_written_outside(tamper):
    events(3)
    chain_events()
    write_head()
    tamper("portal_journallink", "DELETE FROM portal_journallink WHERE position = 3")
    assert any("queue coupée" in fault for fault in chain_tail().faults)


def test_only_the_end_of_a_long_chain_is_read():
    events(6)
    chain_events()
    with CaptureQueriesContext(connection) as seen:
        tail = chain_tail(size=2)
    assert (tail.first, tail.last, tail.faults) == (5, 6, [])
    assert len(seen) <= 5


def test_a_break_before_the_end_read_is_left_to_the_command(tamper):
    first = events(6)[0]
    chain_events()
    tamper(*RENAMED, first.pk)
    assert chain_tail(size=2).faults == []
    assert chain_tail(size=6).faults


def test_the_journal_speaks_french_and_shows_what_an_act_told(client, agent):
    event = events(1)[0]
    sheet = client.get(reverse("admin:portal_auditevent_change", args=[event.pk])).content.decode()
    assert "Tâche abandonnée relancée" in sheet
    assert "Le portail" in sheet
    assert "<code>n</code>\u00a0: 0" in sheet
    assert reverse("admin:members_organisation_change", args=[event.object_id]) in sheet


def test_the_journal_is_narrowed_by_act(client, agent):
    events(2)
    AuditEvent.objects.create(
        code="order.sent", actor_label="x", object_type="y", object_id=1, object_label="z"
    )
    address = reverse("admin:portal_auditevent_changelist")
    assert client.get(address).context["listed"].result_count == 3
    assert client.get(address, {"acte": "order.sent"}).context["listed"].result_count == 1


def test_the_queue_tells_what_waits_runs_is_late_and_was_given_up(client, agent):
    now = ClockTimestamp()
    QueuedTaskFactory()
    QueuedTaskFactory(due_at=database_clock() - 2 * LATE)
    QueuedTaskFactory(lease="12345678-1234-5678-1234-567812345678", leased_until=now + LATE)
    QueuedTaskFactory.create_batch(2, dead_at=now)
    QueuedTaskFactory(done_at=now)
    state = queue_state()
    assert (state.waiting, state.late, state.running, state.dead) == (1, 1, 1, 2)
    address = reverse("admin:portal_queuedtask_changelist")
    told = {"waiting": 1, "late": 1, "running": 1, "dead": 2, "done": 1}
    for code, count in told.items():
        assert client.get(address, {"etat": code}).context["listed"].result_count == count
    assert JournalLink.objects.count() == 0
