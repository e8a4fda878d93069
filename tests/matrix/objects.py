"""The objects that the addresses name: one of each kind at ``A1``, ``A2`` and ``B``."""

from collections.abc import Callable

from django.db.models import Model

from members.models import Branch
from members.roles import Role
from tests.members.factories import CostCentreFactory, PersonFactory, RespondentFactory
from tests.personas import MARKS, World, build_world

PLACES = ("A1", "A2", "B", "A")
"""Where each object exists; the addresses name those of ``A1``, ``A2`` and ``B``."""

Builder = Callable[[Branch, str], Model]


def respondent(branch: Branch, mark: str) -> Model:
    """A sector manager, whose role its interlocutor may end."""
    person = PersonFactory(family_name=mark, email=f"{mark.lower()}@example.test")
    return RespondentFactory(person=person, branch=branch, role=Role.MANDA)


def cost_centre(branch: Branch, mark: str) -> Model:
    return CostCentreFactory(branch=branch, name=f"Centre {mark}")


BUILDERS: dict[str, Builder] = {
    "respondent": respondent,
    "cost_centre": cost_centre,
}


def furnished_world() -> World:
    """The world with its objects."""
    world = build_world()
    for kind, builder in BUILDERS.items():
        world.objects[kind] = {p: builder(world.branches[p], MARKS[p]) for p in PLACES}
    return world
