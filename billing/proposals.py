"""A definition drawn from a sample, and one that follows the headers that a file now has."""

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from billing.formats.canonical import FILLED, Category, Entity
from billing.formats.detection import Proposal, ProposedColumn
from billing.formats.drifts import Drift
from billing.formats.shipped import shipped_definitions
from billing.kinds import FileKind
from portal.tabular.values import fold

ENTITIES = {
    FileKind.PACKAGE: Entity.CHARGE,
    FileKind.CHARGES: Entity.CHARGE,
    FileKind.SUMMARY: Entity.CHARGE,
    FileKind.USAGE: Entity.USAGE,
    FileKind.INVENTORY: Entity.INVENTORY,
}
_COMMA = re.compile(r"^[-(]?\d[\d\s\u00a0]*,\d{2,4}\)?-?$")
_UNITS = {"sec": "second", "min": "minute", "msg": "message", "B": "byte", "KB": "kilobyte"}
_CATEGORIES = frozenset(category.value for category in Category)
_SIGNS = 3
"""Headers that recognise a part: enough to tell it from another, few enough to bear a drift."""


def proposed_definition(
    proposal: Proposal, *, provider: str, kind: FileKind, name: str
) -> dict[str, Any]:
    """The definition that a person starts from: that of the shipped profile whose headers the
    sample has, or one made of what was detected.

    It may still have faults: what no sample tells (units, totals, meaning) is left to be written.
    """
    shipped = shipped_definitions().get(proposal.nearest_profile or "")
    if shipped and shipped["provider"] == provider:
        start = deepcopy(shipped)
    else:
        start = {"provider": provider, "parts": [_part(proposal, ENTITIES[kind])]}
    return {**start, "code": code_of(name), "title": name, "note": ""}


def code_of(name: str) -> str:
    """A code of the vocabulary from a French name."""
    code = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:60]
    return code if code[:1].isalpha() else f"profil_{code}"[:60].rstrip("_")


def following(definition: dict[str, Any], part: str, drifts: Sequence[Drift]) -> dict[str, Any]:
    """The definition whose part also accepts the headers that a file now has.

    A renamed column keeps its former headers, so that earlier files still read; a column that the
    profile does not know is noted as one that it leaves unread.
    """
    followed = deepcopy(definition)
    spec = next(one for one in followed["parts"] if one["code"] == part)
    renamed = {found.header: found.nearest for found in drifts if found.kind == "absent"}
    taken = set()
    for headers in _accepted(spec):
        new = renamed.get(headers[0]) if headers else None
        if new and fold(new) not in map(fold, headers):
            headers.append(new)
            taken.add(fold(new))
    strange = [d.header for d in drifts if d.kind == "added" and fold(d.header) not in taken]
    if strange:
        spec["unread_columns"] = [*spec.get("unread_columns", []), *strange]
    return followed


def written(definition: object) -> str:
    """The definition as a person reads and changes it."""
    return json.dumps(definition, ensure_ascii=False, indent=2)


def _accepted(spec: dict[str, Any]) -> Iterator[list[str]]:
    """Every list of accepted headers of a part, to be changed in place."""
    for column in spec.get("columns", []):
        sources = [column.get("source") or {}]
        for step in column.get("transforms", []):
            sources += [*step.get("sources", []), step.get("source") or {}]
        yield from (source["headers"] for source in sources if source.get("headers"))
    yield from (wide["headers"] for wide in spec.get("wide", []))
    yield from [spec["row_total"]] if spec.get("row_total") else []


def _part(proposal: Proposal, entity: Entity) -> dict[str, Any]:
    """What was detected, as a part that reads one delimited file."""
    known = [column for column in proposal.columns if column.field]
    unread = [column.header for column in proposal.columns if column not in known]
    signs = [column.header for column in known[:_SIGNS]]
    columns, wide = _columns(known, entity)
    part: dict[str, Any] = {
        "code": entity.value,
        "entity": entity.value,
        "signature": {"words": signs},
        "text": {
            "encodings": _encodings(proposal.encoding),
            "delimiter": proposal.delimiter,
            "quote": proposal.quote,
        },
        "reader": {"kind": "delimited"},
        "layout": {"header": {"kind": "containing", "words": signs}},
        "columns": columns,
        "unread_columns": unread,
        "values": _values(known, entity),
    }
    return {**part, "wide": wide} if wide else part


def _columns(
    known: Sequence[ProposedColumn], entity: Entity
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns, each field once, then amounts that each make a charge."""
    columns: dict[str, dict[str, Any]] = {}
    wide = []
    for column in known:
        if column.field in _CATEGORIES:
            charge = {"headers": [column.header], "category": column.field, "label": column.header}
            wide.append(charge)
        elif column.field and column.field not in columns:
            columns[column.field] = {
                "field": column.field,
                "source": {"headers": [column.header]},
                "required": column.field in FILLED[entity],
            }
    if wide and entity == Entity.CHARGE:
        columns.pop("amount", None)
        return list(columns.values()), wide
    return list(columns.values()), []


def _values(known: Sequence[ProposedColumn], entity: Entity) -> dict[str, Any]:
    """The decimal sign that the sample shows, and units to confirm."""
    comma = any(_COMMA.match(column.sample) for column in known)
    values: dict[str, Any] = {"decimal": ",", "groups": " \u00a0"} if comma else {"decimal": "."}
    if entity == Entity.USAGE:
        by = "unit" if any(column.field == "unit" for column in known) else "kind"
        values["quantities"] = {"by": by, "words": _UNITS, "base": 1024}
    return values


def _encodings(found: str) -> list[str]:
    """The one that was found, after the one that marks itself."""
    return [found] if found.startswith("utf") else ["utf-8-sig", found]
