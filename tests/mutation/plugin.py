"""A pytest plugin that runs the tests once, then each mutant's own tests in a forked process.

The children share what the parent loaded: code, settings, the committed world of the matrix. Each
opens its own connection to its slot's databases, and exits at the first test that is red with its
fault and green without.
"""

import atexit
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from tests.mutation import switches
from tests.mutation.databases import (
    WORLD,
    committed_world,
    own_database,
    own_databases,
    use_database,
)
from tests.threads import POOL, thread_names

if TYPE_CHECKING:
    from tests.mutation.mutants import Mutant
    from tests.personas import World

switches.install()

WORKERS = max(1, len(os.sched_getaffinity(0)))
KILLED, SURVIVED, BROKEN, ALONE = 10, 11, 12, 13
WORDS = {SURVIVED: "survived", BROKEN: "broke", -14: "too slow"}
PATIENCE = 600  # seconds that one mutant may take in a round, beside other work
FIRST_ROWS = 3
"""Rows of the matrix that a call runs, twice where another gate hides it, before its others."""

STEP = 50
"""Mutants between two lines of progress."""

PAGE_ROWS = "test_each_cell_answers_as_the_golden_table_says"
"""The rows of the matrix that ask a page, cell by cell."""

GATE_TESTS = ("tests/members/test_permissions.py", "tests/matrix/test_gate.py")
RED_ANYWAY = Path(tempfile.mkdtemp(prefix="mutation-")) / "red"
"""The tests that a child found red without any fault."""

atexit.register(shutil.rmtree, RED_ANYWAY.parent, ignore_errors=True)
TOLD: list[str] = []
"""What is printed once pytest is done."""

BARS = {"cells": "table cells flipped", "steps": "gate steps forced", "calls": "gate calls opened"}


class Outcomes:
    """Remembers whether a test that ran was red, and what it said."""

    def __init__(self) -> None:
        self.red: dict[str, str] = {}
        """By test, the first line of what it said."""
        self.said = ""
        self.called: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also the set-up and the tear-down."""
        switches.TOOK[switches.READER] = switches.TOOK.get(switches.READER, 0) + report.duration
        if report.when == "call":
            self.called.append(report.nodeid)
        if report.failed:
            self.red[report.nodeid] = self.said

    def pytest_exception_interact(self, call: pytest.CallInfo[None]) -> None:
        """The first line of what it says."""
        lines = str(call.excinfo.value if call.excinfo else "").splitlines()
        self.said = f"{call.excinfo.typename}: {lines[0][:200]}" if call.excinfo and lines else ""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Only some mutants, by a part of their names, or the last ones of the whole list."""
    parser.addoption("--only", action="append", default=[], help="part of a mutant's name")
    parser.addoption("--after", type=int, default=0, help="mutants that another run ended")


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
    red = first_run(session)
    run_mutants(session, red, started)
    return True


def first_run(session: pytest.Session) -> dict[str, str]:
    """Run every test once, each module in a forked child; returns what the red ones said.

    One test of the gate runs here, before the children: it starts what the whole session shares,
    and no thread of Polars, which a forked child would wait for in vain.

    Raises:
        UsageError: a test module asks something of Polars as it is imported.
    """
    first = next(item for item in session.items if item.nodeid.startswith(GATE_TESTS))
    run_learning(session, [first])
    for item in session.items:
        if item.nodeid.startswith(GATE_TESTS):
            switches.OWN.add(item.name)
        if item.nodeid.startswith("tests/matrix/"):
            switches.ROWS.add(item.name)
    others = [item for item in session.items if item is not first]
    groups = [list(items) for _, items in groupby(others, key=attrgetter("parent"))]
    red = dict(session.config.stash[OUTCOMES].red)
    for told in hand_out(session, groups):
        hits, took, found = pickle.loads(told.read_bytes())
        for number, names in hits.items():
            switches.HITS[number] |= names
        switches.TOOK.update(took)
        red |= found
    return red


