"""The gate asked directly: every permission × persona × place, and the code's tables (D-06)."""

import pytest

from members import roles
from members.models import Branch, CostCentre, User
from members.permissions import Refused, Unseen, can, require, require_member, visible
from portal.audit import SYSTEM
from tests.matrix.counting import COUNTED
from tests.matrix.expected import PLACES
from tests.matrix.golden import CONFIRMED_ROLES, FACTOR_ROLES, GOLDEN, ROLES
from tests.personas import PERSONAS, World

MEMBER_ROLES = ROLES[: ROLES.index("agent")]
WHERE = ("A", "A1", "A2", "B")
SIGNED_IN = [persona for persona in PERSONAS if persona.signed_in]


def code_table() -> dict[str, set[str]]:
    """The code's four tables, as permission → roles."""
    table: dict[str, set[str]] = {name.value: set() for name in (*roles.May, *roles.StaffMay)}
    for granted in (roles.ROLE_TABLE, roles.STAFF_TABLE, roles.GROUP_TABLE):
        for role, cells in granted.items():
            for permission in cells:
                table[permission.value].add(role.value)
    for permission in roles.SYSTEM_TABLE:
        table[permission.value].add("SYSTEM")
    return table


def test_the_code_s_tables_are_the_golden_table():
    code = code_table()
    faults = [
        f"{name}: code {sorted(code.get(name, set()))}, golden {sorted(GOLDEN.get(name, set()))}"
        for name in sorted({*code, *GOLDEN})
        if code.get(name, set()) != GOLDEN.get(name, set())
    ]
    assert not faults, "\n".join(faults)


def test_the_roles_are_the_golden_ones():
    assert {role.value for role in (*roles.Role, *roles.StaffRole)} == {*ROLES} - {"SYSTEM"}
    assert {role.value for role in roles.SECOND_FACTOR_ROLES} == FACTOR_ROLES & {*MEMBER_ROLES}
    assert {role.value for role in roles.CONFIRMED_ROLES} == CONFIRMED_ROLES


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_each_verb_answers_as_the_golden_table_says(name: str, world: World, rights_kept):
    group = name in {may.value for may in roles.StaffMay}
    faults = []
    for persona in SIGNED_IN:
        user = world.users[persona.name]
        if group:
            faults += group_faults(user, persona, roles.StaffMay(name))
        else:
            faults += branch_faults(world, user, persona, roles.May(name))
    assert not faults, f"\n{len(faults)} faults\n" + "\n".join(faults[:40])


def group_faults(user, persona, permission) -> list[str]:
    """``can`` and ``require`` on no branch."""
    COUNTED["gate"] += 2
    allowed = bool(persona.reach((permission.value,)))
    told = []
    if can(user, permission, on=None) != allowed:
        told.append(f"can({persona.name}, {permission}) is {not allowed}")
    if answer_of(user, permission, None) != (200 if allowed else 403):
        told.append(f"require({persona.name}, {permission}) answers {not allowed}")
    return told


def branch_faults(world, user, persona, permission) -> list[str]:
    """``can``, ``require`` and ``visible`` at each place."""
    told = []
    reach = persona.reach((permission.value,))
    seen = set(visible(user, permission, CostCentre.objects.all()))
    branches = set(visible(user, permission, Branch.objects.all()))
    for place in WHERE:
        COUNTED["gate"] += 4
        here, row = world.branches[place], world.objects["cost_centre"][place]
        allowed = place in reach
        if can(user, permission, on=here) != allowed:
            told.append(f"can({persona.name}, {permission}, {place}) is {not allowed}")
        known = any(place in PLACES[hat.place] for hat in persona.worn())
        wanted = 200 if allowed else 403 if known else 404
        if (answer := answer_of(user, permission, row)) != wanted:
            told.append(f"require({persona.name}, {permission}, {place}): {answer}, not {wanted}")
        if (row in seen) != allowed or (here in branches) != allowed:
            told.append(f"visible({persona.name}, {permission}) at {place} is not {allowed}")
    return told


def answer_of(user, permission, on) -> int:
    """The status that ``require`` leads to."""
    try:
        require(user, permission, on)
    except Unseen:
        return 404
    except Refused:
        return 403
    return 200


@pytest.mark.django_db
def test_a_member_s_address_opens_to_those_who_wear_a_hat_there(world: World):
    faults = []
    for persona in SIGNED_IN:
        user = User.objects.get(pk=world.users[persona.name].pk)
        for member in "AB":
            COUNTED["gate"] += 1
            try:
                opened = require_member(user, world.slug(member)).slug == world.slug(member)
            except Unseen:
                opened = False
            if opened != persona.knows(member):
                faults.append(f"{persona.name} at {member}: {opened}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_system_begins_only_what_its_column_says(name: str):
    permission = {may.value: may for may in (*roles.May, *roles.StaffMay)}[name]
    allowed = "SYSTEM" in GOLDEN[name]
    assert can(SYSTEM, permission, on=None) is allowed
    assert answer_of(SYSTEM, permission, None) == (200 if allowed else 403)
