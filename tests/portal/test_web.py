"""A web process that leaves serves whom the kernel let in, then closes the door (X-26)."""

import subprocess
import sys

import pytest
from gunicorn.workers.gthread import ThreadWorker

from portal.web import LeavingWorker


class Door:
    """A listener where some wait."""

    def __init__(self, waiting):
        self.waiting, self.closed = waiting, False

    def close(self):
        self.closed = True


@pytest.fixture
def worker(monkeypatch):
    monkeypatch.setattr(ThreadWorker, "set_accept_enabled", lambda self, enabled: None)
    made = LeavingWorker.__new__(LeavingWorker)
    made.alive, made.nr_conns, made.sockets = True, 1, [Door(3), Door(0)]

    def accept(door):
        if door.waiting:
            door.waiting -= 1
            made.nr_conns += 1

    monkeypatch.setattr(made, "accept", accept, raising=False)
    return made


def test_at_work_the_door_stays_open(worker):
    worker.set_accept_enabled(False)
    assert [door.closed for door in worker.sockets] == [False, False]
    assert worker.nr_conns == 1


def test_asked_to_leave_it_takes_who_waits_then_closes(worker):
    worker.alive = False
    worker.set_accept_enabled(False)
    assert [door.waiting for door in worker.sockets] == [0, 0]
    assert [door.closed for door in worker.sockets] == [True, True]
    assert worker.nr_conns == 4


FORKED = """
import os, signal, sys
from types import SimpleNamespace
from portal.web import leave_at_once
if sys.argv[1] == "served":
    import polars
child = os.fork()
if child == 0:
    signal.alarm(10)
    leave_at_once(None, SimpleNamespace(booted=sys.argv[1] == "served"))
    sys.exit(3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
"""


@pytest.mark.parametrize(("how", "code"), [("served", 0), ("could not start", 3)])
def test_a_worker_that_served_leaves_without_waiting_for_threads_that_no_fork_brings(how, code):
    """One that could not start ends as gunicorn means it to."""
    assert subprocess.run([sys.executable, "-c", FORKED, how]).returncode == code
