"""The project's modules read as syntax trees, and how a wall tells what it found."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = tuple(sorted(path.parent.name for path in ROOT.glob("*/apps.py")))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Module:
    """One file of Python: where it is, and its tree."""

    path: Path

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def shown(self) -> str:
        """The path from the project's root."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def app(self) -> str:
        return self.shown.split("/")[0]

    @property
    def room(self) -> str:
        """``actions`` for both ``orders/actions.py`` and ``orders/actions/sending.py``."""
        parts = self.shown.removesuffix(".py").split("/")
        return "__init__" if len(parts) < 2 else parts[1]

    @property
    def dotted(self) -> str:
        return self.shown.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, at any depth."""
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS))

    def at(self, node: ast.AST) -> str:
        return f"{self.shown}:{getattr(node, 'lineno', 1)}"


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """Every module under a folder of the project, migrations apart."""
    found = sorted((ROOT / folder).rglob("*.py"))
    return tuple(Module(path) for path in found if "migrations" not in path.parts)


@cache
def app_modules() -> tuple[Module, ...]:
    """Every module of every app, the ground included."""
    return tuple(module for app in APPS for module in modules(app))


def called(node: ast.AST) -> str:
    """The last name of what a call calls: ``create`` for ``Order.objects.create(…)``."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def calls(node: ast.AST) -> Iterator[ast.Call]:
    """Every call inside a node."""
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def texts(node: ast.AST) -> Iterator[str]:
    """Every constant text inside a node."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def hold(faults: list[str], *, mend: str) -> None:
    """Fail with each fault on its line and the way to mend it."""
    assert not faults, "\n" + "\n".join(sorted(faults)) + f"\n\nTo mend: {mend}"
