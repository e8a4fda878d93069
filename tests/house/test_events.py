"""Events are declared once, named ``<noun>.<past participle>``, and each is recorded somewhere."""

import ast
import re

from tests.house.tree import Module, app_modules, called, calls, hold

CODE = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
IRREGULAR = {
    *("begun", "built", "chosen", "drawn", "found", "given", "held", "kept", "known", "left"),
    *("lost", "made", "met", "paid", "put", "read", "sent", "set", "shown", "split", "spent"),
    *("done", "seen", "taken", "told", "withdrawn", "written"),
}


def declared() -> list[tuple[Module, ast.Assign, str, str]]:
    """Every ``NAME = Event("code", …)``: module, statement, name, code."""
    found = []
    for module in app_modules():
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and called(node.value) == "Event":
                assert isinstance(node.value, ast.Call)
                assert isinstance(node.targets[0], ast.Name)
                first = node.value.args[0]
                assert isinstance(first, ast.Constant)
                found.append((module, node, node.targets[0].id, str(first.value)))
    return found


def is_participle(words: str) -> bool:
    """Whether one of the words is a past participle: ``handed_over``, ``signed``, ``sent``."""
    return any(word.endswith("ed") or word in IRREGULAR for word in words.split("_"))


def test_events_are_declared_in_the_events_room_only():
    faults = [
        f"{module.at(call)}: Event(…)"
        for module in app_modules()
        if module.room != "events"
        for call in calls(module.tree)
        if called(call) == "Event"
        and module.shown != "portal/audit.py"
        and "portal.audit" in module.source
    ]
    hold(faults, mend="declare it once, in the app's events.py.")


def test_events_are_named_noun_and_past_participle():
    faults = []
    for module, node, _, code in declared():
        if not CODE.fullmatch(code) or not is_participle(code.partition(".")[2]):
            faults.append(f"{module.at(node)}: {code}")
    hold(faults, mend='ORDER_SENT = Event("order.sent", _("Commande transmise")).')


def test_events_are_declared_once():
    codes = [code for _, _, _, code in declared()]
    hold([code for code in set(codes) if codes.count(code) > 1], mend="keep one declaration.")


def test_every_event_is_recorded_somewhere():
    used = {
        (module.app, name)
        for module in app_modules()
        if module.room != "events"
        for name in _names(module)
    }
    faults = [
        f"{module.at(node)}: {name}"
        for module, node, name, _ in declared()
        if (module.app, name) not in used
    ]
    hold(faults, mend="record() it in the action that does it, or name it in a Transition.")


def _names(module: Module) -> set[str]:
    nodes = list(ast.walk(module.tree))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in nodes if isinstance(node, ast.Name)}
