"""The objects that addresses and actions name: one of each kind at each place."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test import RequestFactory, override_settings

from members.events import RESPONDENT_DESIGNATED
from members.models import Branch, Respondent, User
from portal.audit import SYSTEM, record
from portal.console import console
from portal.models import AuditEvent
from tests.house.test_models import all_factories
from tests.matrix.awaiting_objects import add_what_awaits
from tests.matrix.billing_objects import billing_kinds
from tests.matrix.billing_staff_objects import billing_staff_kinds
from tests.matrix.console_routes import CONSOLE_ROWS
from tests.matrix.derogation_objects import derogation_kinds
from tests.matrix.drawing_objects import drawing_kinds
from tests.matrix.member_objects import member_kinds
from tests.matrix.order_objects import open_shop, order_kinds
from tests.matrix.seal_objects import seal_kinds
from tests.matrix.signing_objects import signing_kinds
from tests.personas import MARKS, World, build_world

DATA = Path(tempfile.mkdtemp(prefix="matrice-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

REQUEST = RequestFactory().get("/console/")
"""What the console's tables are asked for their rows with."""

PLACES = ("A1", "A2", "B", "A")
"""Where each object exists; the addresses name those of ``A1``, ``A2`` and ``B``."""


def furnished_world() -> World:
    """The world with its objects."""
    with override_settings(DATA_DIR=DATA):
        return _furnish(build_world())


def _furnish(world: World) -> World:
    shop = open_shop(world)
    builders = {**member_kinds(shop), **order_kinds(shop), **drawing_kinds(shop)}
    builders |= {**derogation_kinds(shop), **seal_kinds(), **billing_kinds()}
    builders |= billing_staff_kinds()
    for kind, builder in builders.items():
        world.objects[kind] = {p: builder(world.branches[p], MARKS[p]) for p in PLACES}
    for kind, builder in signing_kinds(world, shop).items():
        world.objects[kind] = {p: builder(world.branches[p], MARKS[p]) for p in PLACES}
    add_what_awaits(world)
    for row in CONSOLE_ROWS:
        if row.on:
            model = apps.get_model(row.on.removeprefix("console:"))
            world.objects[row.on] = dict.fromkeys(PLACES, _any(world, model))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database in use: no statistics, and the planner guesses
    return world


def _any(world: World, model: type[Model]) -> Model:
    """A row that the console may show."""
    found = console._registry[model].get_queryset(REQUEST).first()
    if found is None and model is AuditEvent:
        found = record(RESPONDENT_DESIGNATED, by=SYSTEM, on=world.branches["A"])
    return found or make(world, model, "A")


PARENTS = (
    *("order", "order_line", "service_line", "respondent", "organisation", "plan"),
    *("delegation", "derogation", "place", "version"),
)
"""What a row belongs to, and through which it hangs at a place."""

LATER = {("version", "derogations.Derogation"), ("derogation", "derogations.Withdrawal")}
"""A draft has no version yet: each version would make it again, and nothing of it is withdrawn."""


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
    for name in PARENTS:
        if name in names and names[name].related_model and (name, model._meta.label) not in LATER:
            given[name] = _parent(world, names[name].related_model, place)
    if model._meta.label == "orders.Dispatch":
        given.pop("branch")
    return factories()[model](**given)


def _parent(world: World, model: type[Model], place: str) -> Any:
    if model._meta.label == "members.Organisation":
        return world.branches[place].organisation
    return make(world, model, place)
