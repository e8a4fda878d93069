"""One corruption of a drawn file, anywhere, with the words that its refusal must say."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tests.billing.drawn.files import PAGE, Case
from tests.billing.drawn.values import FOREIGN, MARK, Row

CENT = Decimal("0.01")
BAD = b"\x81"
STRANGE = "Colonne étrangère"
PLACE = re.compile(r"^(frais[-\w.]*(, [^:]+)?|compte \d+|fichier) : ", re.MULTILINE)
"""A refusal begins with its place: of a file that is cut or of another mark, no one line."""


@dataclass(frozen=True)
class Spoiled:
    """The bytes of the file, and what its refusal must match somewhere."""

    data: bytes
    told: re.Pattern[str] = PLACE
    is_seen: bool = True


def dropped(case: Case, at: int) -> Spoiled:
    """A row is missing; one that means no charge may not be."""
    place = at % len(case.rows)
    held = case.rows[:place] + case.rows[place + 1 :]
    return _off(case, held, at, is_seen=_is_charged(case, at))


def doubled(case: Case, at: int) -> Spoiled:
    """A row is there twice; one that means no charge may be."""
    place = at % len(case.rows)
    held = case.rows[: place + 1] + case.rows[place:]
    return _off(case, held, at, is_seen=_is_charged(case, at))


def changed(case: Case, at: int) -> Spoiled:
    """An amount or its tax is off by one cent; one that means no charge has no tax."""
    if at // len(case.rows) % len(case.summed):
        held = _one(case, at, lambda row: replace(row, tps=CENT + (row.tps or 0)))
        return _off(case, held, at, is_seen=_is_charged(case, at))
    return _off(case, _one(case, at, _one_cent_more), at, is_seen=True)


def foreign(case: Case, at: int) -> Spoiled:
    """A row is of an account that is nobody's; nothing is said of one that means no charge."""
    held = _one(case, at, lambda row: replace(row, account=FOREIGN))
    is_charged = _is_charged(case, at)
    line = rf"ligne \d+ : .*{FOREIGN}" if is_charged else PLACE.pattern
    return replace(_with(case, held), told=re.compile(line, re.MULTILINE), is_seen=is_charged)


def cut(case: Case, at: int) -> Spoiled:
    """The part ends too early; the end of what follows its totals is no loss.

    Where nothing follows the rows and the last line may not end, the cut is before the last one: a
    last text cut short is a text.
    """
    content, sheet = case.content(case.rows), case.sheet
    is_ended = sheet.total_row or sheet.told_below or not sheet.is_text or sheet.last_line_ends
    keep = at % (len(content if is_ended else case.content(case.rows[:-1])) or 1)
    left, lost = content[:keep], content[keep:].replace(b"\0", b"").decode("latin-1").strip()
    in_a_line = sheet.last_line_ends and not left.replace(b"\0", b"").endswith(b"\n")
    return Spoiled(case.packed(left), is_seen=in_a_line or not PAGE.endswith(lost))


def cut_package(case: Case, at: int) -> Spoiled:
    """The file that was sent ends too early."""
    if case.package == "none":
        return cut(case, at)
    data = case.packed(case.content(case.rows))
    return Spoiled(data[: at % len(data)])


def bad_byte(case: Case, at: int) -> Spoiled:
    """A byte that is no character."""
    content = case.content(case.rows)
    place = at % (len(content) + 1)
    data = case.packed(content[:place] + BAD + content[place:])
    line = content[:place].count(b"\n") + 1
    is_exact = case.sheet.is_text and case.sheet.encoding != "utf-16" and place >= 3
    told = re.compile(rf"ligne {line}\b") if is_exact else PLACE
    return Spoiled(data, told, is_seen=case.sheet.is_text)


def delimiter(case: Case, at: int) -> Spoiled:
    """Cells are cut by another mark."""
    other = replace(case, sheet=replace(case.sheet, delimiter="^"))
    data = case.packed(other.content(case.rows))
    return Spoiled(data, is_seen=case.sheet.reader == "delimited")


def renamed(case: Case, at: int) -> Spoiled:
    """A required column has another name; without names, nothing changes."""
    places = [n for n, cell in enumerate(case.sheet.cells) if _is_required(case, cell)]
    if not places:
        return Spoiled(case.packed(case.content(case.rows)), is_seen=False)
    names = list(case.sheet.names)
    names[places[at % len(places)]] = STRANGE
    sheet = replace(case.sheet, names=names)
    spoiled = replace(case, sheet=sheet)
    return Spoiled(
        spoiled.packed(spoiled.content(case.rows)), re.compile("La colonne|introuvable|signes")
    )


def _is_required(case: Case, cell: object) -> bool:
    pieces = (p for p in case.pieces if p.more.get("required", True) and p.cells)
    named = case.sheet.header != "none" or case.sheet.reader == "keyed"
    is_read = any(p.cells[0] is cell for p in pieces if not _is_carried(case, p.field))
    return named and is_read


def _is_carried(case: Case, field: str) -> bool:
    return field == "account" and case.sheet.carried


def _with(case: Case, held: Sequence[Row]) -> Spoiled:
    return Spoiled(case.packed(case.content(held)))


def _off(case: Case, held: Sequence[Row], at: int, *, is_seen: bool) -> Spoiled:
    """A total is off: it names the row's account, or its own line, or it is the whole file's."""
    told = r"^fichier : (Rangs|Frais|Taxes) \("
    if case.has_statement:
        told = rf"^compte {case.rows[at % len(case.rows)].account} : Sommaire \("
    elif case.sheet.total_row:
        told = rf"^{re.escape(case.member)}, ligne {_total_line(case, held)} : Le total « "
    return Spoiled(case.packed(case.content(held)), re.compile(told, re.MULTILINE), is_seen)


def _total_line(case: Case, held: Sequence[Row]) -> int:
    if case.sheet.is_text:
        return case.text(held).split(f"{MARK}TOTAL")[0].count("\n") + 1
    return next(n for n, line in enumerate(case.lines(held), 1) if line[0] == f"{MARK}TOTAL")


def _one(case: Case, at: int, change: Callable[[Row], Row]) -> list[Row]:
    place = at % len(case.rows)
    return [change(row) if n == place else row for n, row in enumerate(case.rows)]


def _one_cent_more(row: Row) -> Row:
    wide = (CENT + (row.wide[0] or 0), *row.wide[1:])
    return replace(row, amount=row.amount + CENT, wide=wide)


def _is_charged(case: Case, at: int) -> bool:
    """Whether the row means at least one charge: a wide one of zeros alone means none."""
    return bool(case.charges(case.rows[at % len(case.rows)]))


KINDS: dict[str, Callable[[Case, int], Spoiled]] = {
    "dropped": dropped,
    "doubled": doubled,
    "changed": changed,
    "foreign": foreign,
    "cut": cut,
    "cut_package": cut_package,
    "bad_byte": bad_byte,
    "delimiter": delimiter,
    "renamed": renamed,
}
