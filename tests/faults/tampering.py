"""Attacks on the journal, as the application (refused) and as the owner (told, located) (X-30)."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError, connection, transaction

from orders.actions.submission import submit_order
from portal.journal import GENESIS, chain_events, heads_file, heads_written, link_hash, write_head
from portal.models import AuditEvent, JournalLink, JournalPending
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand

TABLES = ("portal_auditevent", "portal_journallink", "portal_journalpending")
AS_APPLICATION = (
    "UPDATE portal_auditevent SET data = '{}'",
    "DELETE FROM portal_auditevent",
    "TRUNCATE portal_auditevent",
    "UPDATE portal_journallink SET sha256 = ''",
    "DELETE FROM portal_journallink",
    "TRUNCATE portal_journallink",
    "ALTER TABLE portal_auditevent DISABLE TRIGGER USER",
    "ALTER TABLE portal_journallink DISABLE TRIGGER ALL",
    "DROP TRIGGER pgtrigger_append_only_2e7be ON portal_auditevent",
    "ALTER FUNCTION pgtrigger_append_only_2e7be() RENAME TO mine",
    "CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE RULE mine AS ON INSERT TO portal_auditevent DO INSTEAD NOTHING",
    "SET session_replication_role = replica",
    "SET ROLE portal_owner",
    "DROP TABLE portal_journallink",
)

Attack = Callable[[psycopg.Cursor, "Chain"], str]


class Chain:
    """The journal before an attack: a link in its middle, the next one, the last."""

    def __init__(self) -> None:
        self.links = list(JournalLink.objects.order_by("position"))
        self.heads = [int(line.split(" ")[1]) for line in heads_written()]
        self.middle, self.next = self.links[self.heads[1] : self.heads[1] + 2]
        self.last = self.links[-1]


@fault(
    "X-30", "refused to the application, told and located of the owner", unit="missed", at_most=0
)
def x_30(stand: Stand) -> float:
    stand.beat.stop()  # the keeper waits while the chain is examined
    for _ in range(4):
        submit_order(order=stand.draft(), by=stand.world.alice, attested=True)
        chain_events()
        write_head()
    told = verified()
    expect(told[0] == 0, f"the journal before any attack: {told[1]}")
    for statement in AS_APPLICATION:
        expect(refused(statement), f"the application may: {statement}")
    missed = [attack.__name__ for attack in ATTACKS if not located(stand, attack)]
    expect(not missed, f"missed: {missed}")
    expect(verified()[0] == 0, "the journal after the attacks were undone")
    return len(missed)


def refused(statement: str) -> bool:
    """Whether the application's role is stopped, for want of the right."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)
    return False


