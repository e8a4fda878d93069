"""All routes × methods × personas × objects: each answer is the golden table's."""

import os
from dataclasses import replace

import pytest

from tests.matrix.addresses import addresses
from tests.matrix.expected import MISSING, Where
from tests.matrix.routes import ROWS
from tests.matrix.walk import Cell, alike, ask, cells, faults_of, fingerprint
from tests.personas import World

ENOUGH = int(os.environ.get("MATRIX_FAULTS", "60"))
"""Faults of one route after which its walk stops; ``make mutation`` needs only one."""


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
    for cell in cells(ROWS[name]):
        faults += faults_of(world, cell)
        if len(faults) >= ENOUGH:
            break
    if fingerprint() != before:
        faults.append(f"{name}: rows changed")
    faults += differences(world, name) if len(faults) < ENOUGH else []
    assert not faults, f"\n{len(faults)} faults\n" + "\n".join(faults)


def differences(world: World, name: str) -> list[str]:
    """Cells whose 404 differs from that of a thing that does not exist."""
    found: list[str] = []
    known: dict[tuple[str, Where], str] = {}
    for cell in cells(ROWS[name]):
        if cell.status != MISSING or cell.method != "GET" or cell.where.member == "missing":
            continue
        if not cell.row.on and cell.persona.knows(cell.where.member):
            continue  # a page that hides itself from a role: no secret of another member
        beside = _missing_beside(cell)
        key = cell.persona.name, beside
        if key not in known:
            known[key] = alike(ask(world, replace(cell, where=beside)).body)
        if alike(ask(world, cell).body) != known[key]:
            found.append(f"{cell}: its 404 differs from that of a missing one")
    return found


def _missing_beside(cell: Cell) -> Where:
    """The address of a thing that does not exist, beside one that must look the same."""
    if not cell.where.member:
        return replace(cell.where, object="missing")
    if cell.row.on and cell.persona.knows(cell.where.member):
        return replace(cell.where, object="missing")
    return replace(cell.where, member="missing")