def hand_out(session: pytest.Session, groups: list[list[pytest.Item]]) -> list[Path]:
    """Fork a child for each processor, which take the groups one by one; returns what they told."""
    if POOL in thread_names():
        raise pytest.UsageError("Polars was used before the fork: a test module asks it at import")
    with session.config.stash[blocking_manager_key].unblock():
        for slot in range(WORKERS):
            own_database(connection.settings_dict["NAME"], slot)
    handed, hand = os.pipe()
    os.write(hand, b"".join(number.to_bytes(2) for number in range(len(groups))))
    os.close(hand)
    told = [RED_ANYWAY.with_name(f"learnt.{slot}") for slot in range(WORKERS)]
    children = []
    for slot, path in enumerate(told):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os._exit(learn(session, groups, handed, slot, path))
        children.append(child)
    for child, path in zip(children, told, strict=True):
        if os.waitpid(child, 0)[1]:
            raise session.Interrupted(f"the first run broke: {path.read_text()}")
    return told


def learn(
    session: pytest.Session, groups: list[list[pytest.Item]], handed: int, slot: int, told: Path
) -> int:
    """In a child of the first run: take modules one at a time, until none is left."""
    try:
        silence(session)
        connection.settings_dict["NAME"] = f"{connection.settings_dict['NAME']}_{slot}"
        while number := os.read(handed, 2):
            run_learning(session, groups[int.from_bytes(number)])
        red = session.config.stash[OUTCOMES].red
        told.write_bytes(pickle.dumps((dict(switches.HITS), dict(switches.TOOK), red)))
    except BaseException:
        told.write_text(traceback.format_exc())
        return 1
    return 0


