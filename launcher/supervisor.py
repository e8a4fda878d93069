"""Keeps the portal's processes alive after READY, within reason.

A crash is restarted, later and later, because a demonstration should outlive one accident and each
process can be lost at any instant without harm (acks_late, the outbox). Five crashes of one process
in five minutes mean a fault that restarting does not mend: everything stops and says why.
"""

import time
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import NoReturn

from launcher.processes import Process, pause
from launcher.screen import failure, say, shown

WINDOW_SECONDS = 300
MOST_CRASHES = 5
LONGEST_DELAY_SECONDS = 30


class Restarts:
    """The memory of one process's crashes."""

    def __init__(self) -> None:
        self.crashes: deque[float] = deque()

    def delay(self, now: float) -> float | None:
        """Seconds to wait before starting it again: 1, 2, 4…; None when it is enough."""
        while self.crashes and now - self.crashes[0] > WINDOW_SECONDS:
            self.crashes.popleft()
        self.crashes.append(now)
        if len(self.crashes) >= MOST_CRASHES:
            return None
        return min(LONGEST_DELAY_SECONDS, 2.0 ** (len(self.crashes) - 1))


class Supervisor:
    """Watches processes until somebody asks to stop."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self.processes = processes
        self.restarts: defaultdict[str, Restarts] = defaultdict(Restarts)
        self.due: dict[str, float] = {}

    def watch(self) -> NoReturn:
        """Runs for ever; leaves by `StopAsked` or by the error that ends everything."""
        while True:
            for process in self.processes:
                if not process.is_running:
                    self.revive(process, time.monotonic())
            pause(0.3)

    def revive(self, process: Process, now: float) -> None:
        """Note the crash, then start again when the time has come."""
        if process.name not in self.due:
            process.kill()  # the children that it left
            log = shown(process.log)
            delay = self.restarts[process.name].delay(now)
            if delay is None:
                raise failure(
                    f"{process.name} s'est arrêté {MOST_CRASHES} fois en cinq minutes.", process.log
                )
            say(f"  {process.name} s'est arrêté ; on le relance dans {delay:.0f} s ({log})")
            self.due[process.name] = now + delay
        elif now >= self.due[process.name]:
            del self.due[process.name]
            process.start()
