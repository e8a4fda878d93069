"""Every model has a factory, a docstring, explicit ``on_delete``, and whole ``x_at``/``x_by``."""

import ast
import importlib

from django.apps import apps
from django.db import models
from factory.django import DjangoModelFactory

from tests.house.tree import APPS, ROOT, app_modules, called, calls, hold

UNMADE = {
    "portal.AuditEvent": "record() alone makes it",
    "portal.JournalPending": "a trigger makes it",
    "portal.JournalLink": "the keeper makes it",
    "portal.WorkerBeat": "a worker that signs in makes it",
    "portal.NumberSeries": "portal/numbers.py alone makes it",
    "members.BranchGrant": "project() makes it, from respondents",
    "members.BranchGroupGrant": "guardian asks for its table; nothing is granted to groups",
    "derogations.SigningGrant": "the projection of eligible signers makes it",
    "derogations.SigningGroupGrant": "guardian asks for its table; nothing is granted to groups",
    "billing.Charge": "an import's COPY makes it, in a table made for it (D-40)",
    "billing.Usage": "an import's COPY makes it, in a table made for it (D-40)",
}
"""Tables that only a mechanism fills, so that a factory would lie."""

RELATIONS = {"ForeignKey", "OneToOneField"}


def own_models() -> list[type[models.Model]]:
    """Every concrete model of the project's apps."""
    return [m for m in apps.get_models() if m._meta.app_label in APPS]


def all_factories() -> list[type[DjangoModelFactory]]:
    """Every factory declared in ``tests/*/factories.py``."""
    found = []
    for path in sorted((ROOT / "tests").glob("*/factories.py")):
        module = importlib.import_module(f"tests.{path.parent.name}.factories")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, DjangoModelFactory)
        ]
    return found


def test_every_model_has_a_factory():
    made = {factory._meta.model for factory in all_factories() if factory._meta.model}
    expected = [model for model in own_models() if model._meta.label not in UNMADE]
    faults = [model._meta.label for model in expected if model not in made]
    hold(faults, mend="a factory in tests/<app>/factories.py.")


def test_every_model_says_what_a_row_is():
    faults = [
        model._meta.label
        for model in own_models()
        if not model.__doc__ or model.__doc__.startswith(f"{model.__name__}(")
    ]
    hold(faults, mend="a docstring: what one row stands for.")


def test_every_model_has_a_name_for_people():
    faults = [m._meta.label for m in own_models() if m.__str__ is models.Model.__str__]
    hold(faults, mend="def __str__: what the journal and the console call a row.")


def test_every_relation_says_what_a_deletion_does():
    """And never cascades silently over business rows: PROTECT, or a reason beside CASCADE."""
    faults = []
    for module in app_modules():
        for call in calls(module.tree):
            if called(call) not in RELATIONS or "models" not in ast.unparse(call.func):
                continue
            if not any(keyword.arg == "on_delete" for keyword in call.keywords):
                faults.append(f"{module.at(call)}: {called(call)} without on_delete=")
    hold(faults, mend="on_delete=models.PROTECT by default.")


def checks_of(model: type[models.Model]) -> list[set[str]]:
    """The names that each check constraint of a model reads."""
    return [
        {str(child[0]).split("__")[0] for child in _leaves(constraint.condition)}
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    ]


def _leaves(condition: models.Q) -> list[tuple[str, object]]:
    leaves = []
    for child in condition.children:
        leaves += _leaves(child) if isinstance(child, models.Q) else [child]
    return [leaf for leaf in leaves if isinstance(leaf, tuple)]


def test_every_pair_of_at_and_by_is_whole():
    """Both null or both given; a pair of which neither may be null needs no constraint."""
    faults = []
    for model in own_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        for name, at in fields.items():
            by = fields.get(f"{name.removesuffix('_at')}_by") if name.endswith("_at") else None
            if by is None or not (at.null or by.null):
                continue
            if at.null and not any({name, by.name} <= read for read in checks_of(model)):
                faults.append(f"{model._meta.label}: {name} and {by.name}")
    hold(
        faults,
        mend="CheckConstraint(condition=Q(x_at__isnull=True, x_by__isnull=True) | "
        "Q(x_at__isnull=False, x_by__isnull=False), name='…_x_whole').",
    )


def test_every_amount_is_a_decimal():
    faults = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FloatField)
        or (field.name.endswith("_amount") and not isinstance(field, models.DecimalField))
    ]
    hold(faults, mend="DecimalField for money, and never a float.")
