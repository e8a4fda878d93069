"""The profile that a file most looks like, so that what is wrong with it is told in its terms."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from billing.formats.archive import Member, members_of
from billing.formats.definition import Profile, headers_of
from billing.formats.faults import FormatRefused
from billing.formats.package import HEAD_BYTES, has, readable, workbook_rows
from portal.tabular.values import fold

_BETWEEN = re.compile(r"[;,\t|:\r\n]+")
_HEAD = 20
ZIP = b"PK\x03\x04"


def nearest(path: Path, name: str, profiles: Sequence[Profile]) -> Profile:
    """The profile with the most of its headers in the file; then the one its name or kind says."""
    return max(profiles, key=lambda profile: _likeness(path, name, profile))


def _likeness(path: Path, name: str, profile: Profile) -> tuple[int, bool, bool]:
    workbooks = any(part.reader.kind == "xlsx" for part in profile.parts)
    with path.open("rb") as stream:
        is_packed = stream.read(4) == ZIP
    is_book = is_packed and name.lower().endswith(".xlsx")
    kind = (workbooks, profile.package.kind == "zip") == (is_book, is_packed and not is_book)
    try:
        members = members_of(path, name, profile.package, workbooks=workbooks)
    except FormatRefused:
        return 0, False, kind
    known = {fold(h) for part in profile.parts for group in headers_of(part) for h in group}
    there = set().union(*(map(fold, _words(member, profile)) for member in members))
    signs = [part.signature.name for part in profile.parts if part.signature.name]
    named = any(has(member.name, sign) for sign in signs for member in members)
    return len(known & there), named, kind


def _words(member: Member, profile: Profile) -> Iterable[str]:
    """The texts between marks at the beginning of a member, whatever the mark."""
    encodings = [name for part in profile.parts for name in part.text.encodings]
    try:
        with member.open() as stream:
            start = stream.read(HEAD_BYTES)
            if start.startswith(ZIP):
                stream.seek(0)
                rows = zip(range(_HEAD), workbook_rows(stream, member.name), strict=False)
                return [cell for _number, (_line, cells) in rows for cell in cells]
    except (FormatRefused, OSError):
        return []
    text = "\n".join(readable(start, encodings).split("\n")[:_HEAD])
    return [word.strip(' "') for word in _BETWEEN.split(text)]