def run_learning(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Run the tests of one module, and learn which switches each of them reaches."""
    for position, item in enumerate(items):
        switches.READER = item.name
        following = next(iter(items[position + 1 :]), None) or elsewhere(session, item)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    switches.READER = ""


def elsewhere(session: pytest.Session, item: pytest.Item) -> pytest.Item:
    """A test of another folder: said to be the next one, it makes ``item``'s own folder tidy up.

    What the whole session shares is kept, which no next test at all would end. Where a run has one
    folder alone, another module is enough.
    """
    others = [other for other in session.items if other.parent is not item.parent]
    return next((one for one in others if one.path.parent != item.path.parent), others[0])


def run_mutants(session: pytest.Session, red: dict[str, str], started: float) -> None:
    """Fork a child for each mutant, as many at once as there are processors.

    A test that was red before any mutant proves nothing: it is named, and no mutant runs it.
    """
    from tests.mutation.mutants import all_mutants

    for nodeid, said in red.items():
        say(session, f"  red before any mutant: {nodeid}: {said}")
    session.config.stash[OUTCOMES].red.clear()
    session.items[:] = [item for item in session.items if item.nodeid not in red]
    with session.config.stash[blocking_manager_key].unblock():
        world = committed_world(RED_ANYWAY.with_name("world"))
        only = session.config.getoption("only")
        left = all_mutants()[session.config.getoption("after") :]
        mutants = [m for m in left if not only or any(part in m.name for part in only)]
        first = time.monotonic() - started
        results = collect(session, mutants, world)
    whole = time.monotonic() - started
    anyway = Counter(RED_ANYWAY.read_text().splitlines()) if RED_ANYWAY.exists() else Counter()
    TOLD.extend(f"  red without its fault, {n} times: {name}" for name, n in anyway.items())
    TOLD.append(f"mutation_first_run {len(red)} red (bar 0) {'short' if red else 'ok'}")
    TOLD.extend(report(mutants, results))
    TOLD.append(f"  {whole:.0f} s, of which the first run took {first:.0f} s")
    ok, short = (sum(line.endswith(end) for line in TOLD) for end in (" ok", " short"))
    TOLD.append(f"{ok} ok, {short} short")


def collect(session: pytest.Session, mutants: "list[Mutant]", world: "World") -> dict[str, int]:
    """Run every mutant; returns its name → KILLED, ALONE, SURVIVED or BROKEN."""
    waiting = [mutant for mutant in reversed(mutants) if mutant.tests]
    results = {mutant.name: SURVIVED for mutant in mutants if not mutant.tests}
    running: dict[int, tuple[int, str]] = {}
    free = list(range(WORKERS))
    for slot in free:
        own_databases(slot)
    while waiting or running:
        while waiting and free:
            slot, mutant = free.pop(), waiting.pop()
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                os._exit(run_one(session, mutant, world, slot))
            running[child] = slot, mutant.name
        ended, status = os.wait()
        slot, name = running.pop(ended)
        results[name] = os.waitstatus_to_exitcode(status)
        if results[name] not in {KILLED, ALONE}:
            say(session, f"  {WORDS.get(results[name], 'crashed')}: {name}")
        if results[name] not in {KILLED, ALONE, SURVIVED}:
            own_databases(slot)  # it ended in the middle of a test
        free.append(slot)
        if len(results) % STEP == 0:
            say(session, f"{len(results)} of {len(mutants)} mutants")
    return results


def say(session: pytest.Session, line: str) -> None:
    """At once: a whole run lasts an hour."""
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(line, file=sys.stderr, flush=True)


def silence(session: pytest.Session) -> None:
    """Nothing of a child is shown, not even what a test prints past pytest's capture."""
    capture = session.config.pluginmanager.getplugin("capturemanager")
    capture.resume_global_capture()
    capture.read_global_capture()
    capture.stop_global_capturing()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    capture.start_global_capturing()
    session.config.pluginmanager.unregister(name="terminalreporter")


def run_one(session: pytest.Session, mutant: "Mutant", world: "World", slot: int) -> int:
    """In the child: put the fault in, run its tests until one is red.

    The apps' tests first, for they are the quicker, unless the matrix has a row of its function.
    """
    signal.alarm(PATIENCE)
    try:
        silence(session)
        plain = connection.settings_dict["NAME"]
        items = [item for item in session.items if item.name in mutant.tests]
        items.sort(key=lambda item: mutant.tests.index(item.name))
        matrix = [item for item in items if "tests/matrix/" in item.nodeid]
        units = [item for item in items if item not in matrix]
        first = matrix[:FIRST_ROWS] if mutant.kind == "calls" else matrix
        stand_on(world, mutant)
        mutant.apply()
        rounds = [(f"{plain}_{slot}", units), (f"{WORLD}_{slot}", first)]
        for database, tests in reversed(rounds) if mutant.has_row else rounds:
            use_database(database)
            if sees(session, tests, mutant, world):
                return KILLED
            if tests is first and mutant.kind == "calls":
                signal.alarm(PATIENCE)
                if refuses_alone(session, first, mutant, world):
                    return ALONE
        use_database(f"{WORLD}_{slot}")
        rest = matrix[len(first) :]
        if sees(session, rest, mutant, world):
            return KILLED
        signal.alarm(PATIENCE)
        alone = mutant.kind == "calls" and refuses_alone(session, rest, mutant, world)
        return ALONE if alone else SURVIVED
    except BaseException:
        return BROKEN


def refuses_alone(
    session: pytest.Session, matrix: list[pytest.Item], mutant: "Mutant", world: "World"
) -> bool:
    """The second round of a call that another gate stands behind: is it a gate by itself?

    The other calls that a test goes through are open: its function's, its module's, then all. A
    row of an action or of a query must be green while this one alone is closed, and red once it is
    open too; of a page's row, some cell must answer as the golden table says, and then no longer do
    so. The fault is in again at the end.
    """
    from tests.mutation.mutants import others_on_the_way

    for item in matrix:
        proved = a_cell_proves if item.name.startswith(PAGE_ROWS) else the_row_proves
        for opened in others_on_the_way(mutant.number, item.name):
            forget(world)
            if proved(session, item, mutant, opened, world):
                return True
    mutant.apply()
    return False


def the_row_proves(
    session: pytest.Session,
    item: pytest.Item,
    mutant: "Mutant",
    opened: frozenset[int],
    world: "World",
) -> bool:
    """Red with every call open, green with the others alone."""
    switches.ACTIVE = opened | {mutant.number}
    if not is_red(session, item):
        return False
    switches.ACTIVE = opened
    forget(world)
    return not is_red(session, item)


def a_cell_proves(
    session: pytest.Session,
    item: pytest.Item,
    mutant: "Mutant",
    opened: frozenset[int],
    world: "World",
) -> bool:
    """Of the cells that are wrong with every call open, one is right with the others alone."""
    from tests.matrix import test_matrix
    from tests.matrix.walk import Cell, ask, faults_of

    found: list[Cell] = []

    def proves(world: "World", cell: Cell) -> bool:
        switches.ACTIVE = opened
        if not faults_of(world, cell, ask(world, cell)):
            found.append(cell)
        switches.ACTIVE = opened | {mutant.number}
        return bool(found)

    test_matrix.ENOUGH, test_matrix.PROVES = sys.maxsize, proves
    switches.ACTIVE = opened | {mutant.number}
    walk_again(session, item)
    test_matrix.ENOUGH, test_matrix.PROVES = 1, None
    return bool(found)


def walk_again(session: pytest.Session, item: pytest.Item) -> None:
    """A walk of the matrix, whatever it says."""
    outcomes = session.config.stash[OUTCOMES]
    outcomes.called.clear()
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=elsewhere(session, item))
    assert outcomes.called == [item.nodeid], "its walk did not begin"


