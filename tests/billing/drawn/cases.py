"""The strategy of drawn files: a layout, an encoding, values, columns and controls, at random."""

from typing import Any

from hypothesis import strategies as st

from tests.billing.drawn import columns, others
from tests.billing.drawn.columns import WIDE, Cell, Piece
from tests.billing.drawn.files import Case, Sheet
from tests.billing.drawn.values import CATEGORIES, MARK, rows, ways

LETTERS = "abcXYZ éÉèçà'-0"
ENCODINGS = {
    "utf-8-sig": (LETTERS + "œ€日\u00a0", ["\u00a0", "\u202f"]),
    "utf-8": (LETTERS + "œ€日\u00a0", ["\u00a0", "\u202f"]),
    "utf-16": (LETTERS + "œ€日\u00a0", ["\u00a0", "\u202f"]),
    "cp1252": (LETTERS + "œ€–\u00a0", ["\u00a0"]),
    "iso-8859-1": (LETTERS + "ßÿ\u00a0", ["\u00a0"]),
}
"""Each encoding with letters that it has, and marks that may group thousands."""
CHOICES = {
    "delimited": ("row", "containing", "sidecar", "none"),
    "xlsx": ("row", "containing", "none"),
    "fixed_width": ("none",),
    "keyed": ("none",),
}
ACCEPTED = {
    "utf-8-sig": (["utf-8-sig"], ["utf-8-sig", "cp1252"], ["utf-8-sig", "utf-16"]),
    "utf-8": (["utf-8"], ["utf-8-sig", "cp1252"], ["utf-8", "iso-8859-1"]),
    "utf-16": (["utf-16"], ["utf-8-sig", "utf-16"]),
    "cp1252": (["cp1252"], ["utf-8-sig", "cp1252"], ["utf-8", "cp1252"]),
    "iso-8859-1": (["iso-8859-1"], ["utf-8", "iso-8859-1"]),
}
MOST_PAD = 2


@st.composite
def cases(draw: st.DrawFn, entity: str = "charge") -> Case:
    """A profile of charges, of use or of an inventory, and a clean file of it."""
    sheet = _sheet(draw)
    letters, groups = ENCODINGS[sheet.encoding]
    values = draw(ways("".join(groups)))
    held = draw(rows(_texts(sheet, letters)))
    is_named = entity == "charge" and (sheet.header != "none" or sheet.reader == "keyed")
    has_wide = is_named and draw(st.integers(0, 3)) == 3
    made, implied = {
        "charge": lambda: (_pieces(draw, values, has_wide=has_wide), {}),
        "usage": lambda: others.use(draw, values),
        "inventory": lambda: others.inventory(draw, values),
    }[entity]()
    pieces = list(draw(st.permutations(made)))
    has_statement = sheet.reader == "keyed" or draw(st.booleans())
    package = _package(draw, sheet, has_statement=has_statement)
    case = Case({}, held, pieces, sheet, values, package, has_wide, has_statement, entity, implied)
    _lay(draw, case)
    case.definition = _definition(draw, case)
    return case


def _sheet(draw: st.DrawFn) -> Sheet:
    reader = draw(st.sampled_from(["delimited"] * 3 + ["fixed_width", "xlsx", "keyed"]))
    quote = draw(st.sampled_from(['"', '"', "'", None])) if reader == "delimited" else None
    return Sheet(
        reader,
        encoding="utf-8" if reader == "xlsx" else draw(st.sampled_from(list(ENCODINGS))),
        delimiter=draw(st.sampled_from(["\t", "|", "~"] + [",", ";"] * bool(quote))),
        quote=quote,
        end=draw(st.sampled_from(["\n", "\r\n"])),
        header=draw(st.sampled_from(CHOICES[reader])),
        pads=0 if reader == "fixed_width" else draw(st.integers(0, MOST_PAD)),
        has_last_end=draw(st.booleans()),
    )


