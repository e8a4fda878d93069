"""The mutants compiled into the portal: each is a switch, off until its number is the active one.

An import hook reads the apps' sources, wraps every call of the gate, and every condition of the
gate itself, in one of the functions below, and lists what it wrapped. Nothing is compiled twice:
a mutant is a number in ``ACTIVE``.
"""

import ast
import importlib.abc
import importlib.machinery
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = tuple(sorted(path.parent.name for path in ROOT.glob("*/apps.py")))
GATE_MODULES = {"members.permissions", "members.models.respondents", "members.models.periods"}
GATE_CALLS = {
    *("require", "visible", "perform", "require_member", "can", "reach_of", "organisations_of"),
    *("granted", "require_granted"),
}


@dataclass(frozen=True)
class Switch:
    """One mutant of the code: where it stands and what it does."""

    number: int
    kind: str
    place: str
    change: str

    @property
    def module(self) -> str:
        """The path of its module."""
        return self.place.partition(":")[0]

    @property
    def function(self) -> tuple[str, str]:
        """Its module and its function."""
        return self.module, self.place.rpartition(" ")[2]


SWITCHES: list[Switch] = []
HITS: dict[int, set[str]] = defaultdict(set)
"""Which tests reached each switch, learnt in the first run."""

TOOK: dict[str, float] = {}
"""How long each test lasted in the first run."""

ROWS: set[str] = set()
"""The tests of the matrix, whose faults are lists of cells."""

OWN: set[str] = set()
"""The gate's own tests."""

ACTIVE: frozenset[int] = frozenset()
READER = ""
"""The test that runs now."""


