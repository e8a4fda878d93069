"""Judgement on a fleet's file against what is known: faults, or what it would create (F-45)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from orders.fleet_sheet import SCHEMA
from portal.tabular import Fault, SheetRow
from portal.tabular.values import fold

_BLANK = {column.name: column.default for column in SCHEMA.columns}

HolderKey = tuple[str, str]
"""("employee number", "") when there is one; otherwise ("", the name folded)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the portal holds before the take-over, in plain values.

    ``accounts``: number → id of the member's accounts at the provider. ``busy``: numbers in
    service at the date, or later. ``centres``: code → id; ``retired_centres``: codes. ``holders``:
    key → id of the branch's holders. ``offers``: code or name → (id, name, flexible).
    """

    accounts: dict[str, int] = field(default_factory=dict)
    busy: frozenset[str] = frozenset()
    centres: dict[str, int] = field(default_factory=dict)
    retired_centres: frozenset[str] = frozenset()
    holders: dict[HolderKey, int] = field(default_factory=dict)
    plans: dict[str, tuple[int, str, bool]] = field(default_factory=dict)
    devices: dict[str, tuple[int, str, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewHolder:
    """A holder to add to the branch."""

    name: str
    function: str
    employee_number: str


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What the file would create; nothing of it when there is a fault."""

    faults: list[Fault]
    new_holders: dict[HolderKey, NewHolder]
    new_centres: dict[str, str]
    known_holder_count: int

    def summary(self, line_count: int) -> dict[str, Any]:
        """What the dry run tells, as plain JSON."""
        return {
            "lines": line_count,
            "new_holders": len(self.new_holders),
            "known_holders": self.known_holder_count,
            "new_cost_centres": sorted(self.new_centres),
        }


def judge_fleet(rows: Sequence[SheetRow], known: Known) -> TakeOver:
    """Every fault of every row against what is known, and what is new in it.

    A row may lack the values that could not be read: their faults are told already.
    """
    faults: list[Fault] = []
    holders: dict[HolderKey, NewHolder] = {}
    centres: dict[str, str] = {}
    found: set[HolderKey] = set()
    for row in rows:
        values = _BLANK | row.values
        faults += [
            Fault(row.line, SCHEMA.label(name), reason) for name, reason in _faults(values, known)
        ]
        key = holder_key(values)
        if key in known.holders:
            found.add(key)
        elif key:
            first = holders.setdefault(key, _holder(values))
            if fold(first.name) != fold(_holder(values).name):
                reason = _(
                    "Le matricule %(number)s est aussi donné à « %(name)s » : lequel est-ce ?"
                )
                told = reason % {"number": key[0], "name": first.name}
                faults.append(Fault(row.line, SCHEMA.label("employee_number"), told))
        code = values["cost_centre"]
        if code and code not in known.centres:
            centres[code] = centres.get(code) or values["cost_centre_name"]
    return TakeOver(faults, holders, centres, len(found))


def holder_key(values: dict[str, Any]) -> HolderKey | None:
    """Who holds the line: one employee number is one person, otherwise one name is."""
    if values["employee_number"]:
        return values["employee_number"], ""
    name = values["holder_name"] or values["holder_function"]
    return ("", fold(name)) if name else None


def _holder(values: dict[str, Any]) -> NewHolder:
    """A shared post is named by its function."""
    return NewHolder(
        name=values["holder_name"] or values["holder_function"],
        function=values["holder_function"] if values["holder_name"] else "",
        employee_number=values["employee_number"],
    )


def _faults(values: dict[str, Any], known: Known) -> list[tuple[str, str]]:
    """What the portal knows against one row: (column, reason)."""
    faults = []
    if values["account"] and values["account"] not in known.accounts:
        reason = _(
            "Le compte %(account)s n'est pas inscrit chez ce prestataire : l'interlocuteur "
            "l'inscrit d'abord."
        )
        faults.append(("account", reason % {"account": values["account"]}))
    if values["number"] in known.busy:
        reason = _("Ce numéro est déjà en service à cette date, ou après.")
        faults.append(("number", reason))
    if values["cost_centre"] in known.retired_centres:
        reason = _("Le centre de coûts %(code)s est retiré : remettez-le en usage, ou changez-le.")
        faults.append(("cost_centre", reason % {"code": values["cost_centre"]}))
    return faults
