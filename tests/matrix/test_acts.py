"""Every action called directly by every persona: no page, no form, only its own first line."""

import ast
import importlib
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile, File
from django.db import models
from django.http import Http404

from members.models import Organisation, Person, User
from members.roles import Role
from portal.audit import SystemActor
from tests.house.test_actions import actions, by_type
from tests.matrix.acts import ACTS, ELSEWHERE, Act
from tests.matrix.counting import COUNTED
from tests.matrix.expected import PLACES, Persona
from tests.matrix.objects import make
from tests.matrix.walk import undone
from tests.personas import PERSONAS, World

PLAIN: dict[type, Any] = {
    str: "Texte",
    int: 1,
    bool: True,
    bytes: b"",
    date: date(2026, 11, 2),
    datetime: datetime(2026, 11, 2, tzinfo=UTC),
    Decimal: Decimal("0.05"),
}
SPECIAL: dict[type, Callable[[World, str], Any]] = {
    Role: lambda world, place: Role.MANDA,
    Organisation: lambda world, place: world.branches[place].organisation,
    File: lambda world, place: ContentFile(b"a", name="a.csv"),
    Person: lambda world, place: world.users["nobody"].person,
}
"""Types whose value the gate reads, or that hang on no branch."""


def short(dotted: str, name: str) -> str:
    """``members.people.rename_self`` for ``members/actions/people.py``."""
    return f"{dotted.replace('.actions', '')}.{name}"


def declared() -> dict[str, ast.FunctionDef]:
    """Every action that people may begin, found in the syntax trees."""
    return {
        short(module.dotted, function.name): function
        for module, function in actions()
        if by_type(function) != SystemActor.__name__
    }


def test_every_action_has_its_row():
    missing = sorted(set(declared()) - {act.name for act in ACTS} - set(ELSEWHERE))
    assert not missing, "\n".join(missing) + "\n\nTo mend: a row in tests/matrix/acts.py."


def test_every_row_has_its_action():
    left = sorted(({act.name for act in ACTS} | set(ELSEWHERE)) - set(declared()))
    assert not left, "\n".join(left) + "\n\nTo mend: take the row out of tests/matrix/acts.py."


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS, ids=lambda act: "-".join((act.name, *act.may)))
def test_each_action_asks_its_permission_first(act: Act, world: World, rights_kept):
    function = function_of(act)
    faults = []
    given = arguments(world, act, function)
    for persona in PERSONAS:
        if not persona.signed_in:
            continue
        COUNTED["acts"] += 1
        answer = answer_of(function, given, world.users[persona.name])
        if answer not in allowed_answers(persona, act):
            faults.append(f"{act.name} by {persona.name}: {answer}")
    assert not faults, "\n".join(faults)


def allowed_answers(persona: Persona, act: Act) -> set[str]:
    """What the golden table lets the action answer."""
    inside = act.place in persona.reach(act.may) and persona.name not in act.but
    if inside or persona.name in act.also:
        return {"let in"}
    known = any(act.place in PLACES[hat.place] for hat in persona.worn())
    return {"refused"} if known else {"refused", "unseen"}


def answer_of(function: Callable[..., Any], given: dict[str, Any], user: User) -> str:
    """Let in, refused or unseen; what an action answers beyond its gate does not matter here."""
    try:
        with undone():
            function(**given, by=user)
    except Http404:
        return "unseen"
    except PermissionDenied:
        return "refused"
    except Exception:  # the arguments are only good enough for the gate
        return "let in"
    return "let in"


def function_of(act: Act) -> Callable[..., Any]:
    """The action itself."""
    app, *rooms, name = act.name.split(".")
    module = importlib.import_module(".".join((app, "actions", *rooms)))
    return getattr(module, name)  # type: ignore[no-any-return]


def arguments(world: World, act: Act, function: Callable[..., Any]) -> dict[str, Any]:
    """One value for each argument without a default, from the row or from its type."""
    inner = inspect.unwrap(function)
    hints = typing.get_type_hints(inner)
    given = {}
    for name, parameter in inspect.signature(inner).parameters.items():
        if name == "by" or parameter.kind is parameter.VAR_KEYWORD:
            continue
        if name in act.chosen:
            given[name] = chosen(world, hints[name], act.chosen[name], act.place)
        elif parameter.default is parameter.empty:
            given[name] = value_of(world, hints[name], act.place)
    return given


def chosen(world: World, hint: Any, value: Any, place: str) -> Any:
    """What a row names: an object of the world by its kind, or a plain value."""
    if isinstance(hint, type) and issubclass(hint, models.Model):
        return world.objects[value][place]
    return hint(value)


def value_of(world: World, hint: Any, place: str) -> Any:
    """Something of that type; an object hangs at the place."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return value_of(world, inside[0], place)
    if origin is not None:
        return {} if issubclass(origin, Mapping) else [value_of(world, inside[0], place)]
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        bare = [f.name for f in fields(hint) if f.default is MISSING]
        return hint(**{name: value_of(world, hints[name], place) for name in bare})
    if hint in SPECIAL:
        return SPECIAL[hint](world, place)
    if issubclass(hint, models.Model):
        return make(world, hint, place)
    return next(iter(hint)) if issubclass(hint, Enum) else PLAIN[hint]