def guarded(number: int, gate: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A call of the gate; as a mutant it lets everything through."""
    HITS[number].add(READER)
    return (_open(gate) if number in ACTIVE else gate)(*args, **kwargs)


def judged(number: int, condition: Any) -> Any:
    """A condition of the gate; its two mutants answer true and false."""
    HITS[number].add(READER)
    HITS[number + 1].add(READER)
    if number in ACTIVE:
        return True
    return False if number + 1 in ACTIVE else condition


def one_side(number: int, left: Callable[[], Any], right: Callable[[], Any], whole: Any) -> Any:
    """A union or an intersection; its two mutants keep one side."""
    HITS[number].add(READER)
    HITS[number + 1].add(READER)
    if number in ACTIVE:
        return left()
    return right() if number + 1 in ACTIVE else whole()


def narrowed(
    number: int, method: Callable[..., Any], args: list[Any], named: dict[str, Any]
) -> Any:
    """A ``filter`` of the gate; its mutants each forget one condition."""
    kept = []
    for position, value in enumerate(args):
        HITS[number + position].add(READER)
        if number + position not in ACTIVE:
            kept.append(value)
    left = dict(named)
    for position, name in enumerate(named, start=len(args)):
        HITS[number + position].add(READER)
        if number + position in ACTIVE:
            del left[name]
    return method(*kept, **left)


def unnarrowed(number: int, method: Callable[..., Any], *args: Any) -> Any:
    """``effective()`` or ``in_force()``; as a mutant every row."""
    HITS[number].add(READER)
    return method.__self__.all() if number in ACTIVE else method(*args)  # type: ignore[attr-defined]


def _open(gate: Callable[..., Any]) -> Callable[..., Any]:
    """What a verb of the gate becomes when nobody guards it."""
    from django.shortcuts import get_object_or_404

    from members.models import Organisation
    from portal.workflow import advance

    opened: dict[str, Callable[..., Any]] = {
        "require": lambda *args, **kwargs: "unguarded",
        "can": lambda *args, **kwargs: True,
        "granted": lambda user, permission, queryset: queryset,
        "require_granted": lambda *args, **kwargs: "unguarded",
        "visible": lambda user, permission, queryset: queryset,
        "reach_of": lambda *args, **kwargs: None,
        "perform": lambda transition, on, by, **data: advance(transition, on=on, by=by, **data),
        "require_member": lambda user, slug: get_object_or_404(Organisation, slug=slug),
        "organisations_of": lambda user: list(Organisation.objects.all()),
    }
    return opened[gate.__name__]


def _switch(kind: str, place: str, change: str) -> int:
    SWITCHES.append(Switch(len(SWITCHES), kind, place, change))
    return len(SWITCHES) - 1


class Wrapper(ast.NodeTransformer):
    """Wraps what a module asks of the gate, and in the gate what it judges by."""

    def __init__(self, module: str, path: str) -> None:
        self.in_gate = module in GATE_MODULES
        self.path = path
        self.function = ""
        self.asked: set[str] = set(GATE_CALLS) if module == "members.permissions" else set()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == "members.permissions":
            self.asked |= {alias.name for alias in node.names} & GATE_CALLS
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self.function = self.function, node.name
        node.body = [self.visit(statement) for statement in node.body]
        self.function = outer
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.asked and self.function:
            number = _switch("call", self._at(node), f"{node.func.id}() asks nothing")
            return self._wrapped(node, "guarded", number, [node.func, *node.args], node.keywords)
        if not self.in_gate or not self.function or not isinstance(node.func, ast.Attribute):
            return node
        if node.func.attr in {"effective", "in_force"}:
            number = _switch("step", self._at(node), f"{node.func.attr}() keeps every row")
            return self._wrapped(node, "unnarrowed", number, [node.func, *node.args], [])
        if node.func.attr in {"filter", "exclude"} and not any(
            k.arg is None for k in node.keywords
        ):
            return self._filter(node)
        return node

    def _filter(self, node: ast.Call) -> ast.AST:
        parts = [ast.unparse(value) for value in (*node.args, *node.keywords)]
        assert isinstance(node.func, ast.Attribute)
        numbers = [
            _switch("step", self._at(node), f"{node.func.attr}() without {part}") for part in parts
        ]
        keys = [ast.Constant(keyword.arg) for keyword in node.keywords]
        named = ast.Dict(keys, [keyword.value for keyword in node.keywords])
        args = ast.List(node.args, ast.Load())
        return self._wrapped(node, "narrowed", numbers[0], [node.func, args, named], [])

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._with_test(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._with_test(node)

    def _with_test(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        node.test = self._condition(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs = [self._condition(test) for test in node.ifs]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        node.values = [self._condition(value) for value in node.values]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        return self._condition(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        sign = {ast.BitAnd: "&", ast.BitOr: "|"}.get(type(node.op))
        if not self.in_gate or not self.function or sign is None:
            return self.generic_visit(node)
        place = self._at(node)
        left, right = ast.unparse(node.left), ast.unparse(node.right)
        first = _switch("step", place, f"{sign} {right} forgotten")
        _switch("step", place, f"{left} {sign} forgotten")
        self.generic_visit(node)
        sides = [_lambda(side) for side in (node.left, node.right, node)]
        return self._wrapped(node, "one_side", first, sides, [])

    def _condition(self, node: ast.expr) -> ast.expr:
        """Wrap once: a comparison inside an ``if`` is wrapped already, ``and`` by its parts."""
        called = node.func if isinstance(node, ast.Call) else None
        wrapped = isinstance(called, ast.Name) and called.id.startswith("_switch_")
        if not self.in_gate or not self.function or wrapped or isinstance(node, ast.BoolOp):
            return node
        text = ast.unparse(node)
        first = _switch("step", self._at(node), f"{text} is always true")
        _switch("step", self._at(node), f"{text} is never true")
        return self._wrapped(node, "judged", first, [node], [])

    def _at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)} {self.function}"

    def _wrapped(
        self, node: ast.AST, name: str, number: int, args: list[Any], keywords: list[ast.keyword]
    ) -> ast.expr:
        function = ast.Name(f"_switch_{name}", ast.Load())
        return ast.copy_location(ast.Call(function, [ast.Constant(number), *args], keywords), node)


def _lambda(body: ast.expr) -> ast.Lambda:
    nothing = ast.arguments([], [], None, [], [], None, [])
    return ast.copy_location(ast.Lambda(nothing, body), body)


BUILT_IN = {
    f"_switch_{function.__name__}": function
    for function in (guarded, judged, one_side, narrowed, unnarrowed)
}


class Loader(importlib.machinery.SourceFileLoader):
    """Compiles a module of the apps with its switches; never from, nor to, a cached file."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path))
        wrapper = Wrapper(fullname, Path(path).relative_to(ROOT).as_posix())
        return compile(ast.fix_missing_locations(wrapper.visit(tree)), path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(BUILT_IN)
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the apps' modules before anybody else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.split(".", maxsplit=1)[0] not in APPS or "migrations" in name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def install() -> None:
    """Before the first app is imported."""
    assert not any(name in sys.modules for name in APPS), "an app was imported too early"
    sys.meta_path.insert(0, Finder())