def verified() -> tuple[int, str]:
    """What `manage.py verify_journal` answers."""
    answer = subprocess.run(
        [sys.executable, "manage.py", "verify_journal"], capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout


def located(stand: Stand, attack: Attack) -> bool:
    """Attack, verify, undo; whether the break was told where it is."""
    with undone(stand) as cursor:
        where = attack(cursor, Chain())
        cursor.connection.commit()
        code, told = verified()
    if code != 1 or where not in told:
        print(f"{attack.__name__}: « {where} » is not in: {told}", file=sys.stderr)
    return code == 1 and where in told


@contextmanager
def undone(stand: Stand) -> Iterator[psycopg.Cursor]:
    """The owner's hands, triggers off; afterwards every row and every head is as before."""
    heads = heads_file().read_bytes()
    with stand.owner() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in TABLES:
            cursor.execute(f"TRUNCATE {table}")
            cursor.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE kept_{table}")
            cursor.execute(f"DROP TABLE kept_{table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.connection.commit()
    heads_file().write_bytes(heads)


def byte_changed(cursor: psycopg.Cursor, chain: Chain) -> str:
    cursor.execute(
        "UPDATE portal_auditevent SET actor_label = actor_label || '.' WHERE id = %s",
        [chain.middle.event_id],
    )
    return f"événement {chain.middle.event_id} altéré (position {chain.middle.position})"


def instant_changed(cursor: psycopg.Cursor, chain: Chain) -> str:
    cursor.execute(
        "UPDATE portal_auditevent SET recorded_at = recorded_at - interval '1 microsecond' "
        "WHERE id = %s",
        [chain.middle.event_id],
    )
    return f"événement {chain.middle.event_id} altéré (position {chain.middle.position})"


def event_deleted(cursor: psycopg.Cursor, chain: Chain) -> str:
    cursor.execute("DELETE FROM portal_auditevent WHERE id = %s", [chain.middle.event_id])
    return f"événement {chain.middle.event_id} absent (position {chain.middle.position})"


def event_and_link_deleted(cursor: psycopg.Cursor, chain: Chain) -> str:
    event_deleted(cursor, chain)
    cursor.execute("DELETE FROM portal_journallink WHERE position = %s", [chain.middle.position])
    return f"positions {chain.middle.position} à {chain.middle.position}"


def gap_closed(cursor: psycopg.Cursor, chain: Chain) -> str:
    """The links that follow are numbered again over the hole."""
    event_and_link_deleted(cursor, chain)
    for link in chain.links[chain.middle.position :]:
        cursor.execute(
            "UPDATE portal_journallink SET position = %s WHERE position = %s",
            [link.position - 1, link.position],
        )
    return f"événement {chain.next.event_id} altéré (position {chain.middle.position})"


def tail_cut(cursor: psycopg.Cursor, chain: Chain) -> str:
    cursor.execute("DELETE FROM portal_auditevent WHERE id >= %s", [chain.last.event_id])
    cursor.execute("DELETE FROM portal_journallink WHERE position = %s", [chain.last.position])
    return f"queue coupée : le registre externe dit {chain.last.position}"


def tail_cut_then_grown(cursor: psycopg.Cursor, chain: Chain) -> str:
    """The keeper goes on over the cut, with other events."""
    tail_cut(cursor, chain)
    cursor.execute(
        "INSERT INTO portal_auditevent (code, actor_label, hat, object_type, object_id, "
        "object_label, data) VALUES ('x.y', 'x', '', 'x', 1, 'x', '{}') RETURNING id"
    )
    cursor.execute("INSERT INTO portal_journalpending VALUES (%s)", cursor.fetchone())
    cursor.connection.commit()
    chain_events()
    return f"et {chain.last.position}"


def rows_swapped(cursor: psycopg.Cursor, chain: Chain) -> str:
    """Two events exchange what they say."""
    columns = "code, actor_id, actor_label, hat, branch_id, object_type, object_id, object_label"
    columns += ", data, recorded_at"
    cursor.execute(
        f"UPDATE portal_auditevent a SET ({columns}) = (SELECT {columns} FROM portal_auditevent b "
        "WHERE b.id = %(one)s + %(two)s - a.id) WHERE a.id IN (%(one)s, %(two)s)",
        {"one": chain.middle.event_id, "two": chain.next.event_id},
    )
    return f"événement {chain.next.event_id} altéré (position {chain.next.position})"


def links_swapped(cursor: psycopg.Cursor, chain: Chain) -> str:
    """Two links exchange their places."""
    places = [(-1, chain.middle), (chain.middle.position, chain.next)]
    for place, link in places:
        cursor.execute(
            "UPDATE portal_journallink SET position = %s WHERE position = %s",
            [place, link.position],
        )
    cursor.execute(
        "UPDATE portal_journallink SET position = %s WHERE position = -1", [chain.next.position]
    )
    return f"événement {chain.next.event_id} altéré (position {chain.middle.position})"


def chain_made_again(cursor: psycopg.Cursor, chain: Chain) -> str:
    """An event is changed and every hash after it made again: only the heads outside know."""
    byte_changed(cursor, chain)
    cursor.connection.commit()
    previous = GENESIS
    for link in chain.links:
        previous = link_hash(previous, link.position, AuditEvent.objects.get(pk=link.event_id))
        cursor.execute(
            "UPDATE portal_journallink SET sha256 = %s WHERE position = %s",
            [previous, link.position],
        )
    return f"chaîne réécrite entre les positions {chain.heads[1] + 1} et {chain.heads[2]}"


def event_slipped_in(cursor: psycopg.Cursor, chain: Chain) -> str:
    """Written with the trigger off."""
    cursor.execute(
        "INSERT INTO portal_auditevent (code, actor_label, hat, object_type, object_id, "
        "object_label, data) VALUES ('x.y', 'x', '', 'x', 1, 'x', '{}') RETURNING id"
    )
    (pk,) = cursor.fetchone() or (0,)
    return f"événement {pk} hors de la chaîne"


def wait_emptied(cursor: psycopg.Cursor, chain: Chain) -> str:
    """An event is taken out of the keeper's sight: the application itself may delete a wait."""
    where = event_slipped_in(cursor, chain)
    cursor.connection.commit()
    JournalPending.objects.all().delete()
    chain_events()
    return where


def deleted_before_its_link(cursor: psycopg.Cursor, chain: Chain) -> str:
    """An event that the keeper has not seen yet."""
    cursor.execute("INSERT INTO portal_journalpending VALUES (%s)", [10**9])
    cursor.connection.commit()
    chain_events()
    return f"événement {10**9} attendu par la chaîne, absent"


def heads_removed(cursor: psycopg.Cursor, chain: Chain) -> str:
    heads_file().unlink()
    return "registre externe absent"


def head_changed(cursor: psycopg.Cursor, chain: Chain) -> str:
    heads_file().write_text(heads_file().read_text().replace("a", "b"))
    return "chaîne réécrite entre les positions 1 et"


ATTACKS: tuple[Attack, ...] = (
    byte_changed,
    instant_changed,
    event_deleted,
    event_and_link_deleted,
    gap_closed,
    tail_cut,
    tail_cut_then_grown,
    rows_swapped,
    links_swapped,
    chain_made_again,
    event_slipped_in,
    wait_emptied,
    deleted_before_its_link,
    heads_removed,
    head_changed,
)
