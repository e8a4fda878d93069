"""Faults of a provider's mail server: it takes the message or nothing, and is silent (X-22)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from members.roles import StaffRole
from orders.actions.sending import settle_sending
from orders.kinds import OrderState
from orders.models import Dispatch, Order
from portal.models import AuditEvent, QueuedTask
from tests.faults.broker import submit
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually
from tests.members.factories import staff_user

SWEEPS = 3


class MailServer:
    """Speaks SMTP; counts what it was given, and falls silent where it is told to."""

    def __init__(self, port: int = 0) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self.listener.getsockname()[1])
        self.silent_from = "greeting"
        self.refused = ""
        self.connections = 0
        self.taken: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._speak, args=(client,), daemon=True).start()

    def _speak(self, client: socket.socket) -> None:
        """Answer each command until silence is asked for; then hold the connection open."""
        if self.silent_from == "greeting":
            return self._hold(client)
        with client, client.makefile("rwb") as line:
            line.write(b"220 ready\r\n")
            line.flush()
            for command in line:
                if self.refused and self.refused.encode() in command:
                    line.write(b"550 no such mailbox\r\n")
                    line.flush()
                    continue
                if command.strip().upper() == b"DATA":
                    line.write(b"354 go on\r\n")
                    line.flush()
                    self.taken.append(_message(line))
                    if self.silent_from == "acceptance":
                        return self._hold(client)
                line.write(b"250 OK\r\n")
                line.flush()
        return None

    def _hold(self, client: socket.socket) -> None:
        threading.Event().wait(60)
        client.close()


def _message(line) -> str:
    """Up to the final dot."""
    read = []
    for part in line:
        if part == b".\r\n":
            break
        read.append(part.decode())
    return "".join(read)


@contextmanager
def mail_server(stand: Stand) -> Iterator[MailServer]:
    """The worker sends to it instead of the folder of mails."""
    server = MailServer()
    stand.restart(stand.worker, FAULTS_SMTP_PORT=str(server.port))
    try:
        yield server
    finally:
        server.listener.close()
        stand.restart(stand.worker)


@fault(
    "X-22",
    "sending_unknown, never sent again by itself, settled by a person",
    unit="sent again",
    at_most=0,
)
def x_22(stand: Stand) -> float:
    with mail_server(stand) as server:
        unanswered = left_uncertain(stand, server, "greeting")
        accepted = left_uncertain(stand, server, "acceptance")
        expect(len(server.taken) == 1, f"{len(server.taken)} messages taken")
        connections = server.connections
        wait_for_sweeps(stand)
        again = server.connections - connections
        server.silent_from = "never"
        settle(stand, server, accepted, unanswered)
    return again


def left_uncertain(stand: Stand, server: MailServer, silent_from: str) -> Order:
    """Submit while the server is silent; the order waits for a person."""
    server.silent_from = silent_from
    order, _ = submit(stand)

    def is_uncertain() -> bool:
        order.refresh_from_db()
        return order.state == OrderState.SENDING_UNKNOWN

    eventually(is_uncertain, 60, f"silent from {silent_from}: order {order.state}")
    page = stand.browser().get(stand.address(order)).text
    expect("Transmission incertaine" in page, "the page does not say it is uncertain")
    return order


def wait_for_sweeps(stand: Stand) -> None:
    """Let the sweep drive whatever it would drive."""
    seen = stand.log(stand.worker).count("portal.sweep_queue")
    swept = lambda: stand.log(stand.worker).count("portal.sweep_queue") >= seen + 2 * SWEEPS  # noqa: E731
    eventually(swept, 60, "no sweep")
    promised = QueuedTask.objects.filter(done_at__isnull=True, task_name="orders.transmit")
    expect(not promised.exists(), "the sending is promised again")


def settle(stand: Stand, server: MailServer, accepted: Order, unanswered: Order) -> None:
    """ITQ asked the provider: one arrived, the other did not and goes again, once."""
    agent = staff_user(StaffRole.AGENT)
    settle_sending(order=accepted, arrived=True, note="Reçue, dit Mme Roy", by=agent)
    settle_sending(order=unanswered, arrived=False, note="Rien reçu", by=agent)

    def is_sent() -> bool:
        unanswered.refresh_from_db()
        return unanswered.state == OrderState.SENT

    eventually(is_sent, 30, "the order found unsent is not sent")
    accepted.refresh_from_db()
    expect(accepted.state == OrderState.SENT, f"the order found sent is {accepted.state}")
    for order, outcomes in ((accepted, ["sent"]), (unanswered, ["void", "sent"])):
        kept = list(
            Dispatch.objects.filter(order=order).order_by("pk").values_list("outcome", flat=True)
        )
        expect(kept == outcomes, f"dispatches {kept}")
        told = sum(f"Commande {order.number}" in text for text in server.taken)
        expect(told == 1, f"{order} was given {told} times")
    settled = AuditEvent.objects.filter(code__in=("order.found_sent", "order.found_unsent"))
    expect(settled.count() == 2, "the journal does not say who settled")
