"""Every mutant, and which tests are its own: the cells of the tables, then the code's switches."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.matrix.addresses import addresses
from tests.matrix.expected import Row
from tests.matrix.golden import GOLDEN, ROLES
from tests.matrix.routes import ROWS
from tests.mutation import switches

EQUIVALENT: dict[str, str] = {}
"""Mutants that change no answer at all, by ``function: change``, each with its reason."""

MOST_TESTS, MOST_ROWS = 40, 12
"""Tests of the apps, then rows of the matrix, that one mutant may run."""

LONG, FEW = 0.03, 3
"""Share of the tests, the longest, that judge no mutant, but for the first of those that reach it:
a share, for a busy machine makes every test last longer.
"""

HEADER = "members/context.py"
"""What the header of each page asks of the gate."""

STAFF_ROLES = ("agent", "admin")


@dataclass(frozen=True)
class Mutant:
    """One fault: its name, its kind, how it goes in and out, the tests that should see it."""

    name: str
    kind: str
    apply: Callable[[], None]
    undo: Callable[[], None]
    tests: tuple[str, ...]
    role: str = ""
    number: int = -1
    has_row: bool = False
    """Whether the matrix has a row of the very function that asks: it is then the first judge."""


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
            if role == "mandated" and {*STAFF_ROLES} <= GOLDEN[permission]:
                continue  # staff may do it anywhere: with or without, no answer changes
            flipped = partial(flip, role, permission)
            yield Mutant(
                f"cell {role} × {permission}",
                "cells",
                flipped,
                flipped,  # once more: as it was
                tests_of_permission(permission, role),
                role,
            )


def tests_of_permission(permission: str, role: str) -> tuple[str, ...]:
    """The gate's own rows of a permission, after the rows of the routes that name it."""
    if role == "SYSTEM":
        return (f"test_the_system_begins_only_what_its_column_says[{permission}]",)
    routes = [name for name, row in ROWS.items() if permission in permissions_of(row)]
    return (
        *map(row_of, routes),
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
    if role == "mandated":
        replace_everywhere(roles.MANDATED, roles.MANDATED ^ {may})
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
            partial(activate, switch.number),
            activate,
            own_tests(switch),
            number=switch.number,
            has_row=bool(own_rows(switch)),
        )


def own_rows(switch: switches.Switch) -> set[str]:
    """The rows of the matrix that ask a switch's function: the page's, action's or query's own."""
    pages = {row_of(a.name) for a in addresses().values() if a.view == switch.function}
    of_function = re.compile(rf"\b{switch.function[1]}(-|\])")
    return pages | {
        name for name in switches.HITS[switch.number] & switches.ROWS if of_function.search(name)
    }


def own_tests(switch: switches.Switch) -> tuple[str, ...]:
    """The tests that reached a switch: its function's own row, then the quickest; the gate's own
    first for a step of it.
    """
    own_names = own_rows(switch)
    reached = sorted(
        switches.HITS[switch.number] - {""},
        key=lambda name: (name not in own_names, switches.TOOK[name]),
    )
    rows = not_long([name for name in reached if name in switches.ROWS])
    others = not_long([name for name in reached if name not in switches.ROWS])
    if switch.kind == "step":
        own = not_long([name for name in reached if name in switches.OWN])
        return tuple(dict.fromkeys((*own, *rows[:MOST_ROWS], *others[:MOST_TESTS])))
    return (*rows[:MOST_ROWS], *others[:MOST_TESTS])


def row_of(route: str) -> str:
    """The test of the matrix that walks a route."""
    return f"test_each_cell_answers_as_the_golden_table_says[{route}]"


def not_long(names: list[str]) -> list[str]:
    """Of tests in the order of their use, those that are not long, the first ones at least."""
    most = longest()
    return [name for n, name in enumerate(names) if n < FEW or switches.TOOK[name] < most]


def longest() -> float:
    """From how many seconds on a test is one of the longest."""
    took = sorted(switches.TOOK.values())
    return took[int(len(took) * (1 - LONG))] if took else 0.0


def others_on_the_way(number: int, test: str) -> list[frozenset[int]]:
    """The other calls of the gate that a test goes through: the function's, the module's, all.

    But those of every page's header, open with another's page: it would name every member, and no
    answer be as the golden table says.
    """
    this = switches.SWITCHES[number]
    others = [
        switch
        for switch in switches.SWITCHES
        if switch.kind == "call"
        and switch != this
        and test in switches.HITS[switch.number]
        and HEADER not in {switch.module} - {this.module}
    ]
    rings = (
        [one for one in others if one.function == this.function],
        [one for one in others if one.module == this.module],
        others,
    )
    return list(dict.fromkeys(frozenset(one.number for one in ring) for ring in rings if ring))


def key_of(switch: switches.Switch) -> str:
    """How EQUIVALENT names a switch: its function and its change, without the line."""
    return f"{switch.place.split()[-1]}: {switch.change}"


def activate(*numbers: int) -> None:
    """Switch these mutants on, and every other off."""
    switches.ACTIVE = frozenset(numbers)
