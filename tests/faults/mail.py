"""The portal's own mails when their server is down, slow, or refuses one address (X-21)."""

import time
from email import message_from_string

from members.actions.messages import write_to_member
from members.roles import Role, StaffRole
from orders.kinds import OrderState
from portal.models import ClockTimestamp, QueuedTask
from portal.queue import hint
from tests.faults.broker import submit
from tests.faults.provider import MailServer
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually, free_port
from tests.members.factories import UserFactory, respondent_user, staff_user

EACH = "members.send_message_to"


@fault(
    "X-21",
    "business unaffected; each mail retried for a day under one message-id; a refused address "
    "stops no other",
    unit="message-ids a mail",
    at_most=1,
)
def x_21(stand: Stand) -> float:
    port = free_port()
    stand.restart(stand.worker, FAULTS_SMTP_PORT=str(port))
    server = None
    try:
        well, unwell = tell_two(stand)
        order, _ = submit(stand)
        order.refresh_from_db()
        expect(order.state == OrderState.SUBMITTED, f"server down: the order is {order.state}")
        wait_for_errors("ConnectionRefusedError", 2)
        server = MailServer(port)
        server.silent_from, server.refused = "acceptance", unwell
        again(well)
        eventually(lambda: told(server, well), 30, "the slow server was given nothing")
        wait_for_errors("timed out", 1)
        server.silent_from = "never"
        again(well, unwell)
        eventually(lambda: done(well), 60, "the other address waits for the one refused")
        wait_for_errors("SMTPRecipientsRefused", 1)
        expect(not told(server, unwell), "the refused address was given its mail")
        server.refused = ""
        again(unwell)
        eventually(lambda: done(unwell), 60, "the mail refused once never left")
        expect(len(told(server, well)) == 2, f"{len(told(server, well))} deliveries, not 2")
        counted = [len(set(told(server, address))) for address in (well, unwell)]
        expect(told(server, well)[0] != told(server, unwell)[0], "two mails, one message-id")
    finally:
        if server:
            server.listener.close()
        stand.restart(stand.worker)
    return max(counted)


def tell_two(stand: Stand) -> tuple[str, str]:
    """A message of ITQ to an interlocutor who has two addresses."""
    intrl = respondent_user(Role.INTRL, stand.world.root)
    other = UserFactory(person=intrl.person)
    write_to_member(
        branch=stand.world.root, subject="Avis", body="…", by=staff_user(StaffRole.AGENT)
    )
    promised = QueuedTask.objects.filter(task_name=EACH)
    eventually(lambda: promised.count() == 2, 30, "not one promise an address")
    return intrl.email, other.email


def row_of(address: str) -> QueuedTask:
    return QueuedTask.objects.get(task_name=EACH, kwargs__address=address)


def done(address: str) -> bool:
    return row_of(address).done_at is not None


def wait_for_errors(error: str, count: int) -> None:
    """So many mails failed that way, wait, and lost no attempt."""
    rows = QueuedTask.objects.filter(task_name=EACH, lease=None, last_error__contains=error)
    eventually(lambda: rows.count() >= count, 60, f"no {error}")
    for row in rows:
        expect(row.dead_at is None and row.attempts == 0, f"{row}: {row.attempts} attempts")


def again(*addresses: str) -> None:
    """The waits between tries (15 s at least) are cut short."""
    for address in addresses:
        eventually(lambda address=address: row_of(address).lease is None, 30, "still leased")
        pk = row_of(address).pk
        QueuedTask.objects.filter(pk=pk).update(due_at=ClockTimestamp())
        hint(pk)
        time.sleep(0.1)


def told(server: MailServer, address: str) -> list[str]:
    """The message-ids of the mails given for an address."""
    mails = [message_from_string(text) for text in server.taken]
    return [str(mail["Message-ID"]) for mail in mails if mail["To"] == address]
