"""Faults of the broker: away, deaf, emptied (X-05, X-06, X-07)."""

import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from html import unescape
from statistics import median

import redis
from allauth.account.adapter import get_adapter
from django.core.cache import cache

from orders.kinds import OrderState
from orders.models import Dispatch, Order
from portal.models import QueuedTask
from portal.queue import later
from tests.faults.browser import Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually, frozen
from tests.members.factories import UserFactory

SIGN_IN, PASSWORD, WRONG = "/compte/login/", "une longue phrase de passe", -1


def submit(stand: Stand) -> tuple[Order, float]:
    """Submit a draft from its page; the order and how long the answer took."""
    order, alice = stand.draft(), stand.browser()
    page, action = stand.address(order), stand.address(order, "soumettre")
    answer = alice.post(action, {**alice.form(page, action), "attested": "on"})
    expect(answer.status == 302, f"submission answered {answer.status}")
    expect(answer.location == page, f"submission leads to {answer.location}")
    shown = alice.get(page).text
    expect("transmission en attente" in shown, "the page does not say it is recorded")
    return order, answer.seconds


def sent_once(stand: Stand, order: Order, seconds: float = 60) -> float:
    """Wait for ``sent``, then count: one dispatch, one message, no promise left."""

    def is_sent() -> bool:
        order.refresh_from_db()
        return order.state == OrderState.SENT

    took = eventually(is_sent, seconds, f"order {order.state}, not sent")
    outcomes = list(Dispatch.objects.filter(order=order).values_list("outcome", flat=True))
    expect(outcomes == ["sent"], f"dispatches: {outcomes}")
    expect(stand.mails(order) == 1, f"{stand.mails(order)} messages")
    return took


@fault("X-05", "recorded without the broker, sent once when back", unit="s more", at_most=1)
def x_05(stand: Stand) -> float:
    usual = median(submit(stand)[1] for _ in range(3))
    longest = 0.0
    for away in (killed, deaf):
        with away(stand):
            order, seconds = submit(stand)
            order.refresh_from_db()
            expect(order.state == OrderState.SUBMITTED, f"order {order.state}")
            waiting = QueuedTask.objects.filter(done_at=None, kwargs={"order_id": order.pk})
            expect(waiting.count() == 1, f"{waiting.count()} promises wait")
            stand.is_said_down("Le courtier ne répond pas")
        sent_once(stand, order)
        longest = max(longest, seconds - usual)
    return longest


@contextmanager
def killed(stand: Stand):
    """No broker at all."""
    stand.valkey.kill()
    yield
    stand.valkey.start()


def deaf(stand: Stand) -> AbstractContextManager[None]:
    """A broker that takes connections and says nothing."""
    assert stand.valkey.process.popen
    return frozen(stand.valkey.process.popen.pid)


@fault("X-06", "sign-in works without the broker; guesses stay counted", unit="guesses", at_most=5)
def x_06(stand: Stand) -> float:
    with killed(stand):
        alice, bob = signed_up("alice"), signed_up("bob")
        wrong = [guess(stand, alice, f"wrong {n}") for n in range(8)]
        with ThreadPoolExecutor(10) as threads:
            at_once = [threads.submit(guess, stand, alice, f"at once {n}") for n in range(12)]
            wrong += [attempt.result() for attempt in at_once]
        cache.set_many({f"flood-{n}": n for n in range(500)})  # what a visitor can make us store
        refused = guess(stand, alice, PASSWORD)
        expect(refused != 302, "the right password passes after the limit")
        flood = [guess(stand, f"nobody{n}@example.test", "wrong") for n in range(30)]
        expect(429 in flood, f"one address guesses on and on: {Counter(flood)}")
        cache.clear()  # a minute later
        expect(guess(stand, bob, PASSWORD) == 302, "sign-in does not work without the broker")
    return wrong.count(WRONG)


def signed_up(name: str) -> str:
    """The e-mail of an account with a password."""
    user = UserFactory(factor=False)
    user.set_password(PASSWORD)
    user.save()
    return str(user.email)


def guess(stand: Stand, email: str, password: str) -> int:
    """The answer's status; WRONG when the password was looked at."""
    visitor = Browser(stand.port)
    fields = visitor.form(SIGN_IN, SIGN_IN)
    answer = visitor.post(SIGN_IN, {**fields, "login": email, "password": password})
    looked_at = str(get_adapter().error_messages["email_password_mismatch"])
    return WRONG if looked_at in unescape(answer.text) else answer.status


@fault("X-07", "what waited in the broker is published again, run once", unit="s", at_most=60)
def x_07(stand: Stand) -> float:
    return max(lost(stand, loss) for loss in (flushed, restarted_empty, restarted))


def lost(stand: Stand, loss: Callable[[Stand], None]) -> float:
    """Promise, lose what the broker holds while it works, and wait until all is done."""
    name = loss.__name__
    rows = [later("faults.work", mark=f"{name} {n:02}", seconds=0.5) for n in range(16)]
    eventually(lambda: stand.effects(f"{name} 00 began"), 15, "the work did not begin")
    loss(stand)
    open_rows = QueuedTask.objects.filter(pk__in=[row.pk for row in rows], done_at=None)
    expect(open_rows.count() > 5, "the loss came too late")
    took = eventually(lambda: not open_rows.exists(), 90, f"{name}: work is lost")
    began = Counter(
        line.split(" began")[0] for line in stand.effects(f"{name} ") if "began" in line
    )
    expect(set(began.values()) == {1} and len(began) == 16, f"{name}: {began}")
    return took


def flushed(stand: Stand) -> None:
    """Everything is erased, the broker stays."""
    redis.Redis(unix_socket_path=str(stand.valkey.socket)).flushall()


def restarted(stand: Stand) -> None:
    """It crashes and comes back with what its file kept."""
    stand.valkey.kill()
    stand.valkey.start()


def restarted_empty(stand: Stand) -> None:
    """It crashes and comes back with nothing."""
    stand.valkey.kill()
    shutil.rmtree(stand.valkey.data)
    stand.valkey.start()
