"""All routes × methods × personas × objects: each answer is the golden table's."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from tests.matrix.addresses import addresses
from tests.matrix.expected import MISSING, Row, Where
from tests.matrix.routes import ROWS
from tests.matrix.walk import (
    OFFERED,
    Cell,
    alike,
    ask,
    cells,
    faults_of,
    file_cells,
    fingerprint,
)
from tests.personas import World

ENOUGH = int(os.environ.get("MATRIX_FAULTS", "60"))
"""Faults of one route after which its walk stops; ``make mutation`` needs only one."""

MOST = sys.maxsize
"""Cells of one route after which its walk stops."""

ASKED: list[Cell] = []
"""The cells of the last walk."""

PROVES: Callable[[World, Cell], bool] | None = None
"""Asked of each faulty cell: whether it proves what ``make mutation`` looks for, and may stop."""


def test_every_route_has_its_row():
    missing = sorted(set(addresses()) - set(ROWS))
    assert not missing, "\n".join(missing) + "\n\nTo mend: a Row in tests/matrix/routes.py."


def test_every_row_has_its_route():
    left = sorted(set(ROWS) - set(addresses()))
    assert not left, "\n".join(left) + "\n\nTo mend: take the row out of tests/matrix/routes.py."


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(ROWS) & set(addresses())))
def test_each_cell_answers_as_the_golden_table_says(name: str, world: World, rights_kept, quiet):
    before = fingerprint()
    faults: list[str] = []
    bodies: dict[tuple[str, Where], str] = {}
    has_files = False
    ASKED.clear()
    for cell in islice(cells(ROWS[name]), MOST):
        ASKED.append(cell)
        seen = ask(world, cell)
        found = faults_of(world, cell, seen)
        faults += found
        has_files |= OFFERED in seen.body
        if cell.method == "GET" and seen.status == MISSING:
            bodies[cell.persona.name, cell.where] = alike(seen.body)
        if len(faults) >= ENOUGH or (found and PROVES and PROVES(world, cell)):
            break
    for cell in file_cells(ROWS[name]) if has_files else ():
        faults += faults_of(world, cell, ask(world, cell))
    if fingerprint() != before:
        faults.append(f"{name}: rows changed")
    faults += differences(ROWS[name], bodies)
    assert not faults, f"\n{len(faults)} faults\n" + "\n".join(faults)


def differences(row: Row, bodies: dict[tuple[str, Where], str]) -> list[str]:
    """Cells whose 404 differs from that of a thing that does not exist."""
    found = []
    for cell in cells(row):
        body = bodies.get((cell.persona.name, cell.where))
        if cell.method != "GET" or body is None or cell.status != MISSING:
            continue
        if not row.on and cell.persona.knows(cell.where.member):
            continue  # a page that hides itself from a role: no secret of another member
        missing = bodies.get((cell.persona.name, _missing_beside(cell)), body)
        if body != missing:
            found.append(f"{cell}: its 404 differs from that of a missing one")
    return found


def _missing_beside(cell: Cell) -> Where:
    """The address of a thing that does not exist, beside one that must look the same."""
    if not cell.where.member:
        return replace(cell.where, object="missing")
    if cell.row.on and cell.persona.knows(cell.where.member):
        return replace(cell.where, object="missing")
    return replace(cell.where, member="missing")
