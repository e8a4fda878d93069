"""The XML of a workbook, streamed before anything parses it: entities, far cells (X-19).

Only counts and references are kept: memory does not grow with the sheet.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from xml.parsers import expat

from django.utils.translation import gettext as _

from portal.tabular.table import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    TableRefused,
    too_many_columns,
    too_many_rows,
)

MAX_ELEMENTS = 6_000_000
MAX_TEXT = 64_000_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.IGNORECASE)


class SheetCheck:
    """What is counted over the whole workbook: elements, cells' places, texts repeated by cells."""

    def __init__(self) -> None:
        self.elements = 0
        self.text = 0
        self.lengths: list[int] = []


class _Reading:
    """The handlers of one member; ``strings`` says that it holds the shared texts."""

    def __init__(self, check: SheetCheck, *, strings: bool) -> None:
        self.check = check
        self.strings = strings
        self.row = self.column = 0
        self.widest = self.lowest = 0
        self.shared = self.in_value = False
        self.value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins: count it, place it."""
        self.check.elements += 1
        if self.check.elements > MAX_ELEMENTS:
            raise TableRefused(too_many_rows())
        name = tag.rpartition(":")[2]
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            self._row(attributes)
        elif name == "v":
            self.in_value, self.value = self.shared, ""
        elif name == "si" and self.strings:
            self.check.lengths.append(0)

    def end(self, tag: str) -> None:
        """A value ends: add the length of the shared text it repeats."""
        if not self.in_value or tag.rpartition(":")[2] != "v":
            return
        self.in_value = False
        index = int(self.value) if self.value.isdecimal() else len(self.check.lengths)
        if index >= len(self.check.lengths):
            raise TableRefused(_("Le classeur est abîmé : un texte manque à une cellule."))
        self.check.text += self.check.lengths[index]
        if self.check.text > MAX_TEXT:
            raise TableRefused(too_many_rows())

    def text(self, data: str) -> None:
        """The number of a shared text, or some characters of one."""
        if self.in_value:
            self.value += data[:10]
        elif self.strings and self.check.lengths:
            self.check.lengths[-1] += len(data)

    def _row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self.row = int(number) if number.isdecimal() else self.row + 1
        self.column = 0

    def _cell(self, attributes: dict[str, str]) -> None:
        """Place the cell as calamine would, and hold the limits."""
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        else:
            self.column, self.row = _place(reference)
        self.widest, self.lowest = max(self.widest, self.column), max(self.lowest, self.row)
        if self.widest > MAX_COLUMNS:
            raise TableRefused(too_many_columns())
        if self.lowest > MAX_ROWS + 1 or self.widest * self.lowest > MAX_CELLS:
            raise TableRefused(too_many_rows())
        kind = attributes.get("t")
        self.shared = kind == "s"
        if kind == "e":
            raise TableRefused(
                _("La cellule %(place)s contient une erreur de calcul : corrigez-la.")
                % {"place": reference or f"{self.row}:{self.column}"}
            )


def refuse_hostile_xml(chunks: Iterable[bytes], check: SheetCheck, path: PurePosixPath) -> None:
    """Stream one member through expat; raises TableRefused on a DOCTYPE, damage or a limit."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    reading = _Reading(check, strings=path.name.lower() == "sharedstrings.xml")
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise TableRefused(
            _("Le classeur est abîmé : enregistrez-le à nouveau, ou en CSV.")
        ) from error


def _refuse_doctype(*details: object) -> None:
    """A spreadsheet never declares a document type or an entity."""
    raise TableRefused(
        _("Le classeur est refusé sans être ouvert : il déclare des entités (DOCTYPE).")
    )


def _place(reference: str) -> tuple[int, int]:
    """Column and row of a reference such as « C12 »."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise TableRefused(
            _("Le classeur est abîmé : la cellule « %(place)s » n'existe pas.")
            % {"place": reference[:20]}
        )
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return column, int(match[2])