def sees(
    session: pytest.Session, items: list[pytest.Item], mutant: "Mutant", world: "World"
) -> bool:
    """Whether one of the tests is red with the fault, and green again without it.

    A walk of the matrix that stopped is walked again as far. A test that stays red proves nothing
    about the fault: it is told, and the next one is asked.
    """
    from tests.matrix import test_matrix

    for item in items:
        if not is_red(session, item):
            continue
        mutant.undo()
        forget(world)
        test_matrix.MOST = len(test_matrix.ASKED) or sys.maxsize
        stays_red = is_red(session, item)
        test_matrix.MOST = sys.maxsize
        if not stays_red:
            return True
        tell(f"{item.nodeid}: {session.config.stash[OUTCOMES].red[item.nodeid]}")
        mutant.apply()
        forget(world)
    return False


def is_red(session: pytest.Session, item: pytest.Item) -> bool:
    """Whether a test is red, its set-up and its tear-down included."""
    outcomes = session.config.stash[OUTCOMES]
    outcomes.red.clear()
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=elsewhere(session, item))
    return bool(outcomes.red)


def forget(world: "World") -> None:
    """What the personas' rights were while a fault was in."""
    world.rights.clear()
    for user in world.users.values():
        vars(user).pop("_rights", None)


def tell(line: str) -> None:
    """From a child to its parent."""
    with RED_ANYWAY.open("a", encoding="utf-8") as told:
        told.write(f"{line}\n")


def stand_on(world: "World", mutant: "Mutant") -> None:
    """Let the matrix use the committed world, and only the personas whose cell was flipped."""
    from members.projection import project
    from tests import personas
    from tests.matrix import objects, test_gate, test_matrix, walk

    def standing() -> "World":
        if mutant.kind == "cells":
            project()
        return world

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
        alive = [name for name in names if results[name] not in {KILLED, ALONE}]
        alone = sum(results[name] == ALONE for name in names)
        lines += [f"  {WORDS.get(results[name], 'crashed')}: {name}" for name in alive]
        ratio = 100 * (len(names) - len(alive)) / max(1, len(names))
        shown = f"{ratio:.1f} % ({len(names) - len(alive)} of {len(names)} {what}"
        if kind == "calls":
            shown += f", {alone} of them behind another gate, with the others open too"
        lines.append(f"mutation_{kind} {shown}; bar 100 %) {'short' if alive else 'ok'}")
    return lines