def _texts(sheet: Sheet, letters: str) -> st.SearchStrategy[str]:
    """Texts that the encoding and the reader can hold."""
    more = f"{sheet.delimiter}{sheet.quote}\n" if sheet.quote else ""
    if sheet.reader == "xlsx":
        more = ';"\n'
    text = st.text(letters + more, min_size=1, max_size=12)
    return text.map(str.strip).filter(lambda told: bool(told.strip("\u00a0 ")))


def _package(draw: st.DrawFn, sheet: Sheet, *, has_statement: bool) -> str:
    if has_statement or sheet.header == "sidecar":
        return "zip"
    return draw(st.sampled_from(["none", "zip"] + ["gzip"] * (sheet.reader != "xlsx")))


def _pieces(draw: st.DrawFn, values: dict[str, Any], *, has_wide: bool) -> list[Piece]:
    marks = draw(st.sampled_from([(), ("ACCOUNT",), ("Compte", "ACCOUNT")]))
    made = [columns.account(draw), columns.number(draw, marks)]
    optional = [columns.subscriber(draw), columns.quantity(draw)]
    optional += [columns.tax("tps_amount", ("TPS", "HST"), values)]
    made += [piece for piece in optional if draw(st.booleans())]
    if draw(st.booleans()):
        made += columns.period(draw, values)
    if not has_wide:
        made += [columns.label(draw), columns.amount(draw, values)]
        made.append(columns.category(draw) if draw(st.booleans()) else columns.code(draw))
    return made


def _lay(draw: st.DrawFn, case: Case) -> None:
    """The columns in their order, and the lines that are no row."""
    sheet = case.sheet
    sheet.carried = sheet.reader != "keyed" and draw(st.integers(0, 3)) == 3
    if sheet.carried:
        next(piece for piece in case.pieces if piece.field == "account").cells.clear()
    cells = [cell for piece in case.pieces for cell in piece.cells]
    if case.has_wide:
        cells += columns.wide_cells(case.values)
    cells += [Cell(("Non lue",), lambda row, _rng: str(row.seed))] * draw(st.integers(0, 1))
    cells = list(draw(st.permutations(cells)))
    named = sheet.header in ("row", "containing")
    rich = sheet.reader in ("delimited", "xlsx")
    sheet.typed = rich and draw(st.integers(0, 3)) == 3
    if sheet.typed:
        cells.insert(0, Cell((f"{MARK}Type",), lambda _row, _rng: "D"))
    sheet.cells = cells
    sheet.names = [_shown(draw, cell.headers) for cell in cells]
    sheet.sections = sheet.reader != "keyed" and draw(st.integers(0, 3)) == 3
    sheet.preamble = [["Rapport du mois"], ["Période", "janvier"]] * named * draw(st.integers(0, 1))
    _controls(draw, case, named=named, rich=rich)
    if sheet.reader == "fixed_width":
        texts = [case.cells_of(row) for row in case.rows]
        sheet.widths = [max(map(len, column)) + 3 for column in zip(*texts, strict=True)]


def _controls(draw: st.DrawFn, case: Case, *, named: bool, rich: bool) -> None:
    """At least one of those that see a row dropped and an amount changed."""
    sheet, statement = case.sheet, case.has_statement
    can_total = rich and len(sheet.cells) >= 2 + len(case.summed)
    offered = ["total_row"] * can_total + ["told_above"] * named
    offered += ["told_below"] * (sheet.reader != "keyed")
    least = 0 if statement else 1
    for name in draw(st.sets(st.sampled_from(offered or [""]), min_size=min(least, len(offered)))):
        if name:
            setattr(sheet, name, True)
    sheet.subtotals = can_total and draw(st.integers(0, 3)) == 3


def _shown(draw: st.DrawFn, headers: tuple[str, ...]) -> str:
    """One of the headers, in whatever case."""
    return str(draw(st.sampled_from([headers[0], headers[-1], headers[0].upper()])))


def _definition(draw: st.DrawFn, case: Case) -> dict[str, Any]:
    parts = [_part(draw, case)]
    equations = _fact_equations(case)
    if case.has_statement:
        parts.append(_statement_part(case))
        equations += _statement_equations(case.summed)
    return {
        "code": "essai",
        "provider": "telus",
        "title": "Essai",
        "package": {"kind": case.package},
        "parts": parts,
        "controls": {"equations": equations},
    }


