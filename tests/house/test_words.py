"""Every plural has its French entry: an untranslated ``ngettext`` says « 0 demandes »."""

import ast
import re

from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.house.tree import ROOT, app_modules, called, calls, hold

PLURALS = {"ngettext": 0, "ngettext_lazy": 0, "npgettext": 1, "npgettext_lazy": 1}
_TEMPLATED = re.compile(r"n(?:p)?gettext\((?P<words>.+?),\s*count\)", re.DOTALL)


def plurals_of_code() -> list[tuple[str, str, str]]:
    """Every (singular, plural, place) of the apps' Python."""
    found = []
    for module in app_modules():
        for call in calls(module.tree):
            start = PLURALS.get(called(call))
            if start is None:
                continue
            words = call.args[start : start + 2]
            singular, plural = (ast.literal_eval(word) for word in words)
            found.append((singular, plural, module.at(call)))
    return found


def plurals_of_templates() -> list[tuple[str, str, str]]:
    """Every (singular, plural, place) of the templates."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.*")):
        code = templatize(path.read_text(encoding="utf-8"))
        for match in _TEMPLATED.finditer(code):
            words = ast.literal_eval(f"({match['words']})")
            found.append((words[-2], words[-1], path.relative_to(ROOT).as_posix()))
    return found


def translated() -> set[tuple[str, str]]:
    """The plural entries of ``locale/fr`` that have both forms and are not in doubt."""
    with (ROOT / "locale/fr/LC_MESSAGES/django.po").open("rb") as text:
        catalogue = read_po(text)
    return {
        message.id
        for message in catalogue
        if isinstance(message.id, tuple) and all(message.string) and not message.fuzzy
    }


def test_every_plural_has_its_french_entry():
    known = translated()
    faults = [
        f"{place}: {singular!r} / {plural!r}"
        for singular, plural, place in (*plurals_of_code(), *plurals_of_templates())
        if (singular, plural) not in known
    ]
    hold(faults, mend="add msgid, msgid_plural, msgstr[0] and msgstr[1] to locale/fr.")


def test_no_french_entry_is_left_over():
    used = {words[:2] for words in (*plurals_of_code(), *plurals_of_templates())}
    hold([repr(words) for words in translated() - used], mend="take the entry out of locale/fr.")
