"""Templates are all used, all compile, keep script and style outside, and never read nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import django
import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template

from members.explanations import SCOPED
from tests.house.tree import ROOT, app_modules, hold, texts
from tests.undefined import OURS, Undefined, UndefinedVariable

FOLDER = ROOT / "templates"
SUFFIXES = {".html", ".txt", ".xml", ".svg"}
PAPER = ("documents/", "emails/")
"""Read by WeasyPrint or by a mail reader: they may carry a style sheet of their own."""

ASKED_BY_NAME = {
    *("400.html", "403.html", "404.html", "429.html", "500.html"),
    "account/password_reset_help_text.html",
}
"""Django and allauth ask for these themselves, and have none of their own."""

_NAME = re.compile(r"""["']([\w./-]+\.(?:html|txt|xml|svg))["']""")
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)
_INLINE = {
    "script without src": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "script with a body": re.compile(r"<script[^>]*>\s*[^<\s]", re.IGNORECASE),
    "on… attribute": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)=", re.IGNORECASE),
    "javascript: address": re.compile(r"""=["']\s*javascript:""", re.IGNORECASE),
}
_STYLE = {
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle=", re.IGNORECASE),
}


def templates() -> list[str]:
    """The names of our templates."""
    found = (path for path in FOLDER.rglob("*") if path.suffix in SUFFIXES)
    return sorted(path.relative_to(FOLDER).as_posix() for path in found)


def read(name: str) -> str:
    return _COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8"))


def overridden() -> set[str]:
    """The names that Django or allauth ask for: what we write under them replaces theirs."""
    packages = (Path(package.__file__).parent for package in (allauth, django))
    folders = [f for package in packages for f in package.rglob("templates") if f.is_dir()]
    return {
        path.relative_to(folder).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def named() -> set[str]:
    """Every template's name that code or another template writes."""
    code = {text for module in app_modules() for text in texts(module.tree)}
    inside = {name for template in templates() for name in _NAME.findall(read(template))}
    return code | inside


WITHOUT_PAGE = {"branch", "account", "cost_centre"}
"""Rows of a list: the page of the organisation, or of what uses them, tells."""


def test_every_page_of_an_object_says_why_it_is_seen():
    link = re.compile(r"""members:access_explain["'] ["'](\w+)["']""")
    linked = {kind for name in templates() for kind in link.findall(read(name))}
    faults = sorted({*SCOPED} - WITHOUT_PAGE - linked)
    hold(faults, mend="link « Pourquoi ai-je accès ? » on the object's page.")
    hold(sorted(linked - {*SCOPED}), mend="name the kind in members/explanations.py.")


def test_every_template_is_used():
    known = named() | overridden() | ASKED_BY_NAME
    faults = [name for name in templates() if name not in known]
    hold(
        faults, mend="remove it, or name it in the view, the e-mail or the template that shows it."
    )


@pytest.mark.parametrize("name", templates())
def test_every_template_compiles(name):
    try:
        get_template(name)
    except TemplateSyntaxError as error:
        pytest.fail(f"templates/{name}: {error}")


def test_every_template_that_is_named_exists():
    """In the ``{% include %}`` and ``{% extends %}`` of our own pages."""
    known = set(templates()) | overridden()
    faults = [
        f"templates/{template}: {name}"
        for template in templates()
        for name in _NAME.findall(read(template))
        if name.endswith(".html") and name not in known
    ]
    hold(faults, mend="write the template, or mend the name.")


def test_no_script_stands_in_a_page():
    faults = [
        f"templates/{name}: {kind}"
        for name in templates()
        for kind, pattern in _INLINE.items()
        if pattern.search(read(name))
    ]
    hold(
        faults, mend="move it to static/js/ and listen there; the policy refuses it anyway (D-52)."
    )


def test_no_style_stands_in_a_page():
    faults = [
        f"templates/{name}: {kind}"
        for name in templates()
        if not name.startswith(PAPER)
        for kind, pattern in _STYLE.items()
        if pattern.search(read(name))
    ]
    hold(faults, mend="a class of static/css/components.css; the policy refuses it anyway (D-52).")


def test_an_undefined_variable_of_ours_is_an_error():
    template = Template("{{ missing }}")
    template.engine.string_if_invalid = Undefined()
    for node in template.nodelist:
        node.origin.name = f"{OURS}/somewhere.html"
    with pytest.raises(UndefinedVariable, match="missing"):
        template.render(Context())


def test_an_undefined_variable_of_others_is_empty():
    template = Template("{{ missing }}{% if absent %}no{% endif %}")
    template.engine.string_if_invalid = Undefined()
    assert template.render(Context()) == ""


def test_a_variable_of_a_block_is_not_read_in_another():
    """``{% url … as name %}`` lives in its block: elsewhere the name is empty, and says nothing."""
    faults = [
        f"{path.relative_to(FOLDER)}: {name}"
        for path in FOLDER.rglob("*.html")
        for name, part in _kept_elsewhere(path.read_text(encoding="utf-8"))
        if re.search(rf"\b{name}\b", part)
    ]
    hold(faults, mend="set the variable again at the head of the block that reads it.")


def _kept_elsewhere(source: str) -> Iterator[tuple[str, str]]:
    """Each name that a block sets, beside each block that does not set it."""
    parts = re.split(r"{% (?:end)?block\b[^%]*%}", source)
    for name in set(re.findall(r"{% \w+ [^%]* as (\w+) %}", source)):
        yield from ((name, part) for part in parts if f" as {name} %}}" not in part)
