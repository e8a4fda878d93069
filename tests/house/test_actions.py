"""Every action is keyword-only, takes ``by``, is atomic, and asks the gate before it writes."""

import ast
from functools import cache

from tests.house.test_writes import is_write
from tests.house.tree import Module, app_modules, called, calls, hold

GATE = {"require", "require_granted", "perform"}
BEFORE = 4
"""Statements that may stand before the gate: they read arguments, they never write or lock."""

OTHER_GATES = {
    "open_invited_account": "require_open",  # the holder of a link has no account yet (F-05)
    "attach_account": "require_open",  # the link, then the account it was sent to (F-05)
    "declare_own_absence": "_require_signer",  # whoever stands on a line says when away (F-12)
    "end_own_absence": "_require_own",  # one's own return
    "open_challenge": "require_power",  # E1 to E10 on the plan's lines (signing.md §2)
    "sign_derogation": "require_gesture",  # one's own challenge, then E1 to E10 again
    "refuse_derogation": "require_power",
    "open_withdrawal": "require_withdrawer",  # a power over what was signed
    "withdraw_derogation": "require_gesture",
    "write_as_signer": "_require_talker",  # the grant, or what one signed here while on the plan
    "rename_self": "_own_person",  # everyone keeps their own name
}
"""Actions whose first call is a gate of another kind, with that call."""

SYSTEM_ONLY = "SystemActor"
"""``by: SystemActor``: finishes a committed act, so that the types alone keep people out (D-03)."""

Functions = dict[str, ast.FunctionDef]


@cache
def action_modules() -> tuple[Module, ...]:
    """Every module of every ``actions`` room."""
    return tuple(module for module in app_modules() if module.room == "actions")


def top_functions(module: Module) -> list[ast.FunctionDef]:
    return [node for node in module.tree.body if isinstance(node, ast.FunctionDef)]


def is_action(function: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "action" for d in function.decorator_list)


def actions() -> list[tuple[Module, ast.FunctionDef]]:
    """Every action with its module."""
    return [(m, f) for m in action_modules() for f in top_functions(m) if is_action(f)]


@cache
def known(app: str) -> Functions:
    """What an app's actions may delegate to: the functions of its room and every action."""
    own = {f.name: f for m in action_modules() if m.app == app for f in top_functions(m)}
    return {f.name: f for _, f in actions()} | own


def asks_gate(statement: ast.stmt, local: Functions, seen: frozenset[str]) -> bool:
    """Whether a statement always asks the gate, itself or through a function given ``by``."""
    if isinstance(statement, ast.If):
        branches = (statement.body, statement.orelse)
        return all(_some_asks(branch, local, seen) for branch in branches)
    if isinstance(statement, ast.With | ast.Try | ast.For):
        return _some_asks(statement.body, local, seen)
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Return):
        return False
    return any(_is_gate(call, local, seen) for call in calls(statement))


def _some_asks(body: list[ast.stmt], local: Functions, seen: frozenset[str]) -> bool:
    """Whether a block asks the gate before any way out of it, raising apart."""
    for statement in body:
        if asks_gate(statement, local, seen):
            return True
        if isinstance(statement, ast.If) and not _returns_unasked(statement, local, seen):
            continue
        if any(isinstance(node, ast.Return) for node in ast.walk(statement)):
            return False
    return False


def _returns_unasked(statement: ast.If, local: Functions, seen: frozenset[str]) -> bool:
    """Whether a branch returns without the gate: ``if mine: return require(…)`` does not."""
    branches = [branch for branch in (statement.body, statement.orelse) if branch]
    returning = [
        b for b in branches if any(isinstance(n, ast.Return) for s in b for n in ast.walk(s))
    ]
    return not all(_some_asks(branch, local, seen) for branch in returning)


def _is_gate(call: ast.Call, local: Functions, seen: frozenset[str]) -> bool:
    name = called(call)
    if name in GATE:
        return True
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    gives_by = any(isinstance(value, ast.Name) and value.id == "by" for value in given)
    if not gives_by or name in seen or name not in local:
        return False
    return _some_asks(local[name].body, local, seen | {name})


def gate_fault(function: ast.FunctionDef, local: Functions) -> str | None:
    """What stands between an action's first line and the gate; None when all is well."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if function.name in OTHER_GATES:
        asked = OTHER_GATES[function.name]
        first = any(called(call) == asked for call in calls(body[0]))
        return None if first else f"does not begin with {asked}()"
    for position, statement in enumerate(body):
        if asks_gate(statement, local, frozenset({function.name})):
            return None if position <= BEFORE else f"asks the gate at its statement {position + 1}"
        if any(is_write(call) or called(call) == "locked" for call in calls(statement)):
            return "writes or locks before it asks the gate"
        if isinstance(statement, ast.If) and _returns_unasked(statement, local, frozenset()):
            return "returns before it asks the gate"
    return "never asks the gate"


def by_type(function: ast.FunctionDef) -> str:
    """The annotation of ``by``."""
    found = [a.annotation for a in function.args.kwonlyargs if a.arg == "by" and a.annotation]
    return ast.unparse(found[0]) if found else ""


def test_the_outside_sees_only_actions():
    """What is public in an actions room and is no action serves that room alone."""
    plain = {
        (module.app, function.name): module.at(function)
        for module in action_modules()
        for function in top_functions(module)
        if not is_action(function)
    }
    faults = [
        f"{plain[module.app, alias.name]}: {alias.name} is imported by {module.at(node)}"
        for module in app_modules()
        if module.room != "actions"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and ".actions" in (node.module or "")
        for alias in node.names
        if (module.app, alias.name) in plain
    ]
    hold(faults, mend="a question goes to queries or to a pure module; a write is an @action.")


def test_every_action_is_keyword_only_and_takes_by():
    faults = []
    for module, function in actions():
        arguments = function.args
        if arguments.args or arguments.posonlyargs or arguments.vararg:
            faults.append(f"{module.at(function)}: {function.name} takes positions")
        if "by" not in {argument.arg for argument in arguments.kwonlyargs}:
            faults.append(f"{module.at(function)}: {function.name} has no by=")
    hold(faults, mend="def verb_noun(*, noun: Noun, by: Actor) -> Noun.")


def test_every_action_begins_with_the_gate():
    faults = [
        f"{module.at(function)}: {function.name} {fault}"
        for module, function in actions()
        if by_type(function) != SYSTEM_ONLY and (fault := gate_fault(function, known(module.app)))
    ]
    hold(
        faults,
        mend="hat = require(by, May.X, on=…) or perform(TRANSITION, on=…, by=by) first; an act "
        "that finishes a committed one takes by: SystemActor (D-03).",
    )


def test_every_action_tells_its_rule():
    faults = [
        f"{module.at(function)}: {function.name}"
        for module, function in actions()
        if not ast.get_docstring(function)
    ]
    hold(faults, mend="a docstring that states the rule and its number (R-13).")


def test_every_action_records_what_it_did():
    """An action leaves an event: itself, or through what it delegates to."""
    faults = [
        f"{module.at(function)}: {function.name}"
        for module, function in actions()
        if not _records(function, known(module.app), frozenset({function.name}))
    ]
    hold(faults, mend="record(events.NOUN_DONE, by=by, on=…) beside the write.")


def _records(node: ast.AST, local: Functions, seen: frozenset[str]) -> bool:
    names = {called(call) for call in calls(node)}
    if names & {"record", "perform", "advance"}:
        return True
    return any(_records(local[n], local, seen | {n}) for n in names - seen if n in local)
