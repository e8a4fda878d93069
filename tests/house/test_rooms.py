"""Rooms have allowed names, each module says what lives in it, and nothing outgrows its ceiling."""

import ast
import re
import tomllib

import pytest

from tests.house.tree import APPS, FUNCTIONS, ROOT, Module, app_modules, hold, modules

ROOMS = {
    *("__init__", "apps", "urls", "views", "admin", "tasks", "forms", "actions", "queries"),
    *("emails", "documents", "permissions", "models", "states", "events", "management"),
    *("templatetags", "migrations", "demonstration"),
}
OWN_ROOMS = {
    "members/grants": "guardian's tables (D-01)",
    "members/projection": "grants, computed from respondents",
    "members/context": "the face of every page",
    "members/adapters": "how allauth asks the members",
    "members/requests": "the type of a request whose person is signed in",
    "derogations/freezing": "a request and its relations, as the text that is hashed",
    "derogations/reading": "that text in words, with the labels of the model",
    "orders/couriers": "how a sending reaches its provider",
    "billing/drops": "the watched folder, whose files are received then moved",
    "derogations/grants": "guardian's table of signing grants (D-02)",
    "derogations/mailings": "how each mail is written from the rows that it tells of",
    "billing/loading": "a file read and its rows laid, in as many commits as it takes (X-01)",
    "billing/storage": "the owner's functions that make and drop tables of rows (D-40)",
    "derogations/eligibility": "E1 to E10, asked in SQL at the database's clock",
}
"""Rooms of one app alone that read or write rows, with the reason; a pure module needs no line."""

IMPURE = re.compile(
    r"^(django\.(db|http|shortcuts|template)|celery|[a-z]+\.(models|queries|actions))"
)
BANNED = re.compile(r"(^|_)(utils?|helpers?|commons?|misc|tools?|lib)(_|$)")
FUNCTION_LINES, FILE_LINES, TEST_LINES = 40, 400, 500
LATE_IMPORTS = {
    "portal/apps.py": "the checks and catalogues need the apps to be ready",
    "portal/pdf_child.py": "WeasyPrint is loaded after the child's memory is limited",
    "portal/settings.py": "what a setting needs is read once it is known",
}
"""Modules that import inside a function, with the reason."""

OWN_DAYS = {
    "portal/clock.py": "where Montréal's days are made",
    "portal/tabular/workbook.py": "a sheet's dates have no zone",
}
"""Modules that take the day of an instant, with the reason."""

EVERYWHERE = ("launcher", "tests")
CHOICES = {"models.TextChoices", "models.IntegerChoices"}
"""What a pure module may take from ``django.db``: lists of codes and labels."""


def imports(module: Module) -> list[str]:
    """What a module imports, types apart."""
    found = []
    types = {
        inner
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(module.tree)) - types:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def is_pure(module: Module) -> bool:
    """A pure module knows plain values: no table, no request, no broker."""
    taken = {name for name in imports(module) if IMPURE.match(name)}
    if taken == {"django.db.models"}:
        used = {ast.unparse(n) for n in ast.walk(module.tree) if isinstance(n, ast.Attribute)}
        taken = {name for name in used if name.startswith("models.")} - CHOICES
    return not taken


def all_modules() -> list[Module]:
    return [*app_modules(), *(module for folder in EVERYWHERE for module in modules(folder))]


def test_rooms_have_allowed_names():
    faults = [
        f"{module.shown}: neither a room nor a pure module"
        for module in app_modules()
        if module.app != "portal"
        and module.room not in ROOMS
        and f"{module.app}/{module.room}" not in OWN_ROOMS
        and not is_pure(module)
    ]
    hold(
        faults,
        mend="give each line its room (house.md §2); what is left must be arithmetic and judgement "
        "on plain values; a room of one app alone has its line in OWN_ROOMS.",
    )


def test_nothing_is_named_after_nothing():
    names = [path for app in (*APPS, "launcher", "tests") for path in (ROOT / app).rglob("*.py")]
    faults = [p.relative_to(ROOT).as_posix() for p in names if BANNED.search(p.stem)]
    hold(faults, mend="name it after what it is; no name for it? It is not one thing: cut it.")


def test_every_module_opens_with_one_sentence():
    faults = []
    for module in all_modules():
        told = ast.get_docstring(module.tree) if module.source.strip() else "Empty."
        first = (told or "").split("\n\n")[0]
        if not first.endswith((".", ".)")) or "\n" in first.split(". ")[0]:
            faults.append(f"{module.shown}: {first or 'no docstring'}")
    hold(faults, mend='open it with one sentence: """What lives here."""')


def test_public_classes_and_functions_say_what_they_give():
    faults = []
    for module in app_modules():
        for node in module.tree.body:
            named = isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_")
            if named and not ast.get_docstring(node):
                faults.append(f"{module.at(node)}: {node.name}")
    hold(faults, mend="a docstring: shapes, units, errors raised, source.")


def test_functions_have_a_size():
    faults = []
    for module in all_modules():
        for node in module.functions():
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                faults.append(f"{module.at(node)}: {node.name} has {lines} lines")
    hold(faults, mend=f"cut it where it changes its mind; ceiling {FUNCTION_LINES}, aim 20.")


def test_files_have_a_size():
    faults = []
    for module in all_modules():
        lines = len(module.source.splitlines())
        if lines > (TEST_LINES if module.app == "tests" else FILE_LINES):
            faults.append(f"{module.shown}: {lines} lines")
    hold(faults, mend="split it by aggregate: a room may be a folder of the same name.")


def test_imports_stand_at_the_top():
    faults = []
    for module in app_modules():
        if module.shown in LATE_IMPORTS:
            continue
        for function in module.functions():
            late = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            faults += [f"{module.at(node)}: inside {function.name}" for node in late]
    hold(faults, mend="import at the top; a circle means that one of the two is in a wrong room.")


def test_words_come_from_django_s_gettext():
    faults = [m.shown for m in app_modules() if any(n.startswith("gettext") for n in imports(m))]
    hold(faults, mend="from django.utils.translation import gettext as _.")


def test_days_come_from_the_clock():
    """An instant's own ``date()`` is London's day: after 19 h here, tomorrow (D-21)."""
    faults = [
        module.at(node)
        for module in app_modules()
        if module.shown not in OWN_DAYS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"date", "localdate"}
        and not node.args
    ]
    hold(faults, mend="portal.clock.today() or day_of(instant).")


@pytest.mark.parametrize("marker", ["TODO", "FIXME", "XXX", "HACK"])
def test_no_bare_marker_is_left(marker):
    faults = [
        f"{module.shown}:{number}"
        for module in app_modules()
        for number, line in enumerate(module.source.splitlines(), start=1)
        if re.search(rf"#.*\b{marker}\b", line)
    ]
    hold(faults, mend="do it, or open an issue.")


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    parsed = tomllib.loads(text)
    groups = [parsed["project"]["dependencies"], *parsed["dependency-groups"].values()]
    named = [name for group in groups for name in group]
    lines = text.splitlines()
    faults = [
        name for name in named if not any(f'"{name}"' in line and "# " in line for line in lines)
    ]
    hold(faults, mend='"package>=1",  # why it is here.')
