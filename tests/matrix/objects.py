"""The objects that addresses and actions name: one of each kind at each place."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.test import override_settings

from members.models import Branch, Respondent, User
from members.roles import Role
from tests.house.test_models import all_factories
from tests.matrix.order_objects import open_shop, order_kinds
from tests.members.factories import CostCentreFactory, PersonFactory, RespondentFactory
from tests.personas import MARKS, World, build_world

DATA = Path(tempfile.mkdtemp(prefix="matrice-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

PLACES = ("A1", "A2", "B", "A")
"""Where each object exists; the addresses name those of ``A1``, ``A2`` and ``B``."""

Builder = Callable[[Branch, str], Model]


def respondent(branch: Branch, mark: str) -> Model:
    """A sector manager, whose role its interlocutor may end."""
    person = PersonFactory(family_name=mark, email=f"{mark.lower()}@example.test")
    return RespondentFactory(person=person, branch=branch, role=Role.MANDA)


def interlocutor(branch: Branch, mark: str) -> Model:
    """The INTRL of a branch: one of the personas, or someone else where there is none."""
    held = Respondent.objects.filter(branch=branch, role=Role.INTRL).first()
    return held or RespondentFactory(branch=branch, role=Role.INTRL)


def cost_centre(branch: Branch, mark: str) -> Model:
    return CostCentreFactory(branch=branch, name=f"Centre {mark}")


BUILDERS: dict[str, Builder] = {
    "respondent": respondent,
    "interlocutor": interlocutor,
    "cost_centre": cost_centre,
}


def furnished_world() -> World:
    """The world with its objects."""
    with override_settings(DATA_DIR=DATA):
        return _furnish(build_world())


def _furnish(world: World) -> World:
    shop = open_shop(world)
    for kind, builder in {**BUILDERS, **order_kinds(shop)}.items():
        world.objects[kind] = {p: builder(world.branches[p], MARKS[p]) for p in PLACES}
    return world


@cache
def factories() -> dict[type[Model], Any]:
    """The first factory of each model, app by app."""
    found: dict[type[Model], Any] = {}
    for factory in all_factories():
        found.setdefault(factory._meta.model, factory)
    return found


def make(world: World, model: type[Model], place: str) -> Model:
    """A row of a model that hangs at a place, itself or through what it belongs to."""
    if model is Branch:
        return world.branches[place]
    if model is User:
        return world.users["nobody"]
    if model is Respondent:
        return world.objects["respondent"][place]
    names = {field.name: field for field in model._meta.concrete_fields}
    given: dict[str, Any] = {}
    if "branch" in names:
        given["branch"] = world.branches[place]
    for name in ("order", "order_line", "service_line", "respondent", "organisation"):
        if name in names and names[name].related_model:
            given[name] = _parent(world, names[name].related_model, place)
    if model._meta.label == "orders.Dispatch":
        given.pop("branch")
    return factories()[model](**given)


def _parent(world: World, model: type[Model], place: str) -> Any:
    if model._meta.label == "members.Organisation":
        return world.branches[place].organisation
    return make(world, model, place)