def _part(draw: st.DrawFn, case: Case) -> dict[str, Any]:
    sheet = case.sheet
    reader: dict[str, Any] = {"kind": sheet.reader}
    if sheet.reader == "fixed_width":
        reader["length"] = sum(sheet.widths)
    part: dict[str, Any] = {
        "code": "charges",
        "entity": case.entity,
        "signature": _signature(draw, sheet),
        "text": _text(draw, sheet),
        "reader": reader,
        "layout": _layout(draw, case),
        "columns": [_column(case, piece) for piece in case.pieces],
        "unread_columns": ["Non lue", f"{MARK}Type"],
        "unknown_columns": draw(st.sampled_from(["reject", "warn", "keep"])),
        "values": case.values,
        "meaning": {
            "rules": [
                {"field": "code", "match": "is", "text": code, "category": category}
                for code, category in CATEGORIES.items()
                if code != "INCONNU"
            ],
            "account_marks": ["account", "COMPTE"],
        },
    }
    if case.has_wide:
        cells = [cell for cell in sheet.cells if cell.headers in _wide_headers()]
        cells.sort(key=lambda cell: _wide_headers().index(cell.headers))
        part["wide"] = [
            {**told, "headers": list(cell.headers)} for told, cell in zip(WIDE, cells, strict=True)
        ]
    if sheet.header == "sidecar":
        part["sidecar"] = {"name": "^entetes"}
    return part


def _wide_headers() -> list[tuple[str, ...]]:
    return [cell.headers for cell in columns.wide_cells({})]


def _text(draw: st.DrawFn, sheet: Sheet) -> dict[str, Any]:
    sheet.last_line_ends = sheet.has_last_end and draw(st.booleans())
    return {
        "encodings": draw(st.sampled_from(ACCEPTED[sheet.encoding])),
        "delimiter": sheet.delimiter,
        "quote": sheet.quote,
        "line_end": draw(st.sampled_from(["any", _end_declared(sheet)])),
        "last_line_ends": sheet.last_line_ends,
    }


def _end_declared(sheet: Sheet) -> str:
    """A cell between quotes may hold a line end of the other kind."""
    return "lf" if sheet.end == "\n" else "any" if sheet.quote else "crlf"


def _signature(draw: st.DrawFn, sheet: Sheet) -> dict[str, Any]:
    if sheet.header in ("row", "containing") and draw(st.booleans()):
        return {"words": [draw(st.sampled_from(_words(sheet)))]}
    return {"name": "^frais_"}


def _words(sheet: Sheet) -> list[str]:
    """Headers that tell the header's line from the others."""
    return [cell.headers[0] for cell in sheet.cells if cell.headers[0][0] != MARK]


def _layout(draw: st.DrawFn, case: Case) -> dict[str, Any]:
    sheet = case.sheet
    told: dict[str, Any] = {"header": _header(draw, case), "facts": _facts(case)}
    if sheet.told_below:
        told["footer"] = _rule("FIN")
    if sheet.typed:
        told["records"] = {"cell": 1, "kept": ["D"], "ignored": ["X"]}
    if sheet.sections:
        told["sections"] = [
            {"rule": _rule("Frais"), "is_kept": True},
            {"rule": _rule("Autres"), "is_kept": False},
        ]
    if sheet.carried:
        heading = {"rule": _rule("Compte"), "name": "compte", "pattern": rf"^{MARK}Compte (\d+)"}
        told["headings"] = [heading]
    scopes = [("TOTAL", "file")] * sheet.total_row
    scopes += [("SOUS-TOTAL", "since_last")] * sheet.subtotals
    told["totals"] = [
        {"rule": _rule(word), "cell": cell, "field": field, "scope": scope}
        for word, scope in scopes
        for cell, field in enumerate([None, *case.summed], start=2)
    ]
    return told


