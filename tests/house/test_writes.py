"""Only ``workflow`` writes a state, and only actions and the declared mechanisms write at all."""

import ast
import re

from django.apps import apps

from tests.house.tree import Module, app_modules, called, calls, hold, texts

MECHANISMS = {
    "portal/audit.py": "the one door to the journal",
    "portal/workflow.py": "the only writer of a state",
    "portal/queue.py": "promised work and its lease",
    "portal/journal.py": "the keeper's links",
    "portal/retention.py": "what has served is thrown away",
    "portal/files.py": "a stored file's row, after its bytes",
    "portal/idempotency.py": "the answer kept for a key",
    "members/projection.py": "grants, the projection of respondents (D-02)",
    "billing/loading/laying.py": "rows laid where no reader sees them, block by block",
    "billing/loading/progress.py": "how far an import is, for the page that shows it",
    "members/models/people.py": "the manager that makes an account, as Django asks",
}
"""Modules outside the actions that may write, with the reason."""

WRITES = {
    *("abulk_create", "acreate", "adelete", "asave", "bulk_create", "bulk_update", "create"),
    *("create_user", "delete", "get_or_create", "save", "update_or_create"),
}
SETTINGS = "portal/settings.py"
"""Its dictionaries have an ``update()`` too, and it may touch no row before the apps are ready."""

SQL_WRITE = re.compile(
    r"^\s*(insert\s+into|update\s+\w+\s+set|delete\s+from|truncate|copy\s)", re.IGNORECASE
)
STATE_WRITES = {"create", "update", "get_or_create", "update_or_create", "bulk_create", "replace"}


def is_write(call: ast.Call) -> bool:
    """A call that writes rows; ``.update()`` only with fields, since dictionaries have one too."""
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "update":
        return bool(call.keywords) and not call.args
    return call.func.attr in WRITES


def write_faults(module: Module) -> list[str]:
    """Each write of a module."""
    faults = [
        f"{module.at(call)}: .{called(call)}()" for call in calls(module.tree) if is_write(call)
    ]
    return faults + [
        f"{module.at(call)}: SQL that writes"
        for call in calls(module.tree)
        if called(call) in {"execute", "executemany", "copy"}
        and any(SQL_WRITE.match(text) for text in texts(call))
    ]


def state_faults(module: Module, models: set[str]) -> list[str]:
    """Each place where a module gives ``state`` a value."""
    faults = []
    for node in ast.walk(module.tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        written = {part.attr for t in targets for part in ast.walk(t) if _is_stored(part)}
        if "state" in written:
            faults.append(f"{module.at(node)}: .state = …")
        if isinstance(node, ast.Call) and _gives_state(node, models):
            faults.append(f"{module.at(node)}: {called(node)}(state=…)")
    return faults


def _is_stored(part: ast.AST) -> bool:
    return isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)


def _gives_state(call: ast.Call, models: set[str]) -> bool:
    name = called(call)
    keywords = {keyword.arg for keyword in call.keywords}
    if name in STATE_WRITES | models and "state" in keywords:
        return True
    if name in {"setattr", "bulk_update"}:
        return "state" in set(texts(call))
    defaults = [keyword.value for keyword in call.keywords if keyword.arg == "defaults"]
    return name in STATE_WRITES and any("state" in set(texts(value)) for value in defaults)


def test_only_actions_and_declared_mechanisms_write():
    faults = [
        fault
        for module in app_modules()
        if module.room != "actions" and module.shown not in {*MECHANISMS, SETTINGS}
        for fault in write_faults(module)
    ]
    hold(faults, mend="move the write into an action of the app's actions room (house.md §2).")


def test_declared_mechanisms_exist_and_write():
    writing = {module.shown for module in app_modules() if write_faults(module)}
    hold(sorted(set(MECHANISMS) - writing), mend="take the line out of MECHANISMS.")


def test_only_the_workflow_writes_a_state():
    """A row is born in the default state of its model, so ``create(state=…)`` is refused too."""
    models = {model.__name__ for model in apps.get_models()}
    faults = [
        fault
        for module in app_modules()
        if module.shown != "portal/workflow.py"
        for fault in state_faults(module, models)
    ]
    hold(
        faults,
        mend="declare a Transition in states.py and take it with perform() or advance(); "
        "give the model's state its first value with default=.",
    )
