"""The journal's chain: linked by one keeper, its head written outside, each break located."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from members.events import TASK_REPLAYED
from portal.audit import SYSTEM, record
from portal.journal import (
    EVENT_FIELDS,
    GENESIS,
    KEEPER_LOCK,
    chain_events,
    heads_file,
    heads_written,
    link_hash,
    write_head,
)
from portal.journal_check import journal_faults
from portal.models import AuditEvent, JournalLink, JournalPending
from tests.members.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
EVENT = AuditEvent(
    id=7,
    code="order.sent",
    actor_id=3,
    actor_label="Éric Côté",
    hat="Représentant cellulaire",
    branch_id=2,
    object_type="orders.order",
    object_id=5,
    object_label="C-2026-00005",
    data={"mode": "email", "amount": "58.50"},
    recorded_at=datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
)


@pytest.fixture
def as_owner():
    """Run statements as the owner, past the triggers."""

    def execute(*statements):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("RESET ROLE")
            for table in ("portal_auditevent", "portal_journallink"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)
            for table in ("portal_auditevent", "portal_journallink"):
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute("SET ROLE portal_app")

    return execute


def events(number):
    organisation = OrganisationFactory()
    return [record(TASK_REPLAYED, by=SYSTEM, on=organisation, n=n) for n in range(number)]


def test_the_hash_of_an_event_never_changes():
    told = link_hash(GENESIS, 1, EVENT)
    assert told == "be41c01c3fce2ea04736febe0c654cc86ac3344396c99a938cb09fa1a440e7a2"


@pytest.mark.parametrize("name", [*EVENT_FIELDS, "recorded_at"])
def test_every_field_of_an_event_is_in_its_hash(name):
    fields = {field: getattr(EVENT, field) for field in [*EVENT_FIELDS, "recorded_at"]}
    other = {"data": {}, "recorded_at": datetime(2026, 3, 8, 7, 30, 0, 1, tzinfo=UTC)}
    fields[name] = other.get(name, 999 if isinstance(fields[name], int) else "autre")
    assert link_hash(GENESIS, 1, AuditEvent(**fields)) != link_hash(GENESIS, 1, EVENT)


def test_the_place_and_what_comes_before_are_in_the_hash():
    assert (
        len({link_hash(GENESIS, 1, EVENT), link_hash(GENESIS, 2, EVENT), link_hash("1", 1, EVENT)})
        == 3
    )


def test_the_keeper_links_what_waits_once_and_in_order():
    recorded = events(3)
    assert chain_events() == 3
    assert chain_events() == 0
    recorded += events(2)
    chain_events()
    links = JournalLink.objects.order_by("position").values_list("position", "event_id")
    assert list(links) == [(n, event.pk) for n, event in enumerate(recorded, start=1)]
    assert not JournalPending.objects.exists()
    assert list(journal_faults()) == []


def test_a_second_keeper_does_nothing(other_session):
    events(1)
    other_session.execute("SELECT pg_advisory_lock(%s)", [KEEPER_LOCK])
    assert chain_events() == 0
    other_session.execute("SELECT pg_advisory_unlock(%s)", [KEEPER_LOCK])
    assert chain_events() == 1


@pytest.mark.parametrize("table", ["portal_auditevent", "portal_journallink"])
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = 0", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_has_no_right_to_change_the_journal(act, table):
    column = "actor_id" if table == "portal_auditevent" else "position"
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(act.format(table, column))


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        (
            "UPDATE portal_auditevent SET hat = 'x' WHERE id = {1}",
            "événement {1} altéré (position 2)",
        ),
        ("DELETE FROM portal_auditevent WHERE id = {1}", "événement {1} absent (position 2)"),
        ("DELETE FROM portal_journallink WHERE position IN (2, 3)", "positions 2 à 3"),
        (
            "UPDATE portal_journallink SET sha256 = repeat('0', 64) WHERE position = 3",
            "événement {2} altéré (position 3)",
        ),
        ("DELETE FROM portal_journallink WHERE position > 3", "le registre externe dit 5"),
        ("DELETE FROM portal_journallink", "le registre externe dit 1"),
    ],
)
def test_a_break_is_told_where_it_is(as_owner, statement, where):
    ids = [event.pk for event in events(1)]
    chain_events()
    ids += [event.pk for event in events(4)]
    chain_events()
    write_head()
    as_owner(statement.format(*ids))
    told = list(journal_faults())
    assert any(where.format(*ids) in fault for fault in told), told


def test_a_chain_made_again_is_told_between_two_heads(as_owner):
    recorded = []
    for _ in range(3):
        recorded += events(2)
        chain_events()
        write_head()
    as_owner(f"UPDATE portal_auditevent SET hat = 'x' WHERE id = {recorded[2].pk}")
    previous = GENESIS
    for link in JournalLink.objects.order_by("position"):
        previous = link_hash(previous, link.position, AuditEvent.objects.get(pk=link.event_id))
        as_owner(
            f"UPDATE portal_journallink SET sha256 = '{previous}' WHERE position = {link.position}"
        )
    assert list(journal_faults()) == ["chaîne réécrite entre les positions 3 et 4"]


def test_an_event_taken_out_of_the_wait_is_told():
    (event,) = events(1)
    JournalPending.objects.all().delete()
    assert chain_events() == 0
    assert list(journal_faults()) == [f"événement {event.pk} hors de la chaîne"]


def test_an_event_deleted_before_its_link_is_told_and_stops_nobody(as_owner):
    first, second = events(2)
    as_owner(f"DELETE FROM portal_auditevent WHERE id = {first.pk}")
    assert chain_events() == 1
    assert JournalLink.objects.get().event_id == second.pk
    assert list(journal_faults()) == [f"événement {first.pk} attendu par la chaîne, absent"]


def test_the_register_outside_begins_with_the_chain_and_says_each_head_once():
    assert write_head() is None
    events(1)
    chain_events()
    assert len(heads_written()) == 1
    assert write_head() is None
    events(1)
    chain_events()
    assert write_head()
    assert [line.split(" ")[1] for line in heads_written()] == ["1", "2"]


def test_a_register_absent_or_unreadable_is_told():
    events(1)
    chain_events()
    heads_file().write_text("n'importe quoi\n")
    assert "illisible" in next(journal_faults())
    heads_file().unlink()
    assert "registre externe absent" in next(journal_faults())
