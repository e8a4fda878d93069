"""What a dry run and a comparison show: counts, sums, the first rows, rejects and faults."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.detection import PREVIEW, Outcome
from billing.formats.faults import Fault, figure
from billing.formats.fields import field_label
from billing.trials import is_passed

CELLS_SHOWN = 40
"""Differing cells listed by a comparison."""


def trial_page(outcome: Outcome) -> dict[str, Any]:
    """Everything that ``staff_version_try.html`` shows of an outcome."""
    codes = [*outcome.counts, *(code for code in outcome.rejected if code not in outcome.counts)]
    return {
        "passed": is_passed(outcome),
        "parts": [_part(outcome, code) for code in codes],
        "blocking": [told(fault) for fault in outcome.faults if fault.is_blocking],
        "noticed": [told(fault) for fault in outcome.faults if not fault.is_blocking],
    }


def told(fault: Fault) -> str:
    """A fault as one sentence that begins with its place."""
    return f"{fault.place} : {fault.message}"


def columns(*labels: str) -> list[dict[str, Any]]:
    """Plain headers of a table."""
    return [{"label": label} for label in labels]


def _part(outcome: Outcome, code: str) -> dict[str, Any]:
    frame = outcome.preview.get(code, pl.DataFrame())
    shown = [name for name in frame.columns if frame[name].null_count() < frame.height]
    return {
        "code": code,
        "count": outcome.counts.get(code, 0),
        "rejected": outcome.rejected.get(code, 0),
        "sums": [
            (field_label(key.removeprefix(f"{code}.")), figure(total))
            for key, total in outcome.sums.items()
            if key.startswith(f"{code}.") and total
        ],
        "columns": columns(*(field_label(name) for name in shown)),
        "rows": [[_cell(value) for value in row] for row in frame.select(shown).iter_rows()],
        "reject_columns": columns(_("Ligne"), _("Colonne"), _("Raison"), _("Texte lu")),
        "rejects": [
            [one.line, one.column or "–", one.reason, one.text or "–"]
            for one in outcome.rejects.get(code, [])[:PREVIEW]
        ],
    }


def comparison_page(one: Outcome, other: Outcome) -> dict[str, Any]:
    """Counts and sums of one file under two versions, and the first cells that differ."""
    rows = [
        *_measures(_("Lignes lues"), one.counts, other.counts),
        *_measures(_("Lignes rejetées"), one.rejected, other.rejected),
        *_measures(_("Somme"), one.sums, other.sums),
    ]
    return {
        "measures": rows,
        "differing": sum(row[-1] != "0" for row in rows),
        "cells": list(_cells(one, other)),
        "faults": [
            (_("Seulement sous cette version"), _only(one, other)),
            (_("Seulement sous l'autre"), _only(other, one)),
        ],
    }


def _measures(label: str, one: dict[str, Any], other: dict[str, Any]) -> Iterable[list[str]]:
    for key in dict.fromkeys((*one, *other)):
        first, second = Decimal(one.get(key, 0)), Decimal(other.get(key, 0))
        code, _dot, field = key.partition(".")
        name = f"{label}, {code}" + (f", {field_label(field)}" if field else "")
        gap = first - second
        yield [name, figure(first), figure(second), figure(gap) if gap else "0"]


def _cells(one: Outcome, other: Outcome) -> Iterable[list[str]]:
    """Cells of the first rows that the two versions read otherwise."""
    found = 0
    for code, frame in one.preview.items():
        beside = other.preview.get(code)
        if beside is None:
            continue
        for first, second in zip(
            frame.iter_rows(named=True), beside.iter_rows(named=True), strict=False
        ):
            for name in first:
                if first[name] != second.get(name) and found < CELLS_SHOWN:
                    found += 1
                    yield [
                        f"{code}, {first.get('line', '')}",
                        field_label(name),
                        _cell(first[name]),
                        _cell(second.get(name)),
                    ]


def _only(one: Outcome, other: Outcome) -> list[str]:
    there = {(fault.code, fault.place) for fault in other.faults}
    return [told(fault) for fault in one.faults if (fault.code, fault.place) not in there]


def _cell(value: object) -> str:
    """A canonical value as it is written on a page."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return figure(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else str(value)
