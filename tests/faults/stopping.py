"""Stopping under load: the web one after the other, then the worker (X-26)."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from launcher import run
from launcher.choices import Choices
from launcher.processes import Process
from orders.models import Order
from portal.queue import later
from tests.faults.browser import Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually, free_port
from tests.faults.submission import extra_effects, shown
from tests.faults.worker import done

VISITORS = 6
PATIENCE = 30  # seconds that a stop may take


class Balancer:
    """Two processes behind one door: the next is asked when nobody listens at the first."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.told: Counter[object] = Counter()
        self.over = threading.Event()

    def ask(self, browser: Browser, method: str, path: str, body: str | None = None) -> int:
        """The status; what fails otherwise than by a refused connection is counted as it is."""
        for port in self.ports * 20:
            browser.port = port
            try:
                status = browser.ask(method, path, body).status
            except ConnectionRefusedError:
                time.sleep(0.05)
                continue
            except OSError as error:
                status = type(error).__name__
            self.told[status] += 1
            return status
        self.told["nobody listens"] += 1
        return 0


@fault("X-26", "in-flight work finishes or resumes, no failed request", unit="failed", at_most=0)
def x_26(stand: Stand) -> float:
    failed = web_one_after_the_other(stand)
    worker_while_it_works(stand)
    return failed


def web_one_after_the_other(stand: Stand) -> int:
    """Stop and start each of two processes under six visitors; how many requests failed."""
    choices = Choices("127.0.0.1", free_port())
    command = [part.replace(f":{stand.port}", f":{choices.port}") for part in stand.web.command]
    log = stand.web.log.with_name("second-web.log")
    second = Process("Second web", command, log, env=stand.portal.env, cwd=stand.web.cwd)
    second.start()
    eventually(lambda: run.ask_health(choices)[0] == 200, 30, "the second web does not answer")
    balancer = Balancer([stand.port, choices.port])
    places = {id(stand.web): stand.portal.choices, id(second): choices}
    orders = [stand.draft() for _ in range(VISITORS)]
    with ThreadPoolExecutor(VISITORS) as threads:
        visits = [threads.submit(visit, stand, balancer, order) for order in orders]
        try:
            for process in (stand.web, second):
                time.sleep(1.5)
                began = time.monotonic()
                process.stop()
                expect(time.monotonic() - began < PATIENCE, f"{process.name} was killed")
                process.start()
                at = places[id(process)]
                eventually(lambda: run.ask_health(at)[0] == 200, 30, "it does not come back")  # noqa: B023
        finally:
            balancer.over.set()
        for done_visit in visits:
            done_visit.result(30)
    second.stop()
    expect(sum(balancer.told.values()) > 50, f"no load: {balancer.told}")
    expect(sum(extra_effects(order) for order in orders) == 0, "an order is lost or doubled")
    failed = {told: n for told, n in balancer.told.items() if told not in (200, 302)}
    expect(not failed, f"{failed} of {sum(balancer.told.values())} requests")
    return sum(failed.values())


def visit(stand: Stand, balancer: Balancer, order: Order) -> None:
    """Read the order's page and submit its form, again and again with one key."""
    browser = stand.browser()
    action, fields = shown(stand, browser, order)
    while not balancer.over.is_set():
        balancer.ask(browser, "GET", stand.address(order))
        balancer.ask(browser, "POST", action, urlencode(fields))


def worker_while_it_works(stand: Stand) -> None:
    """Asked to stop, it finishes what it holds; the rest is done after it is back."""
    rows = [later("faults.work", mark=f"stop {n}", seconds=4) for n in range(5)]
    eventually(lambda: len(stand.effects("began")) == 2, 15, "the worker did not begin")
    began = time.monotonic()
    stand.worker.stop()
    expect(time.monotonic() - began < PATIENCE, "the worker was killed")
    held = [line.split(" began")[0] for line in stand.effects("began")]
    ended = [line.split(" ended")[0] for line in stand.effects("ended")]
    expect(sorted(held) == sorted(ended), f"in hand {held}, finished {ended}")
    stand.worker.start()
    eventually(lambda: done(*rows), 60, "the rest was not done")
    copies = Counter(line.split(" began")[0] for line in stand.effects("began"))
    expect(set(copies.values()) == {1}, f"copies: {copies}")
