"""The gate asked directly: every permission × persona × place, and the code's tables (D-06)."""

from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator

from members import roles
from members.models import Branch, CostCentre, Respondent, User
from members.permissions import (
    Refused,
    Unseen,
    can,
    explain,
    has_second_factor,
    perform,
    require,
    require_member,
    rights_of,
    visible,
)
from members.projection import project
from orders.states import CANCEL
from portal.audit import SYSTEM
from tests.matrix.counting import COUNTED
from tests.matrix.expected import PLACES
from tests.matrix.golden import CONFIRMED_ROLES, FACTOR_ROLES, GOLDEN, ROLES
from tests.members.factories import (
    BranchFactory,
    RespondentFactory,
    StaffAppointmentFactory,
    UserFactory,
)
from tests.personas import LONG_AGO, PERSONAS, World

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
    for permission in roles.MANDATED:
        table[permission.value].add("mandated")
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
    assert {role.value for role in (*roles.Role, *roles.StaffRole)} == {*ROLES} - {
        "SYSTEM",
        "mandated",
    }
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


@pytest.mark.django_db
def test_a_right_without_its_second_factor_says_what_to_add(world: World):
    user = world.users["intrl of A2 without a factor"]
    with pytest.raises(Refused, match="second facteur"):
        require(user, roles.May.DESIGNATE, world.branches["A2"])
    with pytest.raises(Refused, match="ne permet pas"):
        require(user, roles.May.ORDER, world.branches["A2"])


@pytest.mark.django_db
def test_recovery_codes_are_no_second_factor(world: World):
    user = UserFactory(factor=False)
    kinds = Authenticator.Type
    Authenticator.objects.create(user=user, type=kinds.RECOVERY_CODES, data={})
    assert not has_second_factor(user)
    StaffAppointmentFactory(person=user.person, role=roles.StaffRole.AGENT)
    RespondentFactory(person=user.person, role=roles.Role.INTRL, branch=BranchFactory())
    project([user.person_id])  # the role, the appointment, and what B's mandate adds to it
    assert [right.lacks_factor for right in rights_of(user, fresh=True)] == [True] * 3
    Authenticator.objects.create(user=user, type=kinds.TOTP, data={})
    assert has_second_factor(user)
    assert [right.lacks_factor for right in rights_of(user, fresh=True)] == [False] * 3


@pytest.mark.django_db
def test_an_unverified_account_wears_no_hat_of_itq(world: World):
    user = UserFactory(verified=False)
    StaffAppointmentFactory(person=user.person, role=roles.StaffRole.ADMIN)
    assert rights_of(user, fresh=True) == ()


@pytest.mark.django_db
def test_the_chain_names_only_rights_that_open(world: World):
    user = world.users["intrl of A1 and factu of B"]
    chain = [
        [right.role for right in explain(user, roles.May.DESIGNATE, world.branches[place])]
        for place in ("A1", "A2", "B")
    ]
    assert chain == [["intrl"], [], []]


@pytest.mark.django_db
def test_a_step_that_belongs_to_nobody_is_refused(world: World):
    nobody_s = replace(CANCEL, permission=None)
    order = world.objects["order"]["A1"]
    with pytest.raises(Refused, match="personne"):
        perform(nobody_s, on=order, by=world.users["rcell of A"])
    with pytest.raises(Refused, match="personne"):
        perform(nobody_s, on=order, by=SYSTEM)


@pytest.mark.django_db
def test_an_instant_says_which_rows_were_in_force(world: World):
    person = world.users["ended rcell of A"].person
    rows = Respondent.objects.filter(person=person)
    assert [rows.in_force(at).count() for at in (LONG_AGO, None)] == [1, 0]
