"""Every mutant, and which tests are its own: the cells of the tables, then the code's switches."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.matrix.expected import Row
from tests.matrix.golden import GOLDEN, ROLES
from tests.matrix.routes import ROWS
from tests.mutation import switches

EQUIVALENT: dict[str, str] = {}
"""Mutants that change no answer at all, by ``function: change``, each with its reason."""

PAGES = "test_each_cell_answers"
MOST = 60
"""Tests that one mutant may run: a survivor among so many is one."""

STAFF_ROLES = ("agent", "admin")


@dataclass(frozen=True)
class Mutant:
    """One fault put in: its name, its kind, how it is applied, the tests that should see it."""

    name: str
    kind: str
    apply: Callable[[], None]
    tests: tuple[str, ...]
    role: str = ""


def all_mutants() -> list[Mutant]:
    """Cells first, then steps of the gate, then calls of the gate."""
    return [*cell_mutants(), *switch_mutants()]


def cell_mutants() -> Iterator[Mutant]:
    """Each cell of the four tables, flipped."""
    from members import roles

    staff_may = {may.value for may in roles.StaffMay}
    for permission in sorted(GOLDEN):
        for role in ROLES:
            if role != "SYSTEM" and (permission in staff_may) and role not in STAFF_ROLES:
                continue  # the role table has no such cell
            yield Mutant(
                f"cell {role} × {permission}",
                "cells",
                lambda role=role, permission=permission: flip(role, permission),
                tests_of_permission(permission, role),
                role,
            )


def tests_of_permission(permission: str, role: str) -> tuple[str, ...]:
    """The gate's own rows of a permission, after the rows of the routes that name it."""
    if role == "SYSTEM":
        return (f"test_the_system_begins_only_what_its_column_says[{permission}]",)
    routes = [name for name, row in ROWS.items() if permission in permissions_of(row)]
    return (
        *(f"test_each_cell_answers_as_the_golden_table_says[{name}]" for name in routes),
        f"test_each_verb_answers_as_the_golden_table_says[{permission}]",
    )


def permissions_of(row: Row) -> set[str]:
    """Every permission that a row names."""
    return {*row.see, *row.get, *row.post}


def flip(role: str, permission: str) -> None:
    """Give a cell to a role that has it not, or take it from one that has it."""
    from members import roles

    may: Any = {m.value: m for m in (*roles.May, *roles.StaffMay)}[permission]
    if role == "SYSTEM":
        replace_everywhere(roles.SYSTEM_TABLE, roles.SYSTEM_TABLE ^ {may})
        return
    tables: tuple[dict[Any, frozenset[Any]], ...] = (roles.ROLE_TABLE,)
    if role in STAFF_ROLES:
        tables = (roles.STAFF_TABLE,) if isinstance(may, roles.May) else (roles.GROUP_TABLE,)
    for table in tables:
        key = next(key for key in table if key.value == role)
        table[key] = table[key] ^ {may}


def replace_everywhere(old: object, new: object) -> None:
    """Wherever a module of the apps holds ``old`` by name, let it hold ``new``."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in switches.APPS:
            for key, value in list(vars(module).items()):
                if value is old:
                    setattr(module, key, new)


def switch_mutants() -> Iterator[Mutant]:
    """Each step of the gate and each call of it, switched off; tests learnt in the first run."""
    for switch in switches.SWITCHES:
        name = f"{switch.place}: {switch.change}"
        if key_of(switch) in EQUIVALENT:
            continue
        yield Mutant(
            name,
            "steps" if switch.kind == "step" else "calls",
            lambda number=switch.number: activate(number),
            own_tests(switch),
        )


def own_tests(switch: switches.Switch) -> tuple[str, ...]:
    """The tests that reached a switch, the quickest first; for a step of the gate only its own."""
    reached = switches.HITS[switch.number] - {""}
    gate = sorted(name for name in reached if not name.startswith(PAGES))
    pages = sorted(name for name in reached if name.startswith(PAGES))
    return tuple(gate or pages) if switch.kind == "step" else (*gate, *pages)[:MOST]


def key_of(switch: switches.Switch) -> str:
    """How EQUIVALENT names a switch: its function and its change, without the line."""
    return f"{switch.place.split()[-1]}: {switch.change}"


def activate(number: int) -> None:
    switches.ACTIVE = number
