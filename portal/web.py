"""How gunicorn's processes leave: they serve whom the kernel let in for them, then go (X-26)."""

import logging
import os
import sys

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


class LeavingWorker(ThreadWorker):  # type: ignore[misc]
    """Asked to stop, gunicorn's own keeps the door open without answering it, then resets it."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """On the way out: take what waits at the door, then close it at once."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                self.take_waiting(listener)
                listener.close()

    def take_waiting(self, listener: object) -> None:
        """Accept every connection that waits; the last call finds none."""
        taken = -1
        while taken != self.nr_conns:
            taken = self.nr_conns
            self.accept(listener)


def leave_at_once(_server: object, worker: ThreadWorker) -> None:
    """End a worker that served without the exit handlers of what its parent had imported.

    Polars' own waits for a thread that it started as it was imported, which a fork does not bring:
    the worker slept until it was killed. One that could not start ends as gunicorn means it to.
    """
    if worker.booted:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
