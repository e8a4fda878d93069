"""A pytest plugin that runs the tests once, then each mutant's own tests in a forked process.

The children share what the parent loaded: code, settings, test database, the committed world of
the matrix. Each opens its own connection and exits at the first red test.
"""

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from tests.mutation import switches

if TYPE_CHECKING:
    from tests.mutation.mutants import Mutant
    from tests.personas import World

switches.install()

WORKERS = max(1, len(os.sched_getaffinity(0)))
KILLED, SURVIVED, BROKEN = 10, 11, 12
WORDS = {SURVIVED: "survived", BROKEN: "broke", -14: "too slow"}
PATIENCE = 120  # seconds that one mutant may take
WORLD = "mutation_world"
TOLD: list[str] = []
"""What is printed once pytest is done."""

BARS = {"cells": "table cells flipped", "steps": "gate steps forced", "calls": "gate calls opened"}


class Outcomes:
    """Remembers whether a test that ran was red."""

    def __init__(self) -> None:
        self.red: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also the set-up and the tear-down."""
        if report.failed:
            self.red.append(report.nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """Count what is red."""
    config.stash[OUTCOMES] = Outcomes()
    config.pluginmanager.register(config.stash[OUTCOMES])


OUTCOMES = pytest.StashKey[Outcomes]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """The first run, then the mutants."""
    if session.testsfailed:
        raise session.Interrupted("the tests could not be collected")
    started = time.monotonic()
    outcomes = session.config.stash[OUTCOMES]
    for position, item in enumerate(session.items):
        switches.READER = item.name
        following = session.items[(position + 1) % len(session.items)]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    switches.READER = ""
    red = sorted(set(outcomes.red))
    outcomes.red.clear()
    run_mutants(session, frozenset(red), started)
    return True


def run_mutants(session: pytest.Session, red: frozenset[str], started: float) -> None:
    """Fork a child for each mutant, as many at once as there are processors.

    A test that was red before any mutant proves nothing: it is named, and no mutant runs it.
    """
    from tests.mutation.mutants import all_mutants

    session.items[:] = [item for item in session.items if item.nodeid not in red]
    with session.config.stash[blocking_manager_key].unblock():
        world = committed_world()
        mutants = all_mutants()
        first = time.monotonic() - started
        results = collect(session, mutants, world)
    whole = time.monotonic() - started
    TOLD.extend(f"  red before any mutant: {nodeid}" for nodeid in sorted(red))
    TOLD.append(f"mutation_first_run {len(red)} red (bar 0) {'short' if red else 'ok'}")
    TOLD.extend(report(mutants, results))
    TOLD.append(f"  {whole:.0f} s, of which the first run took {first:.0f} s")
    ok, short = (sum(line.endswith(end) for line in TOLD) for end in (" ok", " short"))
    TOLD.append(f"{ok} ok, {short} short")


def committed_world() -> "World":
    """A copy of the test database that holds the matrix's world for good; returns the world."""
    from tests.matrix.objects import furnished_world

    plain = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{WORLD}"')
        cursor.execute(f'CREATE DATABASE "{WORLD}" TEMPLATE "{plain}"')
    connection.settings_dict["NAME"] = WORLD
    world = furnished_world()
    connection.close()
    connection.settings_dict["NAME"] = plain
    return world


def collect(session: pytest.Session, mutants: "list[Mutant]", world: "World") -> dict[str, int]:
    """Run every mutant; returns its name → KILLED, SURVIVED or BROKEN."""
    waiting, running, results = list(reversed(mutants)), {}, {}
    while waiting or running:
        while waiting and len(running) < WORKERS:
            mutant = waiting.pop()
            if not mutant.tests:
                results[mutant.name] = SURVIVED
                continue
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                os._exit(run_one(session, mutant, world))
            running[child] = mutant.name
        if running:
            ended, status = os.wait()
            results[running.pop(ended)] = os.waitstatus_to_exitcode(status)
    return results


def run_one(session: pytest.Session, mutant: "Mutant", world: "World") -> int:
    """In the child: put the fault in, run its tests until one is red."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    session.config.pluginmanager.unregister(name="terminalreporter")
    signal.alarm(PATIENCE)
    try:
        mutant.apply()
        items = [item for item in session.items if item.name in mutant.tests]
        items.sort(key=lambda item: mutant.tests.index(item.name))
        matrix = [item for item in items if "tests/matrix/" in item.nodeid]
        units = [item for item in items if item not in matrix]
        for_cells = mutant.kind == "cells"
        if matrix and is_red(session, matrix, mutant, lambda: stand_on(world, mutant, for_cells)):
            return KILLED
        return KILLED if units and is_red(session, units, mutant, lambda: None) else SURVIVED
    except BaseException:
        return BROKEN


def is_red(
    session: pytest.Session, items: list[pytest.Item], mutant: "Mutant", prepare: Any
) -> bool:
    """Whether one of the tests is red."""
    outcomes = session.config.stash[OUTCOMES]
    plain = connection.settings_dict["NAME"]
    prepare()
    for position, item in enumerate(items):
        following = items[position + 1] if position + 1 < len(items) else session.items[-1]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if outcomes.red:
            return True
    connection.close()
    connection.settings_dict["NAME"] = plain
    return False


def stand_on(world: "World", mutant: "Mutant", for_cells: bool) -> None:
    """Let the matrix use the committed world, and only the personas whose cell was flipped."""
    from members.projection import project
    from tests import personas
    from tests.matrix import objects, test_gate, test_matrix, walk

    def standing() -> "World":
        if for_cells:
            project()
        return world

    connection.settings_dict["NAME"] = WORLD
    objects.furnished_world = standing
    test_matrix.ENOUGH = 1
    if mutant.role:
        own = [p for p in personas.PERSONAS if mutant.role in {hat.role for hat in p.hats}]
        walk.PERSONAS = tuple(own)
        test_gate.SIGNED_IN = [persona for persona in own if persona.signed_in]


def report(mutants: "list[Mutant]", results: dict[str, int]) -> list[str]:
    """One line a kind, with its survivors before it."""
    lines = []
    for kind, what in BARS.items():
        names = [mutant.name for mutant in mutants if mutant.kind == kind]
        alive = [name for name in names if results[name] != KILLED]
        lines += [f"  {WORDS.get(results[name], 'crashed')}: {name}" for name in alive]
        ratio = 100 * (len(names) - len(alive)) / max(1, len(names))
        shown = f"{ratio:.1f} % ({len(names) - len(alive)} of {len(names)} {what}; bar 100 %)"
        lines.append(f"mutation_{kind} {shown} {'ok' if names and not alive else 'short'}")
    return lines
