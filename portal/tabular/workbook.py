"""XLSX to rows: the archive is checked before anything parses it, then read by calamine (X-19).

Calamine never sees the uploaded bytes: it reads an archive rebuilt from the members that were
inflated here under limits, so that what was checked is what is parsed.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext as _
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from portal.tabular.sheet_xml import SheetCheck, refuse_hostile_xml
from portal.tabular.table import TableRefused

MAX_MEMBERS = 500
MAX_DIRECTORY = 100_000
MAX_INFLATED = 64_000_000
MAX_RATIO = 250
RATIO_FROM = 1_000_000
CHUNK = 65_536
EXACT_DIGITS = 15
DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
    EOFError,
    OSError,
)
"""What ``zipfile`` raises on an archive that lies: UnicodeDecodeError of a name among others."""
_END = struct.Struct("<4s4H2LH")
_NESTED = (".zip", ".xlsx", ".xlsm", ".docx", ".pptx", ".jar", ".gz", ".7z", ".rar")
_KEPT = (".xml", ".rels")


def read_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number and trimmed cells of each row of the first visible sheet."""
    safe = checked_archive(content)
    try:
        sheet = _first_visible(load_workbook(safe))
        # Calamine begins at the first column that is used, and keeps the rows above the first one.
        before = [""] * (sheet.start[1] if sheet.start else 0)
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, before + [_text(cell, number) for cell in cells]
    except (CalamineError, ValueError, OSError) as error:
        raise TableRefused(_damaged()) from error


def checked_archive(content: bytes) -> io.BytesIO:
    """The archive rebuilt from its XML members, each inflated and checked under limits (X-19).

    Raises TableRefused.
    """
    _check_directory(content)
    safe = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as archive,
            zipfile.ZipFile(safe, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as rebuilt,
        ):
            members = archive.infolist()
            _check_members(members)
            strings = [m for m in members if m.filename.lower() == "xl/sharedstrings.xml"]
            others = [m for m in members if m not in strings]
            check = SheetCheck()
            for member in strings + others:
                _check_and_copy(archive, member, rebuilt, check)
    except DAMAGE as error:
        raise TableRefused(_damaged()) from error
    safe.seek(0)
    return safe


def _check_directory(content: bytes) -> None:
    """The list of members is short, at the very end, and of the plain kind that spreadsheets write.

    Read before ``zipfile``, which would load half a million entries into memory.
    """
    if len(content) < _END.size:
        raise TableRefused(_damaged())
    mark, disk, first, here, members, size, start, comment = _END.unpack(content[-_END.size :])
    if mark != b"PK\x05\x06" or comment or disk or first or here != members:
        raise TableRefused(_damaged())
    if members > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise TableRefused(_hostile(_("il contient trop de fichiers")))
    if start + size + _END.size != len(content):
        raise TableRefused(_damaged())


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    """Names, sizes and ratios as the archive declares them."""
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise TableRefused(_hostile(_("deux de ses parties portent le même nom")))
    if sum(member.file_size for member in members) > MAX_INFLATED:
        raise TableRefused(_hostile(_("une fois ouvert, il serait démesuré")))
    for member in members:
        if member.flag_bits & 0x1:
            raise TableRefused(_("Ce classeur est chiffré : enregistrez-le sans mot de passe."))
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise TableRefused(_hostile(_("une de ses parties est comprimée autrement")))
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > RATIO_FROM and ratio > MAX_RATIO:
            raise TableRefused(_hostile(_("une de ses parties est démesurément comprimée")))
        if member.filename.lower().endswith(_NESTED):
            raise TableRefused(_hostile(_("il contient une autre archive")))


def _check_and_copy(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, rebuilt: zipfile.ZipFile, check: SheetCheck
) -> None:
    """Inflate one member, never more than it declares; copy it when it is XML of the workbook."""
    path = PurePosixPath(member.filename)
    kept = member.filename.lower().endswith(_KEPT)
    with archive.open(member) as source:
        if not kept:
            if source.read(4) == b"PK\x03\x04":
                raise TableRefused(_hostile(_("il contient une autre archive")))
            return
        with rebuilt.open(member.filename, "w") as target:
            refuse_hostile_xml(_chunks(source, target), check, path)


def _chunks(source: IO[bytes], target: IO[bytes]) -> Iterator[bytes]:
    """The member's bytes, copied on their way."""
    while chunk := source.read(CHUNK):
        target.write(chunk)
        yield chunk


def _first_visible(book: CalamineWorkbook) -> CalamineSheet:
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            return book.get_sheet_by_name(sheet.name)
    raise TableRefused(_("Le classeur n'a aucune feuille visible."))


def _text(cell: object, line: int) -> str:
    """A cell as trimmed text: dates ISO, whole numbers without « .0 », decimals with a dot."""
    if isinstance(cell, str):
        return cell.strip().strip("\ufeff\u200b")
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, int | float):
        return _number(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        return str(cell)
    raise TableRefused(_("La ligne %(line)s contient une cellule inconnue.") % {"line": line})


def _number(value: float) -> str:
    """Fifteen significant digits, all that a spreadsheet keeps; beyond, as it shows them (E+)."""
    if value.is_integer() and abs(value) < 10**EXACT_DIGITS:
        return str(int(value))
    text = f"{value:.{EXACT_DIGITS}g}"
    if "e" not in text:
        return text
    return text.upper() if abs(value) >= 1 else f"{value:.20f}".rstrip("0").rstrip(".")


def _damaged() -> str:
    return _(
        "Le classeur est abîmé ou n'est pas un fichier .xlsx : enregistrez-le à nouveau, ou en CSV."
    )


def _hostile(reason: str) -> str:
    return _(
        "Le classeur est refusé sans être ouvert : %(reason)s. Copiez ses données dans un "
        "nouveau classeur, ou enregistrez-le en CSV."
    ) % {"reason": reason}
