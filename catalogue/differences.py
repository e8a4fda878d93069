"""What a new list changes: articles added, removed, and each value that differs (F-21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

Facts = Mapping[str, Any]
"""An article's values by column name, ``code`` and ``name`` among them."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One article whose values differ: (label, before, after) as they are shown."""

    code: str
    name: str
    values: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Differences:
    """How a list differs from the version before it; pairs are (code, name)."""

    added: list[tuple[str, str]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        """For a JSON field."""
        return {
            "added": self.added,
            "removed": self.removed,
            "changed": [
                {"code": one.code, "name": one.name, "values": one.values} for one in self.changed
            ],
            "unchanged": self.unchanged,
        }


def compare(
    before: Sequence[Facts], after: Sequence[Facts], labels: Mapping[str, str]
) -> Differences:
    """Compare two lists by code over the columns of ``labels``, in the order of their codes."""
    old = {facts["code"]: facts for facts in before}
    new = {facts["code"]: facts for facts in after}
    found = Differences(
        added=[(code, new[code]["name"]) for code in sorted(new.keys() - old.keys())],
        removed=[(code, old[code]["name"]) for code in sorted(old.keys() - new.keys())],
    )
    same = 0
    for code in sorted(old.keys() & new.keys()):
        values = [
            (label, shown(old[code].get(name)), shown(new[code].get(name)))
            for name, label in labels.items()
            if old[code].get(name) != new[code].get(name)
        ]
        if values:
            found.changed.append(Changed(code, new[code]["name"], values))
        else:
            same += 1
    return Differences(found.added, found.removed, found.changed, same)


def shown(value: Any) -> str:
    """A value as a person reads it: « oui », « 1234,50 », « 5 = 0,00 | 20 = 12,50 », or a dash."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if value in (None, "", ()):
        return "–"
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return " | ".join(f"{shown(bound)} = {shown(amount)}" for bound, amount in value)
    return str(value)