def _rule(word: str) -> dict[str, Any]:
    return {"cell": 1, "pattern": f"^{MARK}{word}"}


def _header(draw: st.DrawFn, case: Case) -> dict[str, Any]:
    sheet = case.sheet
    match sheet.header:
        case "row":
            lines = len(sheet.preamble) + (1 + len(case.summed)) * sheet.told_above
            return {"kind": "row", "number": lines + 1}
        case "containing":
            words = draw(st.lists(st.sampled_from(_words(sheet)), min_size=2, max_size=3))
            return {"kind": "containing", "words": words}
        case "sidecar":
            return {"kind": "sidecar", "name": r"^(.+)\|30"}
    return {"kind": "none", "cells": len(sheet.cells)}


MEASURES = (("rangs", "rows"), ("frais", "sum"), ("taxes", "sum"))
"""What a file tells of itself above or below its rows; taxes, where it has some."""


def _facts(case: Case) -> list[dict[str, Any]]:
    day = r"(\d{4}-\d\d-\d\d)"
    found = [
        {"name": "period_start", "place": "name", "pattern": f"_{day}_"},
        {"name": "period_end", "place": "name", "pattern": rf"_{day}\."},
    ]
    for place, word in _places(case.sheet):
        for what, _measure in MEASURES[: 1 + len(case.summed)]:
            pattern = rf"^{word} {what} : (.+)"
            found.append({"name": f"{what}_{place}", "place": place, "pattern": pattern})
    return found


def _places(sheet: Sheet) -> list[tuple[str, str]]:
    return [("preamble", "Haut")] * sheet.told_above + [("footer", "Bas")] * sheet.told_below


def _fact_equations(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "code": f"{what}_{place}",
            "title": f"{what.capitalize()} ({place})",
            "per": "file",
            "left": [{"part": "charges", "measure": measure, "field": field}],
            "right": [{"part": "charges", "measure": "fact", "field": f"{what}_{place}"}],
        }
        for place, _word in _places(case.sheet)
        for (what, measure), field in zip(MEASURES, [None, *case.summed], strict=False)
    ]


def _column(case: Case, piece: Piece) -> dict[str, Any]:
    sheet = case.sheet
    sources = [_source(sheet, cell) for cell in piece.cells]
    told: dict[str, Any] = {"field": piece.field, "transforms": piece.steps(sources), **piece.more}
    if sources:
        told["source"] = sources[0]
    if piece.field == "account" and sheet.carried:
        told |= {"source": {"carried": "compte"}, "transforms": []}
    return told


def _source(sheet: Sheet, cell: Cell) -> dict[str, Any]:
    place = next(n for n, held in enumerate(sheet.cells) if held is cell)
    if sheet.reader == "fixed_width":
        return {"start": sum(sheet.widths[:place]) + 1, "width": sheet.widths[place]}
    if sheet.header == "none" and sheet.reader != "keyed":
        return {"position": place + 1}
    return {"headers": list(cell.headers)}


def _statement_part(case: Case) -> dict[str, Any]:
    return {
        "code": "sommaire",
        "entity": "statement",
        "signature": {"name": "^sommaire"},
        "text": {"delimiter": ";"},
        "reader": {"kind": "delimited"},
        "layout": {"header": {"kind": "row"}},
        "columns": [
            {"field": field, "source": {"headers": [header]}}
            for field, header in case.stated.items()
        ],
    }


def _statement_equations(summed: list[str]) -> list[dict[str, Any]]:
    sums = [{"part": "charges", "field": field} for field in summed]
    told = [
        ("comptes", [{"part": "charges", "measure": "rows"}], "charge_count"),
        ("frais", sums[:1], "new_charges_amount"),
        *(("taxes", sums[1:], "tps_amount") for _tax in sums[1:]),
        ("du", sums, "total_due_amount"),
    ]
    return [
        {
            "code": code,
            "title": f"Sommaire ({code})",
            "left": left,
            "right": [{"part": "sommaire", "field": field}],
        }
        for code, left, field in told
    ]
